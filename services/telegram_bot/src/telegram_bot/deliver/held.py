"""How long one delivery may be worked on: after 30 s the ledger takes it for lost, and what arrived of it comes again."""

import time
from typing import Final

from telegram_bot.deliver.pace import Pace

HELD_WITHIN: Final = 8.0
"""Seconds after which no further part of a delivery is begun."""


class Held:
    """The seconds of one delivery that has begun; what follows its first message waits in them for the turns of its chat.

    Whoever else waits for a turn over all chats is not waited for: a half of a place or of long words is worse than a turn
    taken early, which all the others then wait for.
    """

    def __init__(self, pace: Pace, address: str) -> None:
        self._pace, self._address = pace, address
        self._until = time.monotonic() + HELD_WITHIN

    @property
    def is_over(self) -> bool:
        """Whether nothing more of it is to be begun."""
        return time.monotonic() > self._until

    async def further(self, left: int) -> None:
        """Wait for the turn of the next of so many messages that are `left`, no longer than its share of the seconds."""
        await self._pace.further(self._address, max(0.0, self._until - time.monotonic()) / left)
