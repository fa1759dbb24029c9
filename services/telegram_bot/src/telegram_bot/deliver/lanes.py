"""A lane per destination: what it is owed, one after the other; nobody waits for somebody else's full inbox."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

import nats.errors
import redis.exceptions
import structlog

from contracts.client import Client
from contracts.deliveries import BeginDeliveries, Delivery, Result, SettleDeliveries
from contracts.failures import Failure, InvalidRequest
from contracts.operations.messages import DELIVERIES_BEGIN, DELIVERIES_SETTLE
from contracts.shapes import DestinationId
from service_kit.correlation import correlated
from service_kit.metrics import counter
from service_kit.supervise import TaskPool
from telegram_bot.deliver.coalesce import Coalescer
from telegram_bot.deliver.hearing import Heard, heard_in
from telegram_bot.deliver.judge import TOO_MANY
from telegram_bot.deliver.pace import Pace
from telegram_bot.intake.steps import Steps

log = structlog.get_logger(__name__)

LANES: Final = 4096
"""Destinations served at once; a signal for one more stays in the stream."""

PAUSES: Final = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Seconds between attempts while the api is away, the last one again and again."""

SLACK: Final = 0.3
"""Seconds added to a wait the ledger counts too, so that the delivery is due when we ask for it."""

LONGEST_WAIT: Final = 60.0
"""Seconds a lane waits for a delivery that is due later; after more a new signal wakes it."""

REMEMBERED: Final = 10_000
"""Destinations whose chats are known before they are begun."""

DELIVERED = counter("telegram_deliveries", "attempts to deliver by what became of them", "outcome")

Send = Callable[[Delivery], Awaitable[Result]]
After = Callable[[Delivery, Result], Awaitable[None]]


class _Lane:
    def __init__(self) -> None:
        self.again = False
        # The task of the lane while it only waits: to end then loses nothing.
        self.resting: asyncio.Task[object] | None = None

    @contextmanager
    def rests(self) -> Iterator[None]:
        """A block in which nothing is begun."""
        self.resting = asyncio.current_task()
        try:
            yield
        finally:
            self.resting = None


