"""What is said in a topic that mirrors a conversation: a moderator's words go to the people in it, whispers to the helper."""

from typing import Any

import msgspec
from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from contracts.attachments import WrittenAttachment
from contracts.deliveries import Located
from contracts.failures import AlreadyExists, Failure, Forbidden, NotFound
from contracts.messages import Origin, SendMessage, WrittenEntity
from contracts.operations.demands import PARTICIPANTS_ADD
from contracts.operations.messages import MESSAGES_SEND
from contracts.participants import AddParticipant
from contracts.shapes import DemandId
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.notes import AUDIENCES, noted
from telegram_bot.routers.relay import refusal, written
from telegram_bot.routers.staff.mirror import is_mirror, tell_once
from telegram_bot.routers.staff.telling import tell_why
from telegram_bot.utf16 import units

LONGEST = 8000
"""UTF-16 units of one line; Telegram lets nobody write as much."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="topics")

    @made.message(Command(*AUDIENCES), is_mirror)
    async def note_typed(message: Message, command: CommandObject, turn: GroupTurn, located: Located) -> None:
        words = (command.args or "").strip()
        demand = located.demand
        if demand is None:
            await turn.post(turn.tell("topic-over"), reply_to=message.message_id)
            return
        if not words:
            await turn.post(turn.say("note-empty", command=command.command), reply_to=message.message_id)
            return
        try:
            said = await noted(turn, demand, words, AUDIENCES[command.command])
        except (NotFound, Forbidden):
            said = "staff-only"
        await turn.post(turn.say(said), reply_to=message.message_id)

    @made.message(is_said, is_mirror)
    async def said(message: Message, turn: GroupTurn, located: Located) -> None:
        if located.demand is None:
            await tell_once(turn, message, "topic-over")
            return
        why = refusal(message)
        kept = written(message)
        if kept is None or any(kept.get(name) for name in ("location", "venue", "contact", "mentions", "bears")):
            # What could name somebody is asked about in private, where one can be asked.
            await turn.post(turn.say(why or "topic-only-words"), reply_to=message.message_id)
            return
        await pass_on(turn, kept, located)

    return made


async def is_said(message: Message) -> bool:
    """A filter for what somebody says: no command, and nothing the group says of itself."""
    if (message.text or "").startswith("/"):
        return False
    return any(
        getattr(message, kind)
        for kind in (
            "text", "photo", "video", "video_note", "voice", "audio", "document", "animation", "sticker", "location",
            "venue", "contact", "poll",
        )
    )  # fmt: skip


async def pass_on(turn: GroupTurn, kept: dict[str, Any], located: Located) -> None:
    """Send it to everybody in the conversation; who does not sit in it yet joins first, if they look after it."""
    if located.demand is None or units(kept["text"]) > LONGEST:
        return
    message = SendMessage(
        demand=located.demand,
        text=kept["text"],
        entities=msgspec.convert(kept["styles"], list[WrittenEntity]),
        attachments=msgspec.convert(kept.get("files", []), list[WrittenAttachment]),
        reply_to=located.message,
        origin=Origin(address=turn.topic, channel_message_id=str(kept["message"])),
    )
    try:
        await send(turn, message, located.demand)
    except Failure as refused:
        await tell_why(turn, refused, kept["message"])


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
