"""SIGTERM at any moment: calls under way are finished or answered, nothing answered is lost, and the end comes in time."""

import asyncio
import contextlib
import random
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nats.aio.msg import Msg
from nats.errors import NoRespondersError

from api.admission import MOST_OF_ONE
from chaos.api.crowd import bound, chance, contradictions, outcome, rounds
from chaos.ground import broken_world
from chaos.processes import Api
from chaos.proxy import Proxy, proxy
from contracts import wire
from contracts.failures import Busy, DeadlineExceeded
from contracts.messages import SendMessage, Sent
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.users import USERS_UPDATE_ME
from contracts.users import UpdateMe, User
from integration.api.town import Seated, seated
from local_servers import Servers
from world import World, until

pytestmark = pytest.mark.chaos

PARTS = rounds(1, 5)  # each on servers of its own where several run side by side
STOPS = rounds(2, 100)
CALLERS = rounds(8, 20)
# What is away when the signal comes: nothing, or a server that refuses, or one that says nothing any more.
# Silence is for the long run, and not often: the end then takes as long as patience does.
TROUBLES = ("postgres gone", "nats gone", "", "")
SILENT = ("postgres silent", "nats silent")
EVERY = 12
AT_ONCE = bound(15.0, 5.0)  # s for a process to end that was told so twice


@dataclass
class Ground:
    """An api of one process, its ways to its servers, and people in a conversation."""

    world: World
    api: Api
    postgres: Proxy
    nats: Proxy
    at: Seated


async def ground(stack: AsyncExitStack, breakable: Servers, folder: Path) -> Ground:
    to_ledger = await stack.enter_async_context(proxy(breakable.postgres_url))
    to_broker = await stack.enter_async_context(proxy(breakable.nats_url))
    world = await stack.enter_async_context(broken_world(breakable, postgres=to_ledger, nats=to_broker))
    api = Api("api", folder / "api.log", world.environment())
    stack.push_async_callback(api.kill)
    await api.start()
    await api.answers()
    return Ground(world, api, to_ledger, to_broker, await seated(world))


async def make_trouble(place: Ground, trouble: str) -> None:
    who, _, how = trouble.partition(" ")
    if who:
        way = place.postgres if who == "postgres" else place.nats
        if how == "gone":
            await way.leave()
        else:
            way.fall_silent()


async def no_trouble(place: Ground) -> None:
    for way in (place.postgres, place.nats):
        way.heal()
        await way.come_back()


async def load(place: Ground, is_over: asyncio.Event) -> dict[str, Any]:
    """Calls of a hot and of a plain kind without pause, and what came of each."""
    answers: dict[str, Any] = {}

    async def caller(number: int) -> None:
        calls = 0
        while not is_over.is_set():
            key = f"{number}.{calls}"
            calls += 1
            if number % 4:
                request: Any = SendMessage(demand=place.at.demand, text=key)
                answers[key] = await outcome(place.at.requester.call(MESSAGES_SEND, request, key=key))
            else:
                answers[key] = await outcome(
                    place.at.provider.call(USERS_UPDATE_ME, UpdateMe(display_name=key), key=key)
                )

    async with asyncio.TaskGroup() as group:
        for number in range(CALLERS):
            group.create_task(caller(number))
    return answers


async def stopped_and_started(place: Ground, trouble: str, lot: random.Random) -> float:
    """How many seconds the end took; after it the trouble is over and the api works again."""
    await make_trouble(place, trouble)
    await asyncio.sleep(lot.choice([0, lot.uniform(0, 0.5)]))
    began = time.monotonic()
    place.api.ask_to_stop()
    code = await place.api.ended()
    took = time.monotonic() - began
    said = place.api.said()
    assert code == 0, f"{trouble}: {code}: {said[-5000:]}"
    assert '"call.failed"' not in said, f"{trouble}: {said[-5000:]}"
    await no_trouble(place)
    await place.api.start()
    await place.api.answers()
    return took


