"""What nothing else answers to: never dropped in silence."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from contracts.operations.users import USERS_SET_REACHABLE
from contracts.users import SetReachable
from telegram_bot.routers.filters import is_command
from telegram_bot.turn import Turn

GONE: Final = frozenset({"kicked", "left"})


def router() -> Router:
    """The handlers of this file; it comes last."""
    made = Router(name="other")

    @made.message(is_command)
    async def unknown_command(message: Message, turn: Turn) -> None:
        del message
        await turn.answer("command-unknown")

    @made.message()
    async def note_of_telegram(message: Message) -> None:
        """Nobody wrote it to us."""

    @made.callback_query()
    async def unknown_press(query: CallbackQuery, turn: Turn) -> None:
        del query
        await turn.answer_press("press-unknown")

    @made.my_chat_member()
    async def reachable(change: ChatMemberUpdated, turn: Turn) -> None:
        request = SetReachable(address=str(turn.chat), reachable=change.new_chat_member.status not in GONE)
        await turn.channel_call(USERS_SET_REACHABLE, request)

    return made
