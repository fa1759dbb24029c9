"""When the next message may go out: one rate over all chats, one for each.

Telegram names about 30 a second in all, one a second per chat, where short bursts pass, and 20 a minute to a group, edits
among them (Bot FAQ); what it really takes it says with a 429.
"""

import asyncio
from typing import Final

from telegram_bot.deliver.turns import Budget, Turns

CHAT_BURST: Final = 4
"""Messages a chat gets at once before its rate holds."""

GROUP_BURST: Final = 0.25
"""The share of a minute's messages that a group gets at once; the rest is spread, so that no minute holds more than all."""

WAITING_LANES: Final = 4
"""Deliveries that may stand before an answer to somebody who just wrote."""

LONGEST_WAIT: Final = 60.0
"""Seconds anything waits for the turn of its chat; after that Telegram may say what it thinks of it."""

BEGUN_WAIT: Final = 5.0
"""Seconds of that when the ledger counts already how long a delivery takes."""


class Pace:
    """The turns of one bot; rates in messages a second, and a minute for a group; 0 over all chats lifts every one."""

    def __init__(self, turns: Turns, per_second: float, per_chat: float, per_group: float = 20.0) -> None:
        self._turns = turns
        self._is_on = per_second > 0
        if self._is_on:
            self._all = Budget("all", 1 / per_second, max(1.0, per_second / 3))
        self._per_chat, self._per_group = per_chat, per_group
        self._queue = asyncio.Semaphore(WAITING_LANES)

    async def answer(self, chat: str, many: int = 1) -> None:
        """Wait for the turn of an answer to somebody who just wrote, of so many messages."""
        budgets = [self._of(chat), self._all] if self._is_on else []
        while budgets:
            spent, wait = await self._turns.take(budgets, many)
            budgets = budgets[spent:]
            await asyncio.sleep(min(wait, LONGEST_WAIT))

    async def delivery(self, chat: str | None) -> None:
        """Wait for the turn of a delivery; `chat` is None while it is not known."""
        budgets = ([self._of(chat)] if chat else []) + [self._all] if self._is_on else []
        while budgets:
            async with self._queue:
                spent, wait = await self._turns.take(budgets)
                budgets = budgets[spent:]
                if not budgets:
                    await asyncio.sleep(wait)
                    return
            # A chat that has to wait keeps nobody else waiting.
            await asyncio.sleep(min(wait, LONGEST_WAIT))

    async def to(self, chat: str, many: int = 1) -> None:
        """Wait for so many turns of a chat, when the one over all was waited for already."""
        if self._is_on:
            _, wait = await self._turns.take([self._of(chat)], many)
            await asyncio.sleep(min(wait, BEGUN_WAIT))

    async def further(self, chat: str, within: float) -> None:
        """Wait `within` seconds for the turn of one message more of what has begun; what is left of the wait is owed."""
        if self._is_on:
            _, wait = await self._turns.take([self._of(chat)])
            await asyncio.sleep(min(wait, within))
            await self._turns.take([self._all])

    async def went(self, chat: str, many: int) -> None:
        """So many messages more went to a chat with the turn of one: whatever is next waits for them."""
        if self._is_on and many:
            for budget in (self._of(chat), self._all):
                await self._turns.take([budget], many)

    async def give_back(self, chat: str | None) -> None:
        """The turn of a delivery was not used."""
        if self._is_on:
            await self._turns.give_back([self._of(chat), self._all] if chat else [self._all])

    async def told_to_wait(self, chat: str, seconds: float) -> None:
        """Telegram takes nothing for a chat for so long; all processes of the bot keep to it, and other chats do not."""
        if self._is_on:
            await self._turns.hold(self._of(chat), seconds)

    def _of(self, chat: str) -> Budget:
        if is_group(chat):
            # The topics of a group share its rate.
            group = chat.partition("/")[0]
            return Budget(group, 60 / (self._per_group * (1 - GROUP_BURST)), max(1.0, self._per_group * GROUP_BURST))
        return Budget(chat, 1 / self._per_chat, CHAT_BURST)


def is_group(address: str) -> bool:
    """Whether an address is a group's, or of a topic in one."""
    return address.startswith("-")
