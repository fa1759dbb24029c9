"""Messages of ours that stand in a chat already: other buttons under them, and taking them out again.

Deliveries are in the ledger; answers are remembered here, with the chat's step, for when somebody hides them.
"""

import time
from typing import Any, Final

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup, LinkPreviewOptions

log = structlog.get_logger(__name__)

REMOVABLE: Final = 48 * 3600
"""Seconds for which Telegram lets a bot take its own messages out of a chat."""

MOST: Final = 300
"""Answers remembered, the newest."""


def note(data: dict[str, Any], message_id: int) -> None:
    """Remember an answer in the step's data, and forget those nobody can take out any more."""
    now = int(time.time())
    known: list[list[int]] = data.get("said", [])
    data["said"] = [*(one for one in known if one[1] > now - REMOVABLE), [message_id, now]][-MOST:]


def take(data: dict[str, Any]) -> list[int]:
    """The remembered answers that can still be taken out, and forget them all."""
    since = int(time.time()) - REMOVABLE
    return [message_id for message_id, at in data.pop("said", []) if at > since]


async def edit(bot: Bot, chat: int, message_id: int, text: str, keyboard: InlineKeyboardMarkup | None) -> bool:
    """Put other words in place of a message; False where Telegram does not allow it."""
    try:
        await bot.edit_message_text(
            text,
            chat_id=chat,
            message_id=message_id,
            parse_mode=None,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=keyboard,
        )
    except TelegramBadRequest as refused:
        return "not modified" in refused.message
    return True


async def put_buttons(bot: Bot, chat: int, message_id: int, keyboard: InlineKeyboardMarkup | None) -> None:
    """Put other buttons under a message, or none; an old or vanished one is left as it is."""
    try:
        await bot.edit_message_reply_markup(chat_id=chat, message_id=message_id, reply_markup=keyboard)
    except TelegramAPIError as refused:
        log.debug("buttons.left", reason=type(refused).__name__)


async def remove(bot: Bot, chat: int, *messages: int) -> int:
    """Take messages out of a chat, at most a hundred; how many are gone. What is too old or vanished is left as it is."""
    try:
        await (
            bot.delete_messages(chat, list(messages)) if len(messages) > 1 else bot.delete_message(chat, messages[0])
        )
    except TelegramAPIError as refused:
        log.debug("message.left", reason=type(refused).__name__)
        # One that cannot go keeps all of them.
        return sum([await remove(bot, chat, one) for one in messages]) if len(messages) > 1 else 0
    return len(messages)
