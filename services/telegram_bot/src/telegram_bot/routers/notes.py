"""/note and /whisper: what moderators write for each other, or for the helper alone."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from contracts.deliveries import LocateDelivery
from contracts.failures import WrongStatus
from contracts.kinds import Audience, Role
from contracts.messages import NoteMessage
from contracts.operations.messages import DELIVERIES_LOCATE, MESSAGES_NOTE
from contracts.shapes import DemandId
from telegram_bot.routers.filters import number_in
from telegram_bot.turn import Turn

AUDIENCES = {"note": Audience.MODERATORS, "whisper": Audience.PROVIDER}


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="notes")

    @made.message(Command(*AUDIENCES))
    async def note_typed(message: Message, command: CommandObject, turn: Turn) -> None:
        audience = AUDIENCES[command.command]
        demand, words = await meant(message, (command.args or "").strip(), turn)
        if demand is None:
            await turn.answer("note-which" if await turn.is_staff() else "staff-only", command=command.command)
        elif not words:
            await turn.answer("note-empty", command=command.command)
        else:
            await turn.answer(await noted(turn, demand, words, audience))

    return made


async def noted(turn: Turn, demand: DemandId, words: str, audience: Audience) -> str:
    """Write it; the name of the sentence that says what came of it."""
    try:
        written = await turn.call(MESSAGES_NOTE, NoteMessage(demand=demand, text=words, audience=audience))
    except WrongStatus:
        return "whisper-nobody"
    if audience is Audience.PROVIDER:
        return "whispered" if written.recipients else "whispered-later"
    return "noted" if written.recipients else "noted-alone"


async def meant(message: Message, words: str, turn: Turn) -> tuple[DemandId | None, str]:
    """The request a note is about, and the note: the one answered, the one named, the only one joined, or the chosen one."""
    if message.reply_to_message is not None:
        asked = LocateDelivery(address=str(turn.chat), channel_message_id=str(message.reply_to_message.message_id))
        located = await turn.channel_call(DELIVERIES_LOCATE, asked)
        if located.demand is not None:
            return located.demand, words
    joined = [one for one in (await turn.me()).demands if one.role is Role.MODERATOR]
    first, _, rest = words.partition(" ")
    number = number_in(first)
    for one in joined:
        if one.number == number:
            return one.id, rest.strip()
    chosen = turn.step.data.get("demand")
    found = joined if len(joined) == 1 else [one for one in joined if str(one.id) == chosen]
    return (found[0].id if found else None), words
