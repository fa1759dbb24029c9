"""How fast a bot may send. Telegram publishes round numbers only (Bot FAQ: 1/s a chat, 20/min a group, 30/s in all)."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from telegram_simulator.refusals import too_many_requests

OVERALL = (30.0, 30.0)
"""Messages a second, and how many may come at once."""
PRIVATE = (1.0, 5.0)
GROUP = (20.0 / 60.0, 20.0)
_MOST_BUCKETS = 100_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limits:
    """Token buckets for a bot and for each of its chats. `on` may be switched at any time."""

    def __init__(self, *, on: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = on
        self.refused = 0
        self._clock = clock
        self._buckets: dict[tuple[int, int], _Bucket] = {}

    def spend(self, bot_id: int, chat_id: int, count: int = 1) -> None:
        """Take `count` messages from what is allowed now, or refuse with the seconds to wait."""
        if not self.on:
            return
        now = self._clock()
        if len(self._buckets) > _MOST_BUCKETS:
            self._buckets.clear()
        wanted = [((bot_id, 0), OVERALL), ((bot_id, chat_id), GROUP if chat_id < 0 else PRIVATE)]
        wait = max(self._seconds(key, rate, burst, count, now) for key, (rate, burst) in wanted)
        if wait > 0:
            self.refused += 1
            raise too_many_requests(max(1, math.ceil(wait)))
        for key, _ in wanted:
            self._buckets[key].tokens -= count

    def _seconds(self, key: tuple[int, int], rate: float, burst: float, count: int, now: float) -> float:
        """Refill a bucket and return how long until `count` are there (an album larger than it needs it full)."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(burst, now)
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        return max(0.0, (min(count, burst) - bucket.tokens) / rate)
