"""Ten times what the api can do: the excess is told to come back, memory stays, others are served, and then it is over."""

import asyncio
import collections
import json
import time
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from nats.aio.msg import Msg

from chaos.api.alone import alone, tell
from chaos.api.crowd import LONG, rounds
from contracts import wire
from contracts.demands import GetDemand
from contracts.failures import Busy, DeadlineExceeded
from contracts.operations.demands import DEMANDS_GET
from contracts.permissions import inbox_of
from integration.api.town import Seated, seated
from local_servers import Addresses, Servers
from world import Person, connection_of, made_world, until

pytestmark = pytest.mark.chaos

TIMES = 10
CALLERS = 32
TICK = 0.01  # s between bursts of the flood
GROWTH = 1.5
P99 = 2.0  # s, of somebody who does not take part in the flood
SERVED = "a reply"


@dataclass
class Flood:
    """Calls sent without waiting for answers, and what came back to them."""

    at: Seated
    sent: int = 0
    answers: collections.Counter[str] = field(default_factory=collections.Counter)

    async def hear(self, answer: Msg) -> None:
        self.answers[(answer.headers or {}).get(wire.ERROR, SERVED)] += 1

    async def pour(self, per_second: float, seconds: float) -> None:
        """So many calls a second, whatever becomes of them: half of them read, half of them write."""
        telegram = await connection_of(self.at.world.broker, "telegram")
        inbox = f"{inbox_of('telegram')}.{uuid4().hex}"
        heard = await telegram.subscribe(f"{inbox}.*", cb=self.hear, pending_msgs_limit=-1, pending_bytes_limit=-1)
        demand = str(self.at.demand)
        read, write = json.dumps({"demand": demand}).encode(), json.dumps({"demand": demand, "text": "x"}).encode()
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            for _ in range(int(passed * per_second) - self.sent):
                self.sent += 1
                headers = {wire.ACTOR: self.at.requester.actor, wire.IDEMPOTENCY_KEY: f"flood-{self.sent}"}
                name, body = ("demands.get", read) if self.sent % 2 else ("messages.send", write)
                await telegram.publish(f"api.v1.telegram.{name}", body, reply=f"{inbox}.{self.sent}", headers=headers)
            await telegram.flush()
            await asyncio.sleep(TICK)
        await until(lambda: self.answers.total() == self.sent, within=30)
        await heard.unsubscribe()
        await telegram.drain()


async def sustained(at: Seated, seconds: float) -> float:
    """Calls a second that are served when everybody waits for their answer."""
    served, end = 0, time.monotonic() + seconds

    async def caller() -> None:
        nonlocal served
        while time.monotonic() < end:
            await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))
            served += 1

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return served / seconds


async def somebody_else(who: Person, at: Seated, took: list[float], gave_up: list[float], over: asyncio.Event) -> None:
    """Somebody else, who asks, waits for the answer, and asks again a little later."""
    while not over.is_set():
        began = time.monotonic()
        try:
            await who.call(DEMANDS_GET, GetDemand(demand=at.demand))
            took.append(time.monotonic() - began)
        except (Busy, DeadlineExceeded):
            gave_up.append(time.monotonic() - began)
        await asyncio.sleep(0.05)


async def test_a_flood_is_answered_with_busy_and_drowns_nobody(servers: Addresses, broker: Servers) -> None:
    async with made_world(servers, broker, serve=False) as world, alone(world) as api:
        at = await seated(world)
        per_second = await sustained(at, rounds(2, 10))
        before, most = api.memory(), 0
        flood, over = Flood(at), asyncio.Event()
        took: list[float] = []
        gave_up: list[float] = []

        async def watch() -> None:
            nonlocal most
            while not over.is_set():
                most = max(most, api.memory())
                await asyncio.sleep(0.1)

        async with asyncio.TaskGroup() as group:
            group.create_task(watch())
            for who in (at.provider, at.moderator):
                group.create_task(somebody_else(who, at, took, gave_up, over))
            began = time.monotonic()
            await flood.pour(TIMES * per_second, rounds(10, 300))
            ended = time.monotonic()
            over.set()
        lasted = ended - began
        await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))
        recovered = time.monotonic() - ended
        took.sort()
        p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
        tell(
            f"sustained {per_second:.0f}/s, flood {flood.sent / lasted:.0f}/s for {lasted:.0f} s: {dict(flood.answers)}"
        )
        tell(
            f"memory {before >> 20} MiB before, {most >> 20} MiB at most; served again {recovered:.2f} s after the end"
        )
        tell(
            f"others: {len(took)} calls, p50 {p50:.2f} s, p99 {p99:.2f} s, longest {took[-1]:.2f} s, {len(gave_up)} gave up"
        )
        assert flood.answers.keys() <= {SERVED, Busy.__name__, DeadlineExceeded.__name__}
        assert flood.answers.total() == flood.sent, "every call was answered"
        assert flood.answers[Busy.__name__] > flood.sent / 4, "more than it can do was asked of it"
        assert flood.answers[SERVED] > per_second, "and it went on working"
        assert most < before * GROWTH
        assert recovered < P99
        if LONG:
            assert p99 <= P99
            assert not gave_up
