"""A group becomes a supergroup, with another number."""

from aiogram import Router
from aiogram.types import Message

from contracts.chats import MigrateChat
from contracts.operations.scenarios import CHATS_MIGRATE
from telegram_bot.group_turn import GroupTurn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="moving")

    @made.message(has_moved)
    async def moved(message: Message, turn: GroupTurn) -> None:
        # Said by both; a refusal of Telegram's says it, too. Whoever comes second changes nothing.
        old = message.migrate_from_chat_id or message.chat.id
        new = message.migrate_to_chat_id or message.chat.id
        await turn.channel_call(CHATS_MIGRATE, MigrateChat(address=str(old), moved_to=str(new)))

    return made


async def has_moved(message: Message) -> bool:
    """A filter for what a group says when it gets another number."""
    return bool(message.migrate_to_chat_id or message.migrate_from_chat_id)
