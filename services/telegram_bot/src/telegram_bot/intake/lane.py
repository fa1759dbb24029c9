"""What a worker has in hand: the updates of each chat, in the order in which they were written."""

import asyncio
import heapq
import time
from collections.abc import Awaitable, Callable
from typing import Final

import nats.errors
import structlog
from nats.aio.msg import Msg

from contracts.events import RETRIED_AS
from telegram_bot.intake.heads import Head
from telegram_bot.intake.opening import Written

log = structlog.get_logger(__name__)

LANE_BOUND: Final = 64
"""Updates of one chat in hand; what comes above waits in the stream and is offered again."""


class Held:
    """An update in hand, as the stream offered it, or from its second copy, and then the stream hears nothing of it."""

    def __init__(self, head: Head, update: bytes, message: Msg | None = None) -> None:
        headers = (message.headers if message else None) or {}
        self.head = head
        self.update_id = head.update_id
        self.chat = head.chat
        self.is_known = head.is_known
        self.album = head.album
        self.update = update
        self.message = message
        # An operator's wish to have it handled although it counts as handled.
        self.retried_as = headers.get(RETRIED_AS, "")
        self.traceparent = headers.get("traceparent")
        self.since = time.monotonic()
        # Whether it was counted against its person's pace, which is done once.
        self.counted = False

    def written(self) -> Written | None:
        """What is to be counted against whose pace; None for nothing, or when it was counted before."""
        return None if self.counted or self.retried_as else self.head.written(time.time())

    def left_of(self, delay: float) -> float:
        """Seconds of a delay that are left since it was written; never more than all of it, whatever the two clocks say."""
        written = self.head.written(time.time()) if delay else None
        return min(delay, max(0.0, written.at + delay - time.time())) if written else 0.0

    async def keep(self) -> None:
        """Tell the stream that it is being worked on."""
        if self.message:
            await self.message.in_progress()

    async def let_go(self) -> None:
        """Tell the stream that it is done with."""
        if self.message:
            await settled(self.message.ack)

    async def give_back(self) -> None:
        """Tell the stream to offer it to another."""
        if self.message:
            await settled(self.message.nak)


class Lane:
    """The updates of one chat in hand, lowest id first."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.held: dict[int, Held] = {}
        self.changed = asyncio.Event()
        # What the chat waits for after the last update handled, and whether the chat is this process's own.
        self.following: int | None = None
        self.owned = False

    def put(self, held: Held) -> None:
        """Add an update; one that is offered again while in hand only renews how it is acknowledged."""
        if known := self.held.get(held.update_id):
            known.message = held.message
            return
        self.held[held.update_id] = held
        heapq.heappush(self.order, held.update_id)
        self.changed.set()

    async def comes(self, within: float) -> bool:
        """Whether another update comes within so many seconds, `changed` having been cleared before."""
        try:
            async with asyncio.timeout(within):
                await self.changed.wait()
        except TimeoutError:
            return False
        return True

    def first(self) -> Held:
        """The update whose turn it is, as far as this lane knows."""
        return self.held[self.order[0]]

    def drop(self, held: Held) -> None:
        """Let go of an update."""
        del self.held[held.update_id]
        self.order.remove(held.update_id)
        heapq.heapify(self.order)


async def settled(answer: Callable[[], Awaitable[None]]) -> None:
    """Answer the stream; when the answer gets lost the update comes again and is known as handled."""
    try:
        await answer()
    except nats.errors.Error as error:
        log.warning("update.unacknowledged", reason=type(error).__name__)
