"""A real aiogram bot, and how tests name what they get."""

from collections.abc import Awaitable, Callable

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import Update

from telegram_simulator import DEMO_TOKEN

Fresh = Callable[[], Awaitable[list[Update]]]
BOT_NAME = "mutual_aid_demo_bot"


def make_bot(url: str, token: str = DEMO_TOKEN) -> Bot:
    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))


async def refused(call: Awaitable[object], kind: type[TelegramAPIError] = TelegramBadRequest) -> str:
    """Telegram's reason, without the words every refusal begins with."""
    with pytest.raises(kind) as refusal:
        await call
    return refusal.value.message.partition(": ")[2]
