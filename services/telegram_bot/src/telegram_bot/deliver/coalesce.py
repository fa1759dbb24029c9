"""Many small calls of one moment made as one: a list of thirty costs a tenth of thirty calls."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from service_kit.supervise import TaskPool

Q = TypeVar("Q")
A = TypeVar("A")

WITHIN: Final = 0.003
"""Seconds the first of a list waits for company while another list is on its way."""

MOST: Final = 30
"""Items of one list; the gain flattens there."""

CALLS: Final = 64
"""Lists on their way at once."""


class Coalescer(Generic[Q, A]):
    """Gathers items and asks for them together; `ask` answers a list with one answer for each item, in order."""

    def __init__(self, ask: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], *, name: str) -> None:
        self._ask = ask
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._pool = TaskPool(CALLS, name=name)
        self._timer: asyncio.TimerHandle | None = None

    async def one(self, item: Q) -> A:
        """The answer for one item; raises what asking for its list raised."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if len(self._waiting) >= MOST:
            self._flush()
        elif self._timer is None:
            # With nothing on its way there is little company to wait for: whoever comes in the same breath, and no more.
            wait = WITHIN if self._pool.running else 0.0
            self._timer = asyncio.get_running_loop().call_later(wait, self._flush)
        return await answer

    async def drain(self, within: float) -> None:
        """Finish what is on its way."""
        self._flush()
        await self._pool.drain(within)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting:
            return
        together, rest = self._waiting[:MOST], self._waiting[MOST:]
        if self._pool.try_start(self._call(together)):
            self._waiting = rest
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(WITHIN, self._flush)

    async def _call(self, together: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._ask([item for item, _ in together])
        except Exception as error:  # noqa: BLE001 - every waiting lane learns of it and decides
            for _, waiting in together:
                if not waiting.done():
                    waiting.set_exception(error)
            return
        for (_, waiting), answer in zip(together, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)
