"""Every call a bot made, in the order it was accepted."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from telegram_simulator.refusals import ControlError

KEPT = 200_000
_MOST_WAITING = 1_000


class Entry(msgspec.Struct, kw_only=True):
    """One call: `number` counts from 1 without gaps, `at` is Unix seconds, `error` the description of a refusal.

    `fault` names the injected fault that struck it. A file shows as its name and size.
    """

    number: int
    at: float
    bot_id: int
    method: str
    params: Mapping[str, Any]
    code: int
    result: Any = None
    error: str = ""
    fault: str = ""

    def concerns(self, method: str, chat_id: str) -> bool:
        """Whether it is a call of `method` (any case, empty: any) for `chat_id` (empty: any)."""
        if method and self.method.lower() != method:
            return False
        return not chat_id or str(self.params.get("chat_id", "")) == chat_id


class Journal:
    """The last 200,000 calls, and counts of all. `evicted` says how many are no longer kept."""

    def __init__(self, kept: int = KEPT) -> None:
        self.entries: deque[Entry] = deque(maxlen=kept)
        self.accepted: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.number = 0
        self._waiting: set[asyncio.Event] = set()

    @property
    def evicted(self) -> int:
        """How many calls were forgotten."""
        return self.number - len(self.entries)

    def add(
        self,
        bot_id: int,
        method: str,
        params: Mapping[str, Any],
        code: int,
        *,
        result: object = None,
        error: str = "",
        fault: str = "",
    ) -> Entry:
        """Write down one call."""
        self.number += 1
        entry = Entry(
            number=self.number,
            at=time.time(),
            bot_id=bot_id,
            method=method,
            params=params,
            code=code,
            result=result,
            error=error,
            fault=fault,
        )
        self.entries.append(entry)
        (self.refused if error else self.accepted)[method] += 1
        for waiting in self._waiting:
            waiting.set()
        return entry

    def since(self, number: int, limit: int, method: str = "", chat_id: str = "") -> Iterator[Entry]:
        """Return up to `limit` calls with a greater number."""
        skip = max(0, number - self.evicted)
        found = (entry for entry in islice(self.entries, skip, None) if entry.concerns(method.lower(), chat_id))
        return islice(found, limit)

    async def wait(self, number: int, limit: int, method: str, chat_id: str, seconds: float) -> list[Entry]:
        """Return as `since`, waiting up to `seconds` for the first."""
        if len(self._waiting) >= _MOST_WAITING:
            raise ControlError(503, f"more than {_MOST_WAITING} waits at once")
        waiting = asyncio.Event()
        self._waiting.add(waiting)
        try:
            async with asyncio.timeout(seconds):
                while not (found := list(self.since(number, limit, method, chat_id))):
                    number = max(number, self.number)
                    waiting.clear()
                    await waiting.wait()
                return found
        except TimeoutError:
            return []
        finally:
            self._waiting.discard(waiting)
