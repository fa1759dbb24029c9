"""The menu of one chat: set when what its person is, or their language, has changed, and only then."""

from collections.abc import Awaitable, Callable
from typing import Final, cast

import nats.errors
import redis.exceptions
import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommandScopeChat
from redis.asyncio import Redis

from contracts.client import Client
from contracts.deliveries import Delivery, Result
from contracts.failures import Failure
from contracts.kinds import Notice, SendOutcome
from contracts.operations.users import USERS_ME
from contracts.users import GetMe
from service_kit.supervise import TaskPool
from telegram_bot.commands import For, answering, menu, standing
from telegram_bot.turn import Turn
from telegram_bot.words import Words

log = structlog.get_logger(__name__)

KEPT: Final = 90 * 86_400
"""Seconds a menu is known as set; after that it is set once more."""

AT_ONCE: Final = 16
WITHIN: Final = 2
"""Seconds Telegram may take to set a menu; nobody is to wait long for one."""

CHANGING: Final = frozenset({Notice.MEMBERSHIP_APPROVED, Notice.MEMBERSHIP_CHANGED, Notice.ADMIN_CHANGED})
"""Notices after which somebody may be something else than before."""

Send = Callable[[Delivery], Awaitable[Result]]


class Menus:
    """Which menu each chat was given last, in Redis."""

    def __init__(self, bot: Bot, client: Client, words: Words, redis: Redis) -> None:
        self._bot = bot
        self._client = client
        self._words = words
        self._redis = redis
        self._pool = TaskPool(AT_ONCE, name="menus")

    async def fit_turn(self, turn: Turn) -> None:
        """Give the chat the menu of its person, where this turn had to ask who they are, or they speak another language."""
        had: str | None = turn.step.data.get("menu")
        if turn.known is None and (had is None or had.startswith(f"{turn.locale}:")):
            return
        try:
            to = standing(await turn.me())
        except (Failure, nats.errors.Error, OSError) as refused:
            # What was asked is done; it must not be done again for the sake of a menu.
            log.info("menu.unset", reason=type(refused).__name__)
            return
        telegrams = self._words.locale_for(turn.person.language_code)
        if had != _name(turn.locale, to) and await self._fit(turn.chat, turn.locale, to, telegrams):
            turn.step.data["menu"] = _name(turn.locale, to)

    def following(self, send: Send) -> Send:
        """The same sending; who was told by it that they are something else now gets the menu for it."""

        async def sending(delivery: Delivery) -> Result:
            result = await send(delivery)
            changes = result.outcome is SendOutcome.SENT and delivery.notice in CHANGING
            if changes and delivery.address.isdecimal() and not self._pool.try_start(self._look(int(delivery.address))):
                log.info("menu.unset", reason="busy")  # their next message sets it
            return result

        return sending

    async def drain(self, within: float) -> None:
        """See through what is begun."""
        await self._pool.drain(within)

    async def _look(self, chat: int) -> None:
        try:
            me = await self._client.call(USERS_ME, GetMe(), actor=f"telegram:{chat}")
        except (Failure, nats.errors.Error, OSError) as refused:
            log.info("menu.unset", reason=type(refused).__name__)
            return
        await self._fit(chat, self._words.locale_for(me.user.locale), standing(me), None)

    async def _fit(self, chat: int, locale: str, to: frozenset[For], telegrams: str | None) -> bool:
        """Whether the chat has its menu now. One that cannot be set is set another time: it is a convenience."""
        wanted, key = _name(locale, to), f"telegram:{self._bot.id}:menu:{chat}"
        try:
            known = cast("bytes | None", await self._redis.get(key))
            if known is not None and known.decode() == wanted:
                return True
            # Whoever is nothing more and speaks the language of their Telegram sees the right menu anyway.
            if known is not None or to != {For.EVERYBODY} or telegrams not in {None, locale}:
                scope = BotCommandScopeChat(chat_id=chat)
                await self._bot.set_my_commands(menu(self._words, locale, answering(to)), scope, request_timeout=WITHIN)
            await self._redis.set(key, wanted, ex=KEPT)
        except (TelegramAPIError, redis.exceptions.RedisError) as refused:
            log.info("menu.unset", reason=type(refused).__name__)
            return False
        return True


def _name(locale: str, to: frozenset[For]) -> str:
    return f"{locale}:{','.join(sorted(to))}"
