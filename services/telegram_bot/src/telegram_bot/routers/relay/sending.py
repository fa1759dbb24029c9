"""Sending what was kept of a message to everybody else in its conversation."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contracts.attachments import WrittenAttachment, WrittenContact, WrittenLocation, WrittenVenue
from contracts.demands import GetDemand
from contracts.failures import AlreadyClosed, NotFound
from contracts.kinds import Role
from contracts.messages import EditMessage, Entity, Origin, SendMessage, WrittenEntity
from contracts.operations.demands import DEMANDS_GET
from contracts.operations.messages import MESSAGES_EDIT, MESSAGES_SEND
from contracts.shapes import DemandId, MessageId
from telegram_bot.routers.relay.styles import MOST as STYLED
from telegram_bot.turn import Turn
from telegram_bot.utf16 import Piece, split

MOST: Final = 8000
"""UTF-16 units of one line; only the captions of an album together can be longer, and then go on in another."""

TOLD: Final = 30
"""Requests remembered as told that nobody reads yet."""

BESIDE: Final = ("files", "location", "venue", "contact")


async def relay(turn: Turn, kept: Mapping[str, Any], demand: DemandId, reply_to: MessageId | None = None) -> bool:
    """Send what `written` kept to everybody else in a conversation; when that cannot be, say so and return False.

    Nothing is asked any more: what `revealed` finds has to be asked before.
    """
    styles = [Entity(**style) for style in kept["styles"]]
    first, *more = split(kept["text"], styles, limit=MOST) or [Piece("")]
    origin = Origin(address=str(turn.chat), channel_message_id=str(kept["message"]))
    messages = [
        SendMessage(
            demand=demand,
            text=first.text,
            entities=_styles(first),
            attachments=msgspec.convert(kept.get("files", []), list[WrittenAttachment]),
            location=msgspec.convert(kept.get("location"), WrittenLocation | None),
            venue=msgspec.convert(kept.get("venue"), WrittenVenue | None),
            contact=msgspec.convert(kept.get("contact"), WrittenContact | None),
            reply_to=reply_to,
            origin=origin,
        ),
        *(SendMessage(demand=demand, text=piece.text, entities=_styles(piece)) for piece in more),
    ]
    try:
        recipients = [(await turn.call(MESSAGES_SEND, message)).recipients for message in messages]
    except AlreadyClosed:
        await turn.answer("closed-not-sent-asker" if await asked_for(turn, demand) else "closed-not-sent")
        return False
    except NotFound:
        await turn.answer("not-in-it-any-more")
        return False
    told: list[str] = turn.step.data.get("told", [])
    if not any(recipients) and str(demand) not in told:
        turn.step.data["told"] = [*told, str(demand)][-TOLD:]
        await turn.answer("nobody-reads-yet")
    return True


async def asked_for(turn: Turn, demand: DemandId) -> bool:
    """Whether a demand is the person's own call for help; one they may not see any more is not."""
    try:
        found = await turn.call(DEMANDS_GET, GetDemand(demand=demand))
    except NotFound:
        return False
    return found.role is Role.REQUESTER


async def relay_edit(turn: Turn, kept: Mapping[str, Any]) -> bool:
    """Change the line that a kept message `edits`; when that cannot be, say so and return False."""
    first, *_ = split(kept["text"], [Entity(**style) for style in kept["styles"]], limit=MOST) or [Piece("")]
    words = EditMessage(
        demand=DemandId(kept["demand"]),
        message=MessageId(kept["edits"]),
        text=first.text,
        entities=_styles(first),
    )
    try:
        edited = await turn.call(MESSAGES_EDIT, words)
    except NotFound:
        await turn.answer("edit-too-late")
        return False
    if not edited.relayed:
        await turn.answer("edit-after-end")
    return True


def _styles(piece: Piece) -> list[WrittenEntity]:
    # The captions of an album together may have more than one message has.
    return [msgspec.convert(msgspec.to_builtins(style), WrittenEntity) for style in piece.entities[:STYLED]]
