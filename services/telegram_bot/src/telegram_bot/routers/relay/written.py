"""A message as it is kept and sent: what it says and shows, plain JSON, and nothing of who wrote it.

    {"message": 17, "text": "here", "styles": [...], "files": [...], "location": {...}, "venue": {...}, "contact": {...}}

Only `message` (the id in the writer's chat), `text` and `styles` are always there. What Telegram says of a forward, of a bot
in between, of a quote from elsewhere is not looked at. An album's messages are `joined` to one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiogram.types import Message

from telegram_bot.routers.relay.card import card
from telegram_bot.routers.relay.files import bears_a_name, can_be_renamed, file_of, files
from telegram_bot.routers.relay.refusing import refusal
from telegram_bot.routers.relay.styles import styles as passing
from telegram_bot.utf16 import units

PLACE_NAME: Final = 256
BETWEEN: Final = "\n\n"
"""What stands between the captions of an album."""


def written(message: Message) -> dict[str, Any] | None:
    """What may travel on of a message; None when `refusal` says why nothing of it may."""
    if refusal(message) is not None:
        return None
    kept: dict[str, Any] = {
        "message": message.message_id,
        "text": message.text or message.caption or "",
        "styles": passing(message.entities or message.caption_entities),
    }
    if found := files(message):
        kept["files"] = found
    if name := own_name(message):
        kept["bears"] = name
    if any(entity.type == "text_mention" for entity in message.entities or message.caption_entities or ()):
        kept["mentions"] = True
    if message.media_group_id:
        kept["album"] = message.media_group_id
    return kept | place(message) | card(message)


def own_name(message: Message) -> str:
    """The name a file would be seen with all the same, as it is too large to be given another."""
    found = file_of(message)
    if found is None or not bears_a_name(found[1]) or can_be_renamed(found[1]):
        return ""
    return str(getattr(found[1], "file_name", None) or getattr(found[1], "title", None) or "?")[:255]


def place(message: Message) -> dict[str, Any]:
    """The place a message shows; a live one as it is now."""
    if (venue := message.venue) is not None:
        at = {"latitude": venue.location.latitude, "longitude": venue.location.longitude}
        return {"venue": at | {"title": venue.title[:PLACE_NAME], "address": venue.address[:PLACE_NAME]}}
    if (point := message.location) is not None:
        at = {"latitude": point.latitude, "longitude": point.longitude}
        exact = {"accuracy": point.horizontal_accuracy} if point.horizontal_accuracy else {}
        return {"location": at | exact} | ({"live": True} if point.live_period else {})
    return {}


def joined(first: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Two parts of an album as one: the files in order, the captions below each other."""
    said = [*parts(first), *parts(more)]
    return {
        **first,
        **together(said),
        "files": [*first.get("files", ()), *more.get("files", ())],
        "parts": said,
        **{key: more[key] for key in ("bears", "mentions") if key in more},
    }


def together(said: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The captions of an album below each other, each with its styling."""
    text, styles = "", []
    for one in said:
        if one["text"]:
            text = f"{text}{BETWEEN}" if text else ""
            styles += [{**style, "offset": style["offset"] + units(text)} for style in one["styles"]]
            text += one["text"]
    return {"text": text, "styles": styles}


def parts(kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each message of an album with its own caption, so that the edit of one leaves the others' alone."""
    own: list[dict[str, Any]] = kept.get("parts") or [{key: kept[key] for key in ("message", "text", "styles")}]
    return own
