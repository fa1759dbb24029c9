"""A lane per destination: what it is owed, one after the other; nobody waits for somebody else's full inbox."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import uuid4

import nats.errors
import redis.exceptions
import structlog

from contracts.client import Client
from contracts.deliveries import BeginDeliveries, Delivery, Result, SettleDeliveries
from contracts.failures import Failure, InvalidRequest
from contracts.kinds import DeliveryKind, EntryKind, Notice, SendOutcome
from contracts.operations.messages import DELIVERIES_BEGIN, DELIVERIES_SETTLE
from contracts.shapes import DestinationId
from service_kit.correlation import correlated
from service_kit.metrics import counter
from service_kit.supervise import TaskPool
from telegram_bot.deliver.coalesce import Coalescer
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

DELIVERED = counter("telegram_deliveries", "attempts to deliver by what became of them", "outcome")

Send = Callable[[Delivery], Awaitable[Result]]
After = Callable[[Delivery, Result], Awaitable[None]]

Heard = tuple[int, str]
"""A chat and the demand it was told something from."""


class _Lane:
    def __init__(self) -> None:
        self.again = False
        self.chat: str | None = None


class Lanes:
    """Sends what is owed, in order per destination, as fast as the pace allows."""

    def __init__(self, client: Client, pace: Pace, steps: Steps, send: Send, after: After | None = None) -> None:
        self._after = after
        self._client = client
        self._pace = pace
        self._steps = steps
        self._send = send
        self._lanes: dict[DestinationId, _Lane] = {}
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
        await self._pool.drain(within)
        await self._settle.drain(1.0)

    async def _work(self, destination: DestinationId, lane: _Lane) -> None:
        failures = 0
        try:
            while not self._stopping:
                lane.again = False
                await self._pace.delivery(lane.chat)
                try:
                    delivery = await self._begin.one(destination)
                except (Failure, nats.errors.Error, OSError) as error:
                    self._pace.give_back()
                    log.warning("delivery.begin_failed", reason=type(error).__name__)
                    await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                    failures += 1
                    continue
                failures = 0
                if delivery is not None:
                    lane.chat = delivery.address
                    try:
                        await self._see_through(delivery)
                    except Exception:
                        self._let_go()
                        raise
                    continue
                self._pace.give_back()
                if not lane.again:
                    return
        finally:
            del self._lanes[destination]

    async def _see_through(self, delivery: Delivery) -> None:
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
            await self._account(result, _heard(delivery) if result.outcome is SendOutcome.SENT else None)
            await self._follow_up(delivery, result)
        if result.retry_after:
            await asyncio.sleep(min(result.retry_after, LONGEST_WAIT) + SLACK)

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
        """Remember which conversation each chat heard last: plain words after it are not taken for another's."""
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


def _heard(delivery: Delivery) -> Heard | None:
    """The conversation a chat hears from with a delivery, if with any."""
    hears = delivery.entry == EntryKind.MESSAGE or delivery.notice in {Notice.YOU_TOOK_IT, Notice.YOU_JOINED}
    if delivery.demand is None or not hears or delivery.kind != DeliveryKind.SEND:
        return None
    return int(delivery.address), str(delivery.demand.id)
