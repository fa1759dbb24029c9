"""When the next message may go out: one rate over all chats, one for each.

Telegram names about 30 a second in all and one a second per chat, where short bursts pass (Bot FAQ); what it really takes
it says with a 429.
"""

import asyncio
import time
from typing import Final

CHAT_BURST: Final = 4
"""Messages a chat gets at once before its rate holds."""

GROUP_INTERVAL: Final = 4.0
"""Seconds between messages to one group once its burst is used up. Telegram names 20 a minute, in which edits count: this
and the burst are never more."""

GROUP_BURST: Final = 5
"""Messages a group gets at once."""

WAITING_LANES: Final = 4
"""Deliveries that may stand before an answer to somebody who just wrote."""

REMEMBERED: Final = 10_000


class Pace:
    """The turns of one bot; rates in messages a second, 0 over all chats lifts both."""

    def __init__(self, per_second: float, per_chat: float) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._burst = max(1.0, per_second / 3)
        self._chat_interval = 1 / per_chat if per_second else 0.0
        # Each holds the moment at which its budget is whole again; the farther ahead, the more was spent.
        self._spent = 0.0
        self._chats: dict[str, float] = {}
        self._queue = asyncio.Semaphore(WAITING_LANES)

    async def answer(self, chat: str) -> None:
        """Wait for the turn of an answer to somebody who just wrote."""
        if self._interval:
            await self._chat_turn(chat)
            await self._turn()

    async def delivery(self, chat: str | None) -> None:
        """Wait for the turn of a delivery; `chat` is None while it is not known."""
        if self._interval:
            if chat is not None:
                await self._chat_turn(chat)
            async with self._queue:
                await self._turn()

    def give_back(self, chat: str | None = None) -> None:
        """A turn was not used; a group's own is worth keeping, too."""
        self._spent -= self._interval
        if chat is not None and is_group(chat) and (key := chat.partition("/")[0]) in self._chats:
            self._chats[key] -= self._rate_of(chat)[0]

    async def _turn(self) -> None:
        now = time.monotonic()
        self._spent = max(self._spent, now) + self._interval
        await asyncio.sleep(max(0.0, self._spent - self._burst * self._interval - now))

    def _rate_of(self, chat: str) -> tuple[float, int]:
        if is_group(chat):
            return max(self._chat_interval, GROUP_INTERVAL), GROUP_BURST
        return self._chat_interval, CHAT_BURST

    async def _chat_turn(self, chat: str) -> None:
        now = time.monotonic()
        interval, burst = self._rate_of(chat)
        chat = chat.partition("/")[0]  # the topics of a group share its rate
        if len(self._chats) > REMEMBERED:
            self._chats = {key: until for key, until in self._chats.items() if until > now}
        until = max(self._chats.get(chat, 0.0), now) + interval
        self._chats[chat] = until
        await asyncio.sleep(max(0.0, until - burst * interval - now))


def is_group(address: str) -> bool:
    """Whether an address is a group's, or of a topic in one."""
    return address.startswith("-")
