"""The formatted text of a call: text or caption with parse_mode or entities, checked and measured."""

import re

from telegram_simulator.call import Call
from telegram_simulator.entities import (
    FOUND_TYPES,
    MOST_CAPTION_UNITS,
    MOST_TEXT_UNITS,
    PLAIN_TYPES,
    fix_text,
    merge,
    units,
)
from telegram_simulator.markup_html import parse_html
from telegram_simulator.markup_markdown import parse_markdown
from telegram_simulator.refusals import JsonObject, bad_request

# Relative, or a day of the week, a short or long date, a short or long time; Bot API 9.5, date-time entity formatting.
_DATE_TIME = re.compile("r|w?[dD]?[tT]?")
_EXTRA = {"pre": "language", "text_link": "url", "custom_emoji": "custom_emoji_id"}


def message_text(call: Call) -> JsonObject:
    """Return `text` and `entities` of sendMessage and editMessageText."""
    text = call.text("text")
    if not text:
        raise bad_request("Message text is empty")
    text, entities = formatted(call, text, call.text("parse_mode"), call.items("entities", "entities", "MessageEntity"))
    if not text:
        raise bad_request("Text must be non-empty")
    if units(text) > MOST_TEXT_UNITS:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption(call: Call, given: JsonObject | None = None) -> JsonObject:
    """Return `caption` and `caption_entities`, of the call or of one InputMedia; nothing when there is none."""
    if given is None:
        text, mode = call.text("caption"), call.text("parse_mode")
        asked = call.items("caption_entities", "caption entities", "MessageEntity")
    else:
        text, mode = str(given.get("caption") or ""), str(given.get("parse_mode") or "")
        asked = list(given.get("caption_entities") or [])
    if not text:
        return {}
    text, entities = formatted(call, text, mode, asked)
    if units(text) > MOST_CAPTION_UNITS:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def formatted(call: Call, text: str, mode: str, asked: list[JsonObject]) -> tuple[str, list[JsonObject]]:
    """Return a text as it will be shown and all its entities."""
    match mode.lower():
        case "":
            given = [one for item in asked if (one := _checked(call, item)) is not None]
        case "html":
            text, given = parse_html(text)
        case "markdownv2":
            text, given = parse_markdown(text)
        case "markdown":
            text, given = parse_markdown(text, legacy=True)
        case _:
            raise bad_request("unsupported parse_mode")
    given = [_mention(call, one) for one in given]
    text, given = fix_text(text, given)
    return text, merge(given, text)


def _mention(call: Call, one: JsonObject) -> JsonObject:
    """Turn a link to tg://user?id=N into a text mention when the bot may know that person."""
    url = str(one.get("url", ""))
    if not url.startswith("tg://user?id="):
        return one
    number = url.removeprefix("tg://user?id=")
    user = call.world.user(int(number)) if number.isdigit() else None
    if user is None:
        return {"type": "text_link", "offset": one["offset"], "length": one["length"], "url": url}
    return {"type": "text_mention", "offset": one["offset"], "length": one["length"], "user": user}


def _checked(call: Call, one: object) -> JsonObject | None:
    """Return an entity of the caller in canonical shape; None for a type which has no effect."""
    if not isinstance(one, dict):
        raise bad_request("can't parse entities: MessageEntity must be an Object")
    kind = one.get("type")
    offset, length = one.get("offset"), one.get("length")
    if not isinstance(offset, int) or not isinstance(length, int):
        raise bad_request('can\'t parse entities: Field "offset" and "length" must be of type Number')
    if offset < 0:
        raise bad_request(f"Receive an entity with incorrect offset {offset}")
    if length < 0:
        raise bad_request(f"Receive an entity with incorrect length {length}")
    if kind in FOUND_TYPES or length == 0:
        return None
    shape: JsonObject = {"type": kind, "offset": offset, "length": length}
    if kind in PLAIN_TYPES:
        return shape
    if kind == "text_mention":
        asked = one.get("user")
        user = call.world.user(int(asked.get("id", 0))) if isinstance(asked, dict) else None
        return None if user is None else shape | {"user": user}
    return _with_more(one, shape)


def _with_more(one: JsonObject, shape: JsonObject) -> JsonObject | None:
    kind = one["type"]
    if kind == "date_time":
        at, shown = one.get("unix_time"), str(one.get("date_time_format", ""))
        if not isinstance(at, int) or not _DATE_TIME.fullmatch(shown):
            raise bad_request("can't parse entities: wrong date_time specified")
        return shape | {"unix_time": at, "date_time_format": shown}
    if kind in _EXTRA:
        field = _EXTRA[kind]
        return shape | {field: str(one[field])} if one.get(field) else (shape if kind == "pre" else None)
    raise bad_request("can't parse entities: Unsupported type specified")
