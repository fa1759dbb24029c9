"""Answers of handlers in Telegram's pace: a chat that is told to wait waits, and nobody else does."""

import asyncio
from typing import Final

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import EditMessageReplyMarkup, EditMessageText, Response, SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType

from telegram_bot.deliver.pace import Pace, is_group

log = structlog.get_logger(__name__)

TRIES: Final = 3
EDITS: Final = (EditMessageText, EditMessageReplyMarkup)
"""What counts in a group like a message of its own."""

LONGEST_WAIT: Final = 60
"""Seconds an answer waits when Telegram says so; after more the update is handled again later."""


class InPace(BaseRequestMiddleware):
    """Gives every answer its turn, and tries again after a 429."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """Make one request."""
        for left in reversed(range(TRIES)):
            if isinstance(method, SendMessage) or (isinstance(method, EDITS) and is_group(str(method.chat_id))):
                await self._pace.answer(str(method.chat_id))
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as told:
                if not left or told.retry_after > LONGEST_WAIT:
                    raise
                log.warning("answer.waits", seconds=told.retry_after)
                await asyncio.sleep(told.retry_after)
        raise AssertionError("the last try answers or raises")
