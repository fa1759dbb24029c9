"""What is kept of a person's messages before it goes out: found again, changed, taken away, by the id of its message."""

from typing import Any, Final

from aiogram.types import Message

from telegram_bot.routers.relay.written import parts, together, written
from telegram_bot.turn import Turn

LISTS: Final = ("held", "asked")
"""Where messages wait in a step: to hear which conversation they are for, and for their writer's yes."""

EARLY: Final = 10
"""Edits remembered of messages that were not passed on yet, the newest."""


def rewritten(kept: list[dict[str, Any]], message: Message) -> dict[str, Any] | None:
    """Put new words into whichever of these kept messages the edited one is; it as it is now, None when it is not among them."""
    edited = written(message)
    for at, one in enumerate(kept):
        if edited is not None and is_part(one, message.message_id):
            kept[at] = with_words(one, edited)
            return kept[at]
    return None


def rewritten_anywhere(turn: Turn, message: Message) -> dict[str, Any] | None:
    """Put new words into what is kept of a message; it as it is now, None when nothing of it is kept."""
    if album := turn.step.data.get("album"):
        begun: list[dict[str, Any]] = [album]
        if rewritten(begun, message):
            turn.step.data["album"] = begun[0]
            return begun[0]
    lists: list[list[dict[str, Any]]] = [turn.step.data.get(name, []) for name in LISTS]
    return next((one for kept in lists if (one := rewritten(kept, message))), None)


def dropped(turn: Turn, message_id: int) -> bool:
    """Keep a message no longer, nor the album it belongs to; whether it was kept and has never gone out.

    Of what has gone out only a change may be kept: it is forgotten too.
    """
    found = False
    for name in LISTS:
        kept: list[dict[str, Any]] = turn.step.data.get(name, [])
        left = [one for one in kept if not is_part(one, message_id)]
        if len(left) < len(kept):
            gone = [one for one in kept if one not in left]
            found = found or any("edits" not in one and "describes" not in one for one in gone)
            turn.step.data[name] = left
        if name in turn.step.data and not left:
            del turn.step.data[name]
    return found


def is_part(kept: dict[str, Any], message_id: int) -> bool:
    """Whether a kept message is the one of this id, or an album it belongs to."""
    return any(part["message"] == message_id for part in parts(kept))


def with_words(kept: dict[str, Any], edited: dict[str, Any]) -> dict[str, Any]:
    """A kept message with the words of its edited one; those of an album's other messages stay."""
    said = [edited if part["message"] == edited["message"] else part for part in parts(kept)]
    words = together(said)
    mentions = {"mentions": True} if "mentions" in edited else {}
    if "parts" in kept:
        words["parts"] = [{key: one[key] for key in ("message", "text", "styles")} for one in said]
    return {**{key: value for key, value in kept.items() if key != "mentions"}, **words, **mentions}


def remember_early(turn: Turn, message: Message) -> None:
    """Keep the edit of a message that was not passed on: should that come to it yet, it goes with its new words."""
    edited = written(message)
    if edited is None:
        return
    words = {key: edited[key] for key in ("message", "text", "styles", "mentions") if key in edited}
    early: list[dict[str, Any]] = turn.step.data.get("early", [])
    turn.step.data["early"] = [*(one for one in early if one["message"] != words["message"]), words][-EARLY:]


def as_edited(turn: Turn, kept: dict[str, Any]) -> dict[str, Any]:
    """A kept message with the words of edits that came before it."""
    for edited in turn.step.data.get("early", []):
        if is_part(kept, edited["message"]):
            kept = with_words(kept, edited)
    return kept
