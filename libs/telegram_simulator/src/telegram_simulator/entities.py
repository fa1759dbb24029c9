"""Texts as the server keeps them: cleaned, with checked entities; all offsets and lengths are in UTF-16 units."""

import re

from telegram_simulator.refusals import JsonObject, bad_request

MOST_TEXT_UNITS = 4096
MOST_CAPTION_UNITS = 1024
PLAIN_TYPES = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
    }
)
FOUND_TYPES = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"})
"""Types which Telegram finds by itself; naming them has no effect."""

_UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\u2028-\u202e\u0333\u033f\u030a]")
_OUTER = " \n"
_DROPPED = frozenset("\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u030a")
_FINDERS = (
    (
        "url",
        re.compile(
            r"(?:https?://|tg://)[^\s<>\"']+[^\s<>\"'.,;:!?)\]]|(?<![\w@./-])(?:[\w-]+\.)+(?:com|org|net|ru|ua|ge|de|uk|io|info|me|app|dev)\b(?:/[^\s<>\"']*[^\s<>\"'.,;:!?)\]])?",
            re.IGNORECASE,
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@])@[a-zA-Z0-9_]{3,32}(?![\w@])")),
    ("hashtag", re.compile(r"(?<![\w#])#(?!\d+\b)\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d\s()-]{6,18}\d(?!\w)")),
)
_TRIGGERS = re.compile(r"[@/#$+.:]")


def units(text: str) -> int:
    """Return the length Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def trimmed(text: str) -> str:
    """Return the text without outer spaces and line ends; nothing when all of it is blank."""
    return "" if text.isspace() else text.strip(_OUTER)


def entity(kind: str, offset: int, length: int, **more: str) -> JsonObject:
    """Return a MessageEntity object."""
    return {"type": kind, "offset": offset, "length": length, **more}


def find_entities(text: str) -> list[JsonObject]:
    """Return what Telegram marks by itself in anybody's text: links, mentions, commands, hashtags, phones."""
    if not _TRIGGERS.search(text):
        return []
    taken: list[tuple[int, int, str]] = []
    for kind, pattern in _FINDERS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if all(end <= other_start or start >= other_end for other_start, other_end, _ in taken):
                taken.append((start, end, kind))
    taken.sort()
    ascii_only = text.isascii()
    return [
        entity(
            kind, start if ascii_only else units(text[:start]), end - start if ascii_only else units(text[start:end])
        )
        for start, end, kind in taken
    ]


def fix_text(text: str, given: list[JsonObject]) -> tuple[str, list[JsonObject]]:
    """Return the text without what Telegram removes (control characters, outer space) and its entities, moved along.

    Refuses entities that lie outside the text or cut a character in two.
    """
    if not given and not _UNWANTED.search(text):
        return trimmed(text), []
    starts = {0: 0}
    position = 0
    for index, character in enumerate(text):
        position += 2 if character > "\uffff" else 1
        starts[position] = index + 1
    kept: list[str] = []
    moved = [0]
    for character in text:
        if character not in _DROPPED:
            kept.append(" " if character < " " and character != "\n" else character)
        moved.append(len(kept))
    cleaned = "".join(kept)
    lead = len(cleaned) - len(cleaned.lstrip(_OUTER))
    result = trimmed(cleaned)
    offsets = [0]
    for character in result:
        offsets.append(offsets[-1] + (2 if character > "\uffff" else 1))
    entities: list[JsonObject] = []
    for one in given:
        begin, end = _span(one, starts, position)
        first = min(max(moved[begin] - lead, 0), len(result))
        last = min(max(moved[end] - lead, 0), len(result))
        if last > first:
            entities.append(one | {"offset": offsets[first], "length": offsets[last] - offsets[first]})
    return result, entities


def _span(one: JsonObject, starts: dict[int, int], length: int) -> tuple[int, int]:
    """Return the entity's span in characters."""
    offset, size = one["offset"], one["length"]
    if offset > length:
        raise bad_request(f"Entity begins after the end of the text at UTF-16 offset {offset}")
    if offset + size > length:
        raise bad_request(
            f"Entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {offset + size}"
        )
    if offset not in starts:
        raise bad_request(f"Entity begins in a middle of a UTF-16 symbol at byte offset {offset}")
    if offset + size not in starts:
        raise bad_request(
            f"Entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol at byte offset {offset}"
        )
    return starts[offset], starts[offset + size]


def merge(given: list[JsonObject], text: str) -> list[JsonObject]:
    """Return the given entities and the found ones which do not meet code, links or each other, in order."""
    solid = [one for one in given if one["type"] in {"code", "pre", "text_link", "text_mention", "custom_emoji"}]
    found = [
        one
        for one in find_entities(text)
        if all(
            one["offset"] + one["length"] <= other["offset"] or one["offset"] >= other["offset"] + other["length"]
            for other in solid
        )
    ]
    return sorted(given + found, key=lambda one: (one["offset"], -one["length"])) if given else found
