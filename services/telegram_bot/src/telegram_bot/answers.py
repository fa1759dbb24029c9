"""Answers of handlers in Telegram's pace: a chat that is told to wait waits, and nobody else does."""

import asyncio
from typing import Any, Final

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramMigrateToChat, TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from telegram_bot.deliver.pace import Pace

log = structlog.get_logger(__name__)

TRIES: Final = 3

LONGEST_WAIT: Final = 60
"""Seconds an answer waits when Telegram says so; after more the update is handled again later."""

COUNTED: Final = ("send", "copy", "forward", "edit", "stop")
"""How the methods begin that count as messages to their chat."""

MANY: Final = {"sendMediaGroup": "media", "copyMessages": "message_ids", "forwardMessages": "message_ids"}
"""Methods that make several messages, and what holds them."""

FREE: Final = frozenset({"sendChatAction"})


class InPace(BaseRequestMiddleware):
    """Gives every answer its turn, tries again after a 429, and follows a group that has become a supergroup."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """Make one request."""
        for left in reversed(range(TRIES)):
            chat = getattr(method, "chat_id", None)
            if many := counted(method):
                await self._pace.answer(str(chat), many)
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as told:
                if chat is not None:
                    await self._pace.told_to_wait(str(chat), told.retry_after)
                if not left or told.retry_after > LONGEST_WAIT:
                    raise
                log.warning("answer.waits", seconds=told.retry_after)
                await asyncio.sleep(told.retry_after)
            except TelegramMigrateToChat as moved:
                if not left:
                    raise
                log.info("answer.follows")
                method = moved_to(method, moved.migrate_to_chat_id)
        raise AssertionError("the last try answers or raises")


def counted(method: TelegramMethod[Any]) -> int:
    """How many messages a request counts as against the limits of its chat; 0 for none."""
    name = method.__api_method__
    if getattr(method, "chat_id", None) is None or name in FREE or not name.startswith(COUNTED):
        return 0
    if name in MANY:
        return len(getattr(method, MANY[name]))
    return 1


def moved_to(method: TelegramMethod[TelegramType], chat: int) -> TelegramMethod[TelegramType]:
    """The same request to another chat."""
    return method.model_copy(update={"chat_id": chat})
