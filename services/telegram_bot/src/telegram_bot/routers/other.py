"""What nothing else answers to: never dropped in silence."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from contracts.deliveries import LocateDelivery
from contracts.operations.messages import DELIVERIES_LOCATE
from contracts.operations.users import USERS_SET_REACHABLE
from contracts.users import SetReachable
from telegram_bot.routers.filters import is_command
from telegram_bot.turn import Turn

TOLD: Final = 30
GONE: Final = frozenset({"kicked", "left"})

SERVICE: Final = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "new_chat_title",
        "write_access_allowed",
        "chat_background_set",
    }
)
"""Notes of Telegram's own that nobody wrote to us."""


def router() -> Router:
    """The handlers of this file; it comes last."""
    made = Router(name="other")

    @made.message(is_command)
    async def unknown_command(message: Message, turn: Turn) -> None:
        del message
        await turn.answer("command-unknown")

    @made.message()
    async def not_words(message: Message, turn: Turn) -> None:
        if message.content_type in SERVICE:
            return
        album = message.media_group_id
        if album is not None and turn.step.data.get("album") == album:
            return
        if album is not None:
            turn.step.data["album"] = album
        await turn.answer("only-words-for-now")

    @made.edited_message()
    async def edited(message: Message, turn: Turn) -> None:
        asked = LocateDelivery(address=str(turn.chat), channel_message_id=str(message.message_id))
        located = await turn.channel_call(DELIVERIES_LOCATE, asked)
        told: list[str] = turn.step.data.get("edits_told", [])
        if located.demand is None or not located.is_own or str(located.demand) in told:
            return
        turn.step.data["edits_told"] = [*told, str(located.demand)][-TOLD:]
        await turn.answer("edits-stay-here")

    @made.callback_query()
    async def unknown_press(query: CallbackQuery, turn: Turn) -> None:
        del query
        await turn.answer_press("press-unknown")

    @made.my_chat_member()
    async def reachable(change: ChatMemberUpdated, turn: Turn) -> None:
        request = SetReachable(address=str(turn.chat), reachable=change.new_chat_member.status not in GONE)
        await turn.channel_call(USERS_SET_REACHABLE, request)

    return made
