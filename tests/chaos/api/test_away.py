"""PostgreSQL, NATS and Redis away in turn: typed answers in time, readiness tells, nothing lost, well again by itself."""

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaos.api.crowd import LONG, bound, contradictions, outcome, rounds
from chaos.ground import broken_world
from chaos.processes import Api, herd
from chaos.proxy import Proxy, proxy
from contracts.demands import Demand, GetDemand
from contracts.failures import Busy, DeadlineExceeded
from contracts.messages import SendMessage, Sent
from contracts.operations.demands import DEMANDS_GET
from contracts.operations.messages import MESSAGES_SEND
from integration.api.town import receive, seated
from local_servers import Servers
from world import until

pytestmark = pytest.mark.chaos

AWAY = rounds(2, 30)  # s
CALLERS = 6
OVERTIME = bound(8.0, 1.5)  # s over a call's own 5 that a loaded machine may take
OUTLIVES_CALLS = MESSAGES_SEND.within < AWAY
WELL_WITHIN = 15.0  # s from the server's return to the api's readiness

EVERYTHING = 240.0  # s to fetch whatever was sent in a minute without a pause


@dataclass
class Asked:
    """One call: its key, what came of it, how long that took, and whether the server was away all the time."""

    key: str
    got: Any
    took: float
    during: bool


async def sent_without_pause(at: Any, tag: str, is_away: asyncio.Event, is_over: asyncio.Event) -> list[Asked]:
    """Messages and questions, by several people at once, until the test is over."""
    asked: list[Asked] = []

    async def caller(number: int) -> None:
        for call in range(10**6):
            if is_over.is_set():
                return
            key, began, before = f"{tag}.{number}.{call}", time.monotonic(), is_away.is_set()
            if number % 3:
                sending = at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=key), key=key)
                got = await outcome(sending)
            else:
                got = await outcome(at.provider.call(DEMANDS_GET, GetDemand(demand=at.demand)))
            asked.append(Asked(key, got, time.monotonic() - began, before and is_away.is_set()))
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        for number in range(CALLERS):
            group.create_task(caller(number))
    return asked


async def goes(way: Proxy, how: str) -> None:
    if how == "gone":
        await way.leave()
    else:
        way.fall_silent()


async def stays_away(api: Api, name: str) -> None:
    """For so long the api lives, says that it is not ready, and names what is missing.

    Each of its checks has one second: on a machine with other work another server's fails now and then.
    """

    async def lives() -> bool:
        status, _ = await api.asked("/live")
        assert status in ({200} if LONG else {200, 0}), "or an orchestrator would kill it"
        assert api.runs()
        return status == 200

    began = time.monotonic()
    blamed: Counter[str] = Counter()
    while time.monotonic() - began < AWAY:
        await until(lives)
        status, report = await api.asked("/ready")
        if status == 503:
            blamed.update(each for each, check in report["checks"].items() if not check["ok"] and each != "tasks")
        await asyncio.sleep(0.1)
    missing = blamed.pop(name, 0)
    assert missing, "it said all the time that this was there"
    assert all(many < bound(missing, 1) for many in blamed.values()), f"{name} {missing} times, {blamed}"


@pytest.mark.parametrize("name", ["postgres", "nats", "redis"])
async def test_a_server_that_is_away_costs_nothing_but_time(breakable: Servers, tmp_path: Path, name: str) -> None:
    async with AsyncExitStack() as stack:
        urls = {"postgres": breakable.postgres_url, "nats": breakable.nats_url, "redis": breakable.redis_url}
        ways = {server: await stack.enter_async_context(proxy(url)) for server, url in urls.items()}
        world = await stack.enter_async_context(broken_world(breakable, **ways))
        [api] = (await stack.enter_async_context(herd(world.environment(), tmp_path, 1))).apis
        at, way = await seated(world), ways[name]
        await receive(at.provider)
        asked: list[Asked] = []
        for how in ("gone", "silent"):
            is_away, is_over = asyncio.Event(), asyncio.Event()
            async with asyncio.TaskGroup() as group:
                talk = group.create_task(sent_without_pause(at, how, is_away, is_over))
                await asyncio.sleep(0.3)
                await goes(way, how)
                is_away.set()  # not sooner: who is answered meanwhile was answered by a server that was there
                await stays_away(api, name)
                is_away.clear()
                way.heal()
                await way.come_back()
                began = time.monotonic()
                await api.answers(WELL_WITHIN)
                print(f"{name} {how}: ready again after {time.monotonic() - began:.1f} s")  # noqa: T201
                await asyncio.sleep(0.3)
                is_over.set()
            asked += talk.result()

        assert api.runs(), "it was never restarted"
        kinds = Counter(type(one.got).__name__ for one in asked)
        print(f"{name}: {dict(kinds)}, the slowest {max(one.took for one in asked):.1f} s")  # noqa: T201
        assert {type(one.got) for one in asked} <= {Sent, Demand, Busy, DeadlineExceeded}
        assert max(one.took for one in asked) < MESSAGES_SEND.within + OVERTIME
        if name == "redis":
            assert set(kinds) == {"Sent", "Demand"}, "who needs no session does not notice"
        elif OUTLIVES_CALLS:
            assert {type(one.got) for one in asked if one.during} <= {Busy, DeadlineExceeded}
        await nothing_is_lost(at, asked)
        assert '"call.failed"' not in api.said()


async def nothing_is_lost(at: Any, asked: list[Asked]) -> None:
    """Each message that was answered is there, and each that was not can be asked for again; all arrive, once."""
    sends = [one for one in asked if int(one.key.split(".")[1]) % 3]
    kept = {row[0] for row in await at.world.ledger.fetch("SELECT text FROM messages WHERE kind = 'message'")}
    assert {one.key for one in sends if isinstance(one.got, Sent)} <= kept
    assert not {one.key for one in sends if isinstance(one.got, Busy)} & kept, "busy says that nothing happened"
    for one in sends:
        if not isinstance(one.got, Sent):
            request = SendMessage(demand=at.demand, text=one.key)
            again = await outcome(at.requester.call(MESSAGES_SEND, request, key=one.key))
            assert isinstance(again, Sent), f"{one}: {again}"
    heard = Counter(
        delivery.text for delivery in await receive(at.provider, within=EVERYTHING) if delivery.notice is None
    )
    assert heard == Counter(one.key for one in sends)
    assert await contradictions(at.world.ledger) == []
