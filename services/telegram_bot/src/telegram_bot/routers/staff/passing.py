"""Passing on what a moderator says in a topic: to everybody in the conversation, and once."""

from typing import Any, Final
from uuid import UUID

import msgspec
from aiogram.types import Message

from contracts.attachments import WrittenAttachment
from contracts.failures import AlreadyExists, Failure, Forbidden, NotFound
from contracts.messages import EditMessage, Origin, SendMessage, WrittenEntity
from contracts.operations.demands import PARTICIPANTS_ADD
from contracts.operations.messages import MESSAGES_EDIT, MESSAGES_SEND
from contracts.participants import AddParticipant
from contracts.shapes import DemandId, MessageId
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.staff.telling import tell_why
from telegram_bot.utf16 import units

LONGEST: Final = 8000
"""UTF-16 units of one line; Telegram lets nobody write as much."""


def answers_another(message: Message) -> bool:
    """Whether what is said in a topic answers a message; else the line that it is itself may be known already, and is none."""
    answered = message.reply_to_message
    # In a topic everything answers the message that opened it, unless it answers another one.
    return answered is not None and answered.message_id != message.message_thread_id


async def pass_on(turn: GroupTurn, kept: dict[str, Any], demand: DemandId, reply_to: MessageId | None) -> bool:
    """Send it to everybody in the conversation, whether it went out; when that cannot be, say so.

    Who does not sit in the conversation yet joins first, if they look after it.
    """
    if units(kept["text"]) > LONGEST:
        return False
    # Once it went out the ledger may know more of what it answers, and of the line itself.
    answered = await turn.once("reply_to", str(reply_to) if reply_to else None)
    message = SendMessage(
        demand=demand,
        text=kept["text"],
        entities=msgspec.convert(kept["styles"], list[WrittenEntity]),
        attachments=msgspec.convert(kept.get("files", []), list[WrittenAttachment]),
        reply_to=MessageId(UUID(answered)) if answered else None,
        origin=Origin(address=turn.topic, channel_message_id=str(kept["message"])),
    )
    try:
        await send(turn, message, demand)
    except Failure as refused:
        await tell_why(turn, refused, kept["message"])
        return False
    return True


async def send(turn: GroupTurn, message: SendMessage, demand: DemandId) -> None:
    """Send it, after joining where that is what is missing. Raises the api's `Failure`."""
    try:
        await turn.call(MESSAGES_SEND, message, wish="said")
    except (NotFound, Forbidden):
        try:
            await turn.call(PARTICIPANTS_ADD, AddParticipant(demand=demand))
        except AlreadyExists:
            raise Forbidden from None
        # The same wish: handled again after a crash, the first of the two finds it done.
        await turn.call(MESSAGES_SEND, message, wish="said")


async def change_line(turn: GroupTurn, kept: dict[str, Any], demand: DemandId, line: MessageId) -> bool:
    """Give a line the kept words, whether the others see them; when that cannot be, say so."""
    words = EditMessage(
        demand=demand, message=line, text=kept["text"], entities=msgspec.convert(kept["styles"], list[WrittenEntity])
    )
    try:
        edited = await turn.call(MESSAGES_EDIT, words)
    except (NotFound, Forbidden):
        why = "edit-too-late"
    except Failure as refused:
        await tell_why(turn, refused, kept["message"])
        return False
    else:
        why = "" if edited.relayed else "edit-after-end"
    if why:
        await turn.post(turn.say(why), reply_to=kept["message"])
    return not why
