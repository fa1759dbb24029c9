"""What the bot waits for at its start: each look says that it is there, that it is away, or that it never will be."""

import asyncio
from typing import Final

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from redis.exceptions import RedisError

from service_kit.broker import BrokerUnavailable
from telegram_bot.store import MeasuredRedis

REDIS_WITHIN: Final = 3.0
"""Seconds for one look whether Redis answers, after which it is named as missing and asked again."""


class TokenRefused(Exception):
    """Telegram does not know the token; the text is fit for the operator."""

    safe_to_log = True

    def __init__(self) -> None:
        super().__init__("BOT_TOKEN: Telegram refuses it; take the bot's current token from BotFather")


class NotThere(Exception):
    """A server does not answer yet; the text is fit for the operator."""

    safe_to_log = True


async def known_to_telegram(bot: Bot) -> None:
    """Raise `TokenRefused` rather than try for ever, and `NotThere` while Telegram cannot be asked."""
    try:
        await bot.get_me()
    except TelegramAPIError as error:
        raise away(error) from None


async def answering(redis: MeasuredRedis) -> None:
    """Raise `NotThere` while Redis does not answer."""
    try:
        # redis-py waits by `asyncio.wait_for`, which forgets a cancelling that meets its answer on Python 3.11: without an end
        # of our own a bot told to stop in that instant would sit out three of its time-outs.
        async with asyncio.timeout(REDIS_WITHIN):
            await redis.ping()
    except (RedisError, OSError) as error:
        raise NotThere(f"Redis does not answer: {type(error).__name__}") from None


def away(error: TelegramAPIError) -> TokenRefused | NotThere:
    """What an error of Telegram's means for somebody who has to be known to it."""
    if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
        return TokenRefused()
    # Its own words may hold the address of the request, and that the token.
    return NotThere(f"Telegram does not answer: {type(error).__name__}")


def is_away(error: Exception) -> bool:
    """Whether a server may yet come, and let us in."""
    return isinstance(error, NotThere) or (isinstance(error, BrokerUnavailable) and not error.is_final)
