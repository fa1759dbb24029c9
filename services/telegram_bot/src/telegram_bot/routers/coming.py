"""Coming from a staff chat: Start pressed for a request that waits, and the number of a chat."""

from uuid import UUID

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import Message

from contracts.demands import TakeDemand
from contracts.failures import Forbidden, NotFound
from contracts.operations.demands import DEMANDS_TAKE
from contracts.shapes import DemandId
from telegram_bot.callbacks import unpack_id
from telegram_bot.turn import Turn

TAKE = "take_"


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="coming")

    @made.message(CommandStart(deep_link=True), wants_to_take)
    async def take(message: Message, turn: Turn, wanted: UUID) -> None:
        del message
        me = await turn.me()
        if "locale" not in turn.step.data:
            turn.speak(me.user.locale)
        try:
            taken = await turn.call(DEMANDS_TAKE, TakeDemand(demand=DemandId(wanted)))
        except (NotFound, Forbidden):
            # Perhaps the group they come from makes helpers of its members: there, not here, that is known.
            await turn.answer("take-in-the-group")
        else:
            turn.step.data["demand"] = str(taken.id)

    @made.message(Command("chatid"))
    async def chat_id(message: Message, turn: Turn) -> None:
        del message
        await turn.answer("chat-id", chat=str(turn.chat))

    return made


async def wants_to_take(message: Message, command: CommandObject) -> bool | dict[str, UUID]:
    """A filter for Start pressed on a link to a waiting request."""
    del message
    word = command.args or ""
    if not word.startswith(TAKE):
        return False
    try:
        return {"wanted": unpack_id(word.removeprefix(TAKE))}
    except ValueError:
        return False