def trouble_of(number: int) -> str:
    """What is wrong at the so many-th end."""
    if number % EVERY == EVERY - 1:
        return SILENT[number // EVERY % len(SILENT)]
    return TROUBLES[number % len(TROUBLES)]


@pytest.mark.parametrize("part", range(PARTS))
async def test_sigterm_at_any_moment_ends_well_and_in_time(breakable: Servers, tmp_path: Path, part: int) -> None:
    del part
    lot, slowest = chance(), {"": 0.0}
    async with AsyncExitStack() as stack:
        place = await ground(stack, breakable, tmp_path)
        is_over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            loading = group.create_task(load(place, is_over))
            for number in range(STOPS):
                trouble = trouble_of(number)
                await asyncio.sleep(lot.uniform(0, 0.4))
                took = await stopped_and_started(place, trouble, lot)
                slowest[trouble] = max(slowest.get(trouble, 0.0), round(took, 1))
            is_over.set()
        told = loading.result()
        kinds = Counter(type(got) for got in told.values())
        print(f"{STOPS} stops, seconds at most: {slowest}; {len(told)} calls, {kinds}")  # noqa: T201 - figures
        assert set(kinds) <= {Sent, User, Busy, DeadlineExceeded}, kinds
        await check(place, told)


async def check(place: Ground, told: dict[str, Any]) -> None:
    """What was answered is there, what was called busy is not, and asking again under the key makes one of the rest."""
    kept = {row[0] for row in await place.world.ledger.fetch("SELECT text FROM messages WHERE kind = 'message'")}
    answered = {key for key, got in told.items() if isinstance(got, Sent)}
    assert answered
    assert answered <= kept
    refused = {key for key, got in told.items() if isinstance(got, Busy)}
    assert not refused & kept, "busy says that there was no effect"
    names = await place.world.ledger.fetch("SELECT key FROM idempotency WHERE operation = 'users.update_me'")
    assert {key for key, got in told.items() if isinstance(got, User)} <= {row[0] for row in names}
    unsure = sorted(
        key for key, got in told.items() if isinstance(got, DeadlineExceeded) and int(key.split(".")[0]) % 4
    )
    for key in unsure[:50]:
        again = await place.at.requester.call(MESSAGES_SEND, SendMessage(demand=place.at.demand, text=key), key=key)
        assert isinstance(again, Sent)
    texts = await place.world.ledger.fetch("SELECT text FROM messages WHERE kind = 'message'")
    assert len(texts) == len({row[0] for row in texts})
    assert await contradictions(place.world.ledger) == []


async def test_what_is_under_way_when_the_signal_comes_is_finished(breakable: Servers, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        place = await ground(stack, breakable, tmp_path)
        connection = place.world.connections["telegram"]

        async def attempt(number: int) -> Msg:
            headers = {wire.ACTOR: place.at.requester.actor, wire.IDEMPOTENCY_KEY: f"{number}"}
            body = wire.encode(SendMessage(demand=place.at.demand, text=f"{number}"))
            # One attempt and no client that asks again; its answer can only come from the process that is told to stop.
            return await connection.request("api.v1.telegram.messages.send", body, timeout=20, headers=headers)

        async def is_gone() -> bool:
            with contextlib.suppress(NoRespondersError):
                await connection.request("api.v1.telegram.system.health", b"{}", timeout=5)
                return False
            return True

        place.postgres.fall_silent()
        async with asyncio.TaskGroup() as group:
            # As many as one person may have under way.
            calls = [group.create_task(attempt(number)) for number in range(MOST_OF_ONE)]
            await asyncio.sleep(0)  # until each is written to the broker, before what follows
            assert not await is_gone(), "it has heard them all when it answers this"
            place.api.ask_to_stop()
            await until(is_gone, within=5)
            place.postgres.heal()
            assert await place.api.ended() == 0
        answers = [call.result() for call in calls]
        assert [(answer.headers or {}).get(wire.ERROR) for answer in answers] == [None] * MOST_OF_ONE
        kept = await place.world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'")
        assert kept == MOST_OF_ONE


async def test_a_second_sigterm_ends_it_at_once(breakable: Servers, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        place = await ground(stack, breakable, tmp_path)
        place.postgres.fall_silent()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(
                outcome(place.at.requester.call(MESSAGES_SEND, SendMessage(demand=place.at.demand, text="x")))
            )
            await asyncio.sleep(0)  # until it is written to the broker, before what follows and is answered
            await place.world.connections["telegram"].request("api.v1.telegram.system.health", b"{}", timeout=30)
            place.api.ask_to_stop()
            with pytest.raises(TimeoutError):
                await place.api.ended(within=0.5)
            place.api.ask_to_stop()
            assert await place.api.ended(AT_ONCE) in {128 + signal.SIGTERM, -signal.SIGTERM}
        assert isinstance(waiting.result(), Busy | DeadlineExceeded)
        place.postgres.heal()
