"""Every request to Telegram, measured by its method."""

from typing import Final

import aiohttp
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from service_kit.metrics import Outcome, timed

NO_ANSWER: Final = (TelegramNetworkError, TelegramServerError)

NOT_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""What aiohttp raises before a byte of the request is on its way: no such host, refused, TLS, time-out of connecting."""


class Measured(BaseRequestMiddleware):
    """Measures each request, without the waits before it: it belongs next to the network."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """Make one request."""
        with timed("telegram", type(method).__api_method__) as measured:
            try:
                return await make_request(bot, method)
            except TelegramAPIError as error:
                measured.outcome = outcome_of(error)
                raise


def outcome_of(error: TelegramAPIError) -> Outcome:
    """What an error of aiogram's counts as: told to wait, refused, or without an answer."""
    if isinstance(error, TelegramRetryAfter):
        return "busy"
    if isinstance(error, NO_ANSWER):
        return "timed_out" if isinstance(error.__cause__, TimeoutError) else "failed"
    return "refused"


def is_unsent(error: Exception) -> bool:
    """Whether a request that failed so has surely not had an effect.

    aiogram folds every network error into one class, so the cause decides whether the request was on its way.
    """
    if isinstance(error, TelegramRetryAfter):
        return True
    return isinstance(error, TelegramNetworkError) and isinstance(error.__cause__, NOT_SENT)
