"""What each chat was last told from a conversation: by that it is judged whom words without an address are for.

Redis may be away while somebody is told something. What could not be noted then is kept here and noted later; until it
is, this process knows better than Redis.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final, cast

import redis.exceptions
import structlog
from redis.asyncio import Redis

from telegram_bot.intake.scripts import DECIDED, HEARD
from telegram_bot.line import Scripts

log = structlog.get_logger(__name__)

HEARD_KEPT: Final = 7 * 86_400
"""Seconds for which it is known what a chat heard last, as long as a chosen conversation."""

LATE: Final = 10_000
"""Chats for which something is kept that could not be noted, the newest."""

AGAIN: Final = 0.5
"""Seconds between attempts to note it."""


class Hearing:
    """Which conversation each chat of one bot heard last."""

    def __init__(self, redis: Redis, prefix: str, script: Scripts) -> None:
        self._redis = redis
        self._prefix = prefix
        self._noted, self._decided = script(HEARD), script(DECIDED)
        self._late: dict[int, str] = {}
        self._is_late = asyncio.Event()

    async def hear_all(self, heard: Sequence[tuple[int, str]]) -> None:
        """Note for each chat the conversation it was told something from, and whatever could not be noted before."""
        for chat, demand in heard:
            self._late.pop(chat, None)
            # The moment tells two words of one conversation apart.
            self._late[chat] = f"{demand}@{time.time_ns() // 1_000_000}"
        while len(self._late) > LATE:
            del self._late[next(iter(self._late))]
        try:
            await self._note()
        except BaseException:
            self._is_late.set()
            raise

    async def keep_noting(self) -> None:
        """Note, for ever, what could not be noted when it was heard."""
        while True:
            await self._is_late.wait()
            try:
                await self._note()
            except (redis.exceptions.RedisError, OSError) as error:
                log.warning("heard.unnoted", chats=len(self._late), reason=type(error).__name__)
                await asyncio.sleep(AGAIN)

    async def heard(self, chat: int) -> str:
        """A mark of what the chat heard last: another one as soon as it hears anything more; empty when that is not known."""
        if chat in self._late:
            return self._late[chat]
        found = cast("bytes | None", await self._redis.get(self._key(chat)))
        return found.decode() if found else ""

    async def decided(self, chat: int, about: str, found: Sequence[str], *, noted: str, kept: int) -> str:
        """The first of what was found, or nothing when anything else was heard; `noted` among an update's answers."""
        arguments: tuple[str | int, ...] = (f"{about}:", kept, self._late.get(chat, ""), *found)
        decision = await self._decided(keys=(noted, self._key(chat)), args=arguments)
        return cast("bytes", decision).decode()

    async def _note(self) -> None:
        now = dict(self._late)
        if now:
            await self._noted(keys=[self._key(chat) for chat in now], args=[HEARD_KEPT, *now.values()])
        for chat, mark in now.items():
            # What was heard meanwhile is on its way by itself.
            if self._late.get(chat) == mark:
                del self._late[chat]
        if not self._late:
            self._is_late.clear()

    def _key(self, chat: int) -> str:
        return f"{self._prefix}:heard:{chat}"
