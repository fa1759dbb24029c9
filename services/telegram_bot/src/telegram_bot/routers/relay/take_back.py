"""/takeback: a message of one's own leaves the others' chats, or never goes out.

Telegram tells a bot nothing of what people delete, so it has to be said.
"""

from datetime import datetime, timedelta
from typing import Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from contracts.failures import NotFound
from contracts.messages import TakeBackMessage, TakenBack
from contracts.operations.messages import MESSAGES_TAKE_BACK
from telegram_bot.routers.relay.apart import is_note
from telegram_bot.routers.relay.describing import description_with, tell_described
from telegram_bot.routers.relay.files import file_of
from telegram_bot.routers.relay.keeping import dropped
from telegram_bot.routers.relay.where import locate
from telegram_bot.turn import Turn

REMOVED_WITHIN: Final = timedelta(hours=48)
"""How long Telegram lets a bot remove what it sent; Bot API, deleteMessage. Words it can empty later too, files not."""


def router() -> Router:
    """The command."""
    made = Router(name="relay.take_back")

    @made.message(Command("takeback"))
    async def take_back(message: Message, turn: Turn) -> None:
        said = message.reply_to_message
        if said is None:
            await turn.answer("take-back-how")
            return
        if dropped(turn, said.message_id):
            await turn.answer("take-back-unsent")
            return
        if description := description_with(turn, said.message_id):
            await tell_described(turn, description)
            return
        located = await locate(turn, said, message.date)
        if located.demand is None or located.message is None:
            stays = is_note(turn, said) and await turn.is_staff()
            await turn.answer("note-stays" if stays else "take-back-how")
            return
        if not located.is_own:
            await turn.answer("take-back-not-yours")
            return
        try:
            gone = await turn.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=located.demand, message=located.message))
        except NotFound:
            await turn.answer("take-back-too-late")
            return
        await turn.answer(came_of(gone, said, message.date))

    return made


def came_of(gone: TakenBack, said: Message, now: datetime) -> str:
    """The sentence for what came of taking a message back: whether all of it can still leave the others' chats."""
    is_old = gone.recipients and now - said.date > REMOVED_WITHIN
    shows_more = file_of(said) is not None or said.location is not None
    return "take-back-old" if is_old and shows_more else "taken-back"
