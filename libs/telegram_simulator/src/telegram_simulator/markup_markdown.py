"""parse_mode=MarkdownV2, and the legacy Markdown."""

import re

from telegram_simulator.entities import entity, units
from telegram_simulator.refusals import BotApiError, JsonObject, bad_request

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_PAIRS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
_NAMES = {"bold": "Bold", "italic": "Italic", "underline": "Underline", "strikethrough": "Strikethrough", "spoiler": "Spoiler"}  # fmt: skip
_URL = re.compile(r"\(((?:\\.|[^\\)])*)\)", re.DOTALL)
_ESCAPE = re.compile(r"\\([\x01-\x7e])")


class _Reader:
    """Reads MarkdownV2 from left to right; `opened` holds (mark, offset in units, index) of what is not closed yet."""

    def __init__(self, text: str, *, legacy: bool) -> None:
        self.text = text
        self.legacy = legacy
        self.index = 0
        self.plain: list[str] = []
        self.length = 0
        self.opened: list[tuple[str, int, int]] = []
        self.entities: list[JsonObject] = []
        self.quote: int | None = None

    def put(self, piece: str) -> None:
        self.plain.append(piece)
        self.length += units(piece)

    def add(self, kind: str, offset: int, **more: str) -> None:
        if self.length > offset:
            self.entities.append(entity(kind, offset, self.length - offset, **more))

    def read(self) -> tuple[str, list[JsonObject]]:
        while self.index < len(self.text):
            self.step()
        self.end_quote()
        if self.opened:
            mark, _, index = self.opened[-1]
            raise self.wrong(f"Can't find end of {_NAMES.get(_PAIRS.get(mark, ''), 'TextUrl')} entity", index)
        self.entities.sort(key=lambda one: (one["offset"], -one["length"]))
        return "".join(self.plain), self.entities

    def step(self) -> None:
        text, index = self.text, self.index
        character = text[index]
        if not self.legacy and character == ">" and (index == 0 or text[index - 1] == "\n"):
            self.quote = self.length if self.quote is None else self.quote
            self.index += 1
        elif character == "\n":
            if self.quote is not None and text[index + 1 : index + 2] != ">":
                self.end_quote()
            self.put("\n")
            self.index += 1
        elif character == "\\" and index + 1 < len(text) and (not self.legacy or text[index + 1] in "_*`["):
            self.put(text[index + 1])
            self.index += 2
        elif character == "`":
            self.code()
        elif character == "[" or text.startswith("![", index):
            self.opened.append(("[", self.length, index))
            self.index += 1 if character == "[" else 2
        elif character == "]" and self.opened and self.opened[-1][0] == "[":
            self.link()
        else:
            self.mark(character)

    def mark(self, character: str) -> None:
        double = self.text[self.index : self.index + 2]
        mark = double if not self.legacy and double in _PAIRS else character
        if mark in _PAIRS and not (self.legacy and mark not in "*_"):
            if self.opened and self.opened[-1][0] == mark:
                _, offset, _ = self.opened.pop()
                self.add(_PAIRS[mark], offset)
            elif any(opened == mark for opened, _, _ in self.opened):
                unclosed, _, index = self.opened[-1]
                raise self.wrong(f"Can't find end of {_NAMES.get(_PAIRS.get(unclosed, ''), 'TextUrl')} entity", index)
            else:
                self.opened.append((mark, self.length, self.index))
            self.index += len(mark)
        elif character in _RESERVED and not self.legacy:
            raise bad_request(
                f"can't parse entities: Character '{character}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            self.put(character)
            self.index += 1

    def code(self) -> None:
        fence = "```" if self.text.startswith("```", self.index) else "`"
        end = self.text.find(fence, self.index + len(fence))
        while end > 0 and self.text[end - 1] == "\\":
            end = self.text.find(fence, end + 1)
        if end < 0:
            raise self.wrong(f"Can't find end of {'Pre' if len(fence) > 1 else 'Code'} entity", self.index)
        content = _ESCAPE.sub(r"\1", self.text[self.index + len(fence) : end])
        more: dict[str, str] = {}
        if len(fence) > 1:
            head, newline, rest = content.partition("\n")
            if newline and head and not re.search(r"\s", head):
                more = {"language": head}
            content = rest if newline and (more or not head) else content
        offset = self.length
        self.put(content)
        self.add("pre" if len(fence) > 1 else "code", offset, **more)
        self.index = end + len(fence)

    def link(self) -> None:
        _, offset, index = self.opened.pop()
        match = _URL.match(self.text, self.index + 1)
        if match is None:
            if not self.legacy:
                raise self.wrong("Can't find end of a URL", index)
            self.index += 1
            return
        url = _ESCAPE.sub(r"\1", match.group(1))
        self.index = match.end()
        if self.text[index] == "!":
            self.add("custom_emoji", offset, custom_emoji_id=url.rpartition("id=")[2])
        elif "." in url or "://" in url:
            self.add("text_link", offset, url=url)

    def end_quote(self) -> None:
        if self.quote is not None:
            self.add("blockquote", self.quote)
            self.quote = None

    def wrong(self, what: str, index: int) -> BotApiError:
        at = len(self.text[:index].encode("utf-8", "surrogatepass"))
        return bad_request(f"can't parse entities: {what} at byte offset {at}")


def parse_markdown(text: str, *, legacy: bool = False) -> tuple[str, list[JsonObject]]:
    """Return the text without marks, and its entities; "can't parse entities" when a mark is wrong."""
    return _Reader(text, legacy=legacy).read()
