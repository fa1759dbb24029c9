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
from chaos.api.crowd import LONG, bound, rounds
from contracts import wire
from contracts.demands import GetDemand
from contracts.failures import Busy, DeadlineExceeded
from contracts.operations.demands import DEMANDS_GET
from contracts.permissions import inbox_of
from contracts.shapes import DemandId
from integration.api.town import Seated, seated
from local_servers import Addresses, Servers
from world import Person, World, connection_of, made_world, until

pytestmark = pytest.mark.chaos

TIMES = 10
CALLERS = 18
AT_ONCE = 8
TICK = 0.01  # s between bursts of the flood
GROWTH = 1.5
P99 = 2.0  # s, of somebody who does not take part in the flood
SERVED = "a reply"


@dataclass(frozen=True)
class Speaker:
    """Somebody in whose name a client gone wild calls, and what it asks and writes."""

    actor: str
    read: bytes
    write: bytes


def speaker(person: Person, demand: DemandId) -> Speaker:
    asked = {"demand": str(demand)}
    return Speaker(person.actor, json.dumps(asked).encode(), json.dumps(asked | {"text": "x"}).encode())


async def crowd(at: Seated, many: int) -> list[Speaker]:
    """So many people, each with something they asked for."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> Speaker:
        async with gate:
            person = await at.world.person()
            return speaker(person, (await at.world.demand(person, at.scenario)).id)

    return list(await asyncio.gather(*(one() for _ in range(many))))


@dataclass
class Flood:
    """Calls sent without waiting for answers, and what came back to them."""

    world: World
    speakers: list[Speaker]
    sent: int = 0
    when: dict[int, float] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    answers: collections.Counter[str] = field(default_factory=collections.Counter)

    async def hear(self, answer: Msg) -> None:
        number = int(answer.subject.rpartition(".")[2])
        self.waits.append(time.monotonic() - self.when.pop(number))
        self.answers[(answer.headers or {}).get(wire.ERROR, SERVED)] += 1

    async def pour(self, per_second: float, seconds: float) -> None:
        """So many calls a second, by everybody in turn, whatever becomes of them: half of them read, half of them write."""
        telegram = await connection_of(self.world.broker, "telegram")
        inbox = f"{inbox_of('telegram')}.{uuid4().hex}"
        heard = await telegram.subscribe(f"{inbox}.*", cb=self.hear, pending_msgs_limit=-1, pending_bytes_limit=-1)
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            for _ in range(int(passed * per_second) - self.sent):
                self.sent += 1
                self.when[self.sent] = time.monotonic()
                who = self.speakers[self.sent // 2 % len(self.speakers)]
                headers = {wire.ACTOR: who.actor, wire.IDEMPOTENCY_KEY: f"flood-{self.sent}"}
                name, body = ("demands.get", who.read) if self.sent % 2 else ("messages.send", who.write)
                await telegram.publish(f"api.v1.telegram.{name}", body, reply=f"{inbox}.{self.sent}", headers=headers)
            await telegram.flush()
            await asyncio.sleep(TICK)
        await until(lambda: self.answers.total() == self.sent, within=30)
        await heard.unsubscribe()
        await telegram.drain()


def quantile(waits: list[float], part: float) -> float:
    return sorted(waits)[int(len(waits) * part)]


async def sustained(at: Seated, seconds: float) -> float:
    """Calls a second that are served when everybody waits for their answer, three people with a few calls each."""
    served, end = 0, time.monotonic() + seconds

    async def caller(who: Person) -> None:
        nonlocal served
        while time.monotonic() < end:
            await who.call(DEMANDS_GET, GetDemand(demand=at.demand))
            served += 1

    people = (at.requester, at.provider, at.moderator)
    await asyncio.gather(*(caller(people[number % len(people)]) for number in range(CALLERS)))
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


@pytest.mark.parametrize("many", [1, rounds(40, 200)], ids=["one", "many"])
async def test_a_flood_is_answered_with_busy_and_drowns_nobody(servers: Addresses, broker: Servers, many: int) -> None:
    async with made_world(servers, broker, serve=False) as world, alone(world) as api:
        at = await seated(world)
        speakers = [speaker(at.requester, at.demand)] if many == 1 else await crowd(at, many)
        per_second = await sustained(at, rounds(2, 10))
        before, most = api.memory(), 0
        flood, over = Flood(world, speakers), asyncio.Event()
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
            await flood.pour(TIMES * per_second, rounds(6, 300))
            ended = time.monotonic()
            over.set()
        lasted = ended - began
        await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))
        recovered = time.monotonic() - ended
        # Who gave up waited as long as that: they count, or the slowest would be left out of the figure.
        p50, p99 = quantile(took + gave_up, 0.5), quantile(took + gave_up, 0.99)
        tell(
            f"{many} gone wild, sustained {per_second:.0f}/s, flood {flood.sent / lasted:.0f}/s for {lasted:.0f} s: {dict(flood.answers)}"
        )
        tell(f"the flood itself waited {quantile(flood.waits, 0.5):.2f} s, p99 {quantile(flood.waits, 0.99):.2f} s")
        tell(
            f"memory {before >> 20} MiB before, {most >> 20} MiB at most; served again {recovered:.2f} s after the end"
        )
        tell(
            f"others: {len(took)} calls, p50 {p50:.2f} s, p99 {p99:.2f} s, longest {max(took, default=0.0):.2f} s, {len(gave_up)} gave up"
        )
        assert flood.answers.keys() <= {SERVED, Busy.__name__, DeadlineExceeded.__name__}
        assert flood.answers.total() == flood.sent, "every call was answered"
        assert flood.answers[Busy.__name__] > bound(0, flood.sent / 4), "more than it can do was asked of it"
        assert flood.answers[SERVED] > per_second, "and it went on working"
        assert most < before * GROWTH
        assert recovered < bound(10.0, P99)
        assert len(gave_up) <= bound(max(3, len(took) // 4), 1 + len(took) // 50)
        if LONG:
            assert p99 <= P99