class Lanes:
    """Sends what is owed, in order per destination, as fast as the pace allows."""

    def __init__(self, client: Client, pace: Pace, steps: Steps, send: Send, after: After | None = None) -> None:
        self._after = after
        self._client = client
        self._pace = pace
        self._steps = steps
        self._send = send
        self._lanes: dict[DestinationId, _Lane] = {}
        self._chats: dict[DestinationId, str] = {}
        self._pool = TaskPool(LANES, name="deliver.lanes")
        self._begin: Coalescer[DestinationId, Delivery | None] = Coalescer(self._begin_all, name="deliver.begin")
        self._settle: Coalescer[tuple[Result, Heard | None], None] = Coalescer(self._settle_all, name="deliver.settle")
        self._stopping = False
        self._holder = uuid4().hex

    def signal(self, destination: DestinationId) -> bool:
        """Something is owed there; False when there is no room for another lane now."""
        if self._stopping:
            return False
        lane = self._lanes.get(destination)
        if lane is not None:
            lane.again = True
            return True
        lane = self._lanes[destination] = _Lane()
        if self._pool.try_start(self._work(destination, lane)):
            return True
        del self._lanes[destination]
        return False

    @property
    def count(self) -> int:
        """Destinations being served now."""
        return len(self._lanes)

    async def drain(self, within: float) -> None:
        """Begin nothing new, and see through what is being sent."""
        self._stopping = True
        for lane in self._lanes.values():
            if lane.resting is not None:
                lane.resting.cancel()
        await self._pool.drain(within)
        await self._settle.drain(1.0)

    async def _work(self, destination: DestinationId, lane: _Lane) -> None:
        failures = 0
        try:
            while not self._stopping:
                lane.again = False
                known = self._chats.get(destination)
                with lane.rests():
                    await self._pace.delivery(known)
                try:
                    delivery = await self._begin.one(destination)
                except (Failure, nats.errors.Error, OSError) as error:
                    await self._pace.give_back(known)
                    log.warning("delivery.begin_failed", reason=type(error).__name__)
                    await self._rest(lane, PAUSES[min(failures, len(PAUSES) - 1)])
                    failures += 1
                    continue
                failures = 0
                if delivery is not None:
                    try:
                        await self._meet(delivery, known)
                        wait = await self._see_through(delivery)
                    except Exception:
                        self._let_go()
                        raise
                    await self._rest(lane, wait)
                    continue
                await self._pace.give_back(known)
                if not lane.again:
                    return
        finally:
            del self._lanes[destination]

    async def _rest(self, lane: _Lane, seconds: float) -> None:
        if seconds and not self._stopping:
            with lane.rests():
                await asyncio.sleep(seconds)

    async def _meet(self, delivery: Delivery, known: str | None) -> None:
        """Know the chat from now on; one whose pace was not waited for yet gets its turn."""
        if delivery.address == known:
            return
        if len(self._chats) >= REMEMBERED:
            del self._chats[next(iter(self._chats))]
        self._chats[delivery.destination] = delivery.address
        await self._pace.to(delivery.address)

    async def _see_through(self, delivery: Delivery) -> float:
        """Make a delivery and account for it; the seconds until the destination may have more."""
        with correlated(delivery.traceparent):
            result = await self._send(delivery)
            DELIVERED(outcome=result.outcome)
            log.info(
                "delivery.attempted",
                delivery_id=delivery.id,
                outcome=result.outcome,
                reason=result.reason,
                attempt=delivery.attempt,
                repeat=delivery.repeat,
            )
            await self._account(result, heard_in(delivery, result))
            await self._follow_up(delivery, result)
        if result.reason == TOO_MANY:
            await self._pace.told_to_wait(delivery.address, result.retry_after)
        return min(result.retry_after, LONGEST_WAIT) + SLACK if result.retry_after else 0.0

    async def _account(self, result: Result, heard: Heard | None) -> None:
        """Tell the ledger, for as long as it takes: untold, a delivery that arrived would be sent again."""
        failures = 0
        while True:
            try:
                await self._settle.one((result, heard))
            except InvalidRequest:
                log.exception("delivery.unaccountable", delivery_id=result.delivery)
                self._let_go()
                return
            except (Failure, nats.errors.Error, OSError) as error:
                log.warning("delivery.settle_failed", delivery_id=result.delivery, reason=type(error).__name__)
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
                heard = None  # noted by now, or not to be noted; meanwhile the person may have chosen another
            else:
                return

    async def _follow_up(self, delivery: Delivery, result: Result) -> None:
        """What else a chat shows now; nothing that is owed hangs on it."""
        if self._after is None:
            return
        try:
            await self._after(delivery, result)
        except redis.exceptions.RedisError as error:
            log.warning("delivery.no_follow_up", delivery_id=delivery.id, reason=type(error).__name__)

    def _let_go(self) -> None:
        """Ask as somebody else from now on: what was begun and not accounted for may have arrived, and is no lost answer."""
        self._holder = uuid4().hex

    async def _note_heard(self, heard: list[Heard]) -> None:
        """Remember which conversation each chat heard last: plain words after it are not taken for another's.

        While Redis is away the steps remember it themselves, and note it later.
        """
        if not heard:
            return
        try:
            await self._steps.hear_all(heard)
        except redis.exceptions.RedisError as error:
            log.warning("heard.unnoted", reason=type(error).__name__)

    async def _begin_all(self, destinations: Sequence[DestinationId]) -> list[Delivery | None]:
        asked = BeginDeliveries(destinations=list(destinations), holder=self._holder)
        begun = await self._client.call(DELIVERIES_BEGIN, asked)
        found = {item.destination: item for item in begun.items}
        return [found.get(destination) for destination in destinations]

    async def _settle_all(self, done: Sequence[tuple[Result, Heard | None]]) -> list[None]:
        await self._note_heard([heard for _, heard in done if heard])
        await self._client.call(DELIVERIES_SETTLE, SettleDeliveries(results=[result for result, _ in done]))
        return [None] * len(done)
