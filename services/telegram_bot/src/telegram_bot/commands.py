"""Which command is for whom: one table, from which come /help, the menus Telegram shows, and who is told that it is not for them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)

from contracts.kinds import MembershipKind, Role
from contracts.users import Me
from telegram_bot.memberships import holds
from telegram_bot.words import LOCALES, Words

log = structlog.get_logger(__name__)


class For(StrEnum):
    """Whom a command is for."""

    EVERYBODY = "everybody"
    HELPERS = "helpers"
    STAFF = "staff"


COMMANDS: Final = {
    "new": For.EVERYBODY,
    "next": For.HELPERS,
    "current": For.EVERYBODY,
    "demands": For.EVERYBODY,
    "done": For.HELPERS,
    "decline": For.HELPERS,
    "pause": For.HELPERS,
    "resume": For.HELPERS,
    "takeback": For.EVERYBODY,
    "close": For.EVERYBODY,
    "join": For.STAFF,
    "leave": For.STAFF,
    "note": For.STAFF,
    "whisper": For.STAFF,
    "chatid": For.STAFF,
    "phone": For.EVERYBODY,
    "language": For.EVERYBODY,
    "whoami": For.EVERYBODY,
    "help": For.EVERYBODY,
    "start": For.EVERYBODY,
    "cancel": For.EVERYBODY,
}
"""Every command of private chats, in the order it is shown; its sentence is `menu-` and its name."""

IN_GROUPS: Final = ("chatid", "bind")
"""The commands of groups."""


def standing(me: Me) -> frozenset[For]:
    """What somebody is, as far as commands go; whoever holds a demand helps, also a coordinator who took it over."""
    found = {For.EVERYBODY}
    if holds(me, MembershipKind.PROVIDER) or any(one.role is Role.PROVIDER for one in me.demands):
        found.add(For.HELPERS)
    if me.user.is_admin or holds(me, MembershipKind.MODERATOR):
        found.add(For.STAFF)
    return frozenset(found)


def answering(to: frozenset[For]) -> list[str]:
    """The commands that answer for somebody who is all this, in the order of the table."""
    return [name for name, whom in COMMANDS.items() if whom in to]


def menu(words: Words, locale: str, names: Iterable[str]) -> list[BotCommand]:
    """These commands as Telegram shows them."""
    return [BotCommand(command=name, description=words.say(locale, f"menu-{name}")) for name in names]


async def tell_commands(bot: Bot, words: Words, default: str) -> None:
    """Set the menus of people we know nothing of yet and of groups; without them the bot works all the same."""
    everybody = answering(frozenset({For.EVERYBODY}))
    try:
        # What stands under no scope would show in groups too.
        for code in (None, *LOCALES):
            await bot.delete_my_commands(BotCommandScopeDefault(), language_code=code)
        for code in (None, *LOCALES):
            locale = code or default
            await bot.set_my_commands(
                menu(words, locale, everybody), BotCommandScopeAllPrivateChats(), language_code=code
            )
            await bot.set_my_commands(
                menu(words, locale, IN_GROUPS), BotCommandScopeAllGroupChats(), language_code=code
            )
    except TelegramAPIError as refused:
        log.warning("menu.unset", reason=type(refused).__name__)
