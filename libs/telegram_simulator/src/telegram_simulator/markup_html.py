"""parse_mode=HTML."""

import html
import re

from telegram_simulator.entities import entity, units
from telegram_simulator.refusals import BotApiError, JsonObject, bad_request

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_TAG = re.compile(r"<(/?)([^\s<>/]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"\s*([^\s=<>/\"']+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))?")
_REFERENCE = re.compile(r"&(#[0-9]+|#x[0-9a-fA-F]+|lt|gt|amp|quot);")


def parse_html(text: str) -> tuple[str, list[JsonObject]]:
    """Return the text without tags, and its entities; "can't parse entities" when a tag is wrong."""
    plain: list[str] = []
    length = 0
    entities: list[JsonObject] = []
    opened: list[tuple[str, dict[str, str], int]] = []
    position = 0
    while (start := text.find("<", position)) >= 0:
        piece = _unescape(text[position:start])
        plain.append(piece)
        length += units(piece)
        match = _TAG.match(text, start)
        if match is None:
            raise _wrong(f"Unclosed start tag at byte offset {_byte(text, start)}")
        closing, name, attributes = match.group(1), match.group(2).lower(), match.group(3)
        if not closing:
            opened.append((name, _attributes(name, attributes, _byte(text, start)), length))
        elif not opened:
            raise _wrong(f"Unexpected end tag at byte offset {_byte(text, start)}")
        elif name and name != opened[-1][0]:
            raise _wrong(
                f'Unmatched end tag at byte offset {_byte(text, start)}, expected "</{opened[-1][0]}>", found "</{name}>"'
            )
        else:
            _close(opened, length, entities, "".join(plain))
        position = match.end()
    piece = _unescape(text[position:])
    plain.append(piece)
    if opened:
        raise _wrong(f'Can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    entities.sort(key=lambda one: (one["offset"], -one["length"]))
    return "".join(plain), entities


def _close(opened: list[tuple[str, dict[str, str], int]], length: int, entities: list[JsonObject], so_far: str) -> None:
    """Turn the innermost open tag into its entity."""
    name, attributes, offset = opened.pop()
    if length == offset:
        return
    kind = _KINDS[name]
    if kind == "text_link":
        url = attributes.get("href") or so_far.encode("utf-16-le")[offset * 2 : length * 2].decode("utf-16-le")
        if url.startswith(("http://", "https://", "tg://", "mailto:")) or "." in url:
            entities.append(entity(kind, offset, length - offset, url=url))
    elif kind == "custom_emoji":
        entities.append(entity(kind, offset, length - offset, custom_emoji_id=attributes.get("emoji-id", "")))
    elif kind == "blockquote" and "expandable" in attributes:
        entities.append(entity("expandable_blockquote", offset, length - offset))
    elif kind == "code" and opened and opened[-1][0] == "pre" and attributes.get("class", "").startswith("language-"):
        opened[-1][1]["language"] = attributes["class"].removeprefix("language-")
    elif kind == "pre" and attributes.get("language"):
        entities.append(entity(kind, offset, length - offset, language=attributes["language"]))
    elif kind != "date_time":
        entities.append(entity(kind, offset, length - offset))


def _attributes(name: str, source: str, byte: int) -> dict[str, str]:
    """Return a start tag's attributes; refuses tags Telegram does not know."""
    if name not in _KINDS:
        raise _wrong(f'Unsupported start tag "{name}" at byte offset {byte}')
    attributes = {
        match.group(1).lower(): _unescape((match.group(2) or "").strip("\"'")) for match in _ATTRIBUTE.finditer(source)
    }
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
    return attributes


def _unescape(text: str) -> str:
    """Decode the four named and the numeric references; any other ampersand stands for itself."""
    return _REFERENCE.sub(lambda match: html.unescape(match.group(0)), text) if "&" in text else text


def _byte(text: str, index: int) -> int:
    return len(text[:index].encode("utf-8", "surrogatepass"))


def _wrong(what: str) -> BotApiError:
    return bad_request(f"can't parse entities: {what}")
