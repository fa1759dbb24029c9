"""Messages of ours that stand in a chat already: other buttons under them, and taking them out again; and sending one.

Deliveries are in the ledger; answers are remembered here, with the chat's step, for when somebody hides them.
"""

import time
from collections.abc import Iterable
from typing import Any, Final

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters

from telegram_bot.keyboards import Board
from telegram_bot.when import Dated, by_their_clock

log = structlog.get_logger(__name__)

REMOVABLE: Final = 48 * 3600
"""Seconds for which Telegram lets a bot take its own messages out of a chat."""

MOST: Final = 300
"""Answers remembered, the newest."""


NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
"""A preview would make Telegram fetch a person's link and tell its owner that it was sent."""


async def say(
    bot: Bot, chat: int, text: str, keyboard: Board | None, *, about: int | None = None, dated: Iterable[Dated] = ()
) -> Message:
    """Send a text of ours, `about` a message of the chat, with the moments of it `dated`; raises what Telegram says."""
    return await bot.send_message(
        chat,
        text,
        parse_mode=None,
        entities=by_their_clock(text, dated) or None,
        link_preview_options=NO_PREVIEW,
        reply_markup=keyboard,
        reply_parameters=ReplyParameters(message_id=about, allow_sending_without_reply=True) if about else None,
    )


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
            link_preview_options=NO_PREVIEW,
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
