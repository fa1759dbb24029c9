"""The menu of commands Telegram shows, in every language we speak."""

from typing import Final

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand

from telegram_bot.words import LOCALES, Words

log = structlog.get_logger(__name__)

SHOWN: Final = ("new", "next", "demands", "decline", "close", "takeback", "language", "help", "cancel")


async def tell_commands(bot: Bot, words: Words, default: str) -> None:
    """Set the menu; without it the bot works all the same."""
    try:
        for locale in LOCALES:
            menu = [BotCommand(command=name, description=words.say(locale, f"menu-{name}")) for name in SHOWN]
            await bot.set_my_commands(menu, language_code=locale)
            if locale == default:
                await bot.set_my_commands(menu)
    except TelegramAPIError as refused:
        log.warning("menu.unset", reason=type(refused).__name__)
