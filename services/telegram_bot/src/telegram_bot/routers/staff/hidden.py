"""Who writes in the name of the group or of a channel: nobody knows who they are, so nothing of it can be passed on.

The number of a group is no secret to them; to bind it one has to be somebody.
"""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.staff.mirror import is_mirror, tell_once


def router() -> Router:
    """The handlers of this file; what they take is for no other."""
    made = Router(name="hidden")

    @made.message(Command("chatid"), is_hidden)
    async def chat_id(message: Message, turn: GroupTurn) -> None:
        del message
        await turn.post(turn.tell("chat-id", chat=str(turn.chat)))

    @made.message(Command("bind"), is_hidden)
    async def bind_typed(message: Message, turn: GroupTurn) -> None:
        await turn.post(turn.tell("group-bind-hidden"), reply_to=message.message_id)

    @made.message(is_hidden)
    async def said(message: Message, turn: GroupTurn) -> None:
        if await is_mirror(message, turn):
            await tell_once(turn, message, "topic-hidden")

    @made.edited_message(is_hidden)
    async def edited(message: Message) -> None:
        """It was not passed on before, and is not now."""

    return made


async def is_hidden(message: Message) -> bool:
    """A filter for what is said in the name of a group or a channel."""
    return message.sender_chat is not None and message.from_user is not None and message.from_user.is_bot
