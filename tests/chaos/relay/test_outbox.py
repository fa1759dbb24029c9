"""What is committed is published, wherever the publisher dies: each fact once, in order, and a bell for each chat."""

import asyncio
import json
import os
import random
import signal
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NoStreamResponseError

from api import publisher
from api.migrate import migrate_streams
from api.publisher import Publisher
from chaos.api.crowd import LONG, rounds
from chaos.proxy import proxy
from chaos.relay.chance import drawn_from, seed
from chaos.relay.dying_publisher import POINTS
from local_servers import Addresses, Servers
from service_kit.broker import drain
from world import World, connection_of, made_world, until

pytestmark = pytest.mark.chaos

UNACKNOWLEDGED = ConsumerConfig(ack_policy=AckPolicy.NONE)
WRITERS = rounds(4, 10)
BACKLOG = 300  # rows
DEATHS = rounds(1, 200)  # at each point
TESTS = Path(__file__).resolve().parents[2]
FACT = "SELECT fact_v1('demand', $1, 'taken', jsonb_build_object('n', $2::integer), '')"
BELL = """
    INSERT INTO outbox (subject, body, traceparent)
    VALUES ('notify.v1.telegram.' || $1::text, jsonb_build_object('destination', $1::text), '')
"""


@pytest.fixture
async def quiet_world(servers: Addresses, broker: Servers) -> AsyncIterator[World]:
    """A world in which nobody publishes."""
    async with made_world(servers, broker, serve=False) as world:
        yield world


@asynccontextmanager
async def publishing(world: World, point: str, nth: int, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = world.environment(
        PYTHONPATH=os.pathsep.join([str(TESTS), *os.environ.get("PYTHONPATH", "").split(":")])
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chaos.relay.dying_publisher", point, str(nth), *words, env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Writer:
    """Commits facts of one subject and bells of chats of its own, with a pause between writing and committing."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.subject = uuid.UUID(int=chance.getrandbits(128), version=4)
        self.facts = 0
        self.bells: set[str] = set()
        self._world = world
        self._chance = chance

    async def write(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            bell = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
            async with self._world.ledger.acquire() as connection, connection.transaction():
                await connection.execute(FACT, self.subject, self.facts)
                await connection.execute(BELL, bell)
                await asyncio.sleep(self._chance.uniform(0, 0.01))
            self.facts += 1
            self.bells.add(bell)
            await asyncio.sleep(self._chance.uniform(0, 0.05))
            # Enough waits for the next publisher; more would only take time.
            while not stop.is_set() and await self._backlog() > BACKLOG:  # noqa: ASYNC110 - another process empties it
                await asyncio.sleep(0.1)

    async def _backlog(self) -> int:
        return int(await self._world.ledger.fetchval("SELECT count(*) FROM outbox"))


async def facts(jetstream: JetStreamContext) -> dict[str, list[int]]:
    """The numbers of the facts in the stream, by subject, in its order."""
    found: dict[str, list[int]] = {}
    left = (await jetstream.stream_info("EVENTS")).state.messages
    consumer = await jetstream.pull_subscribe("evt.v1.demand.*.taken", stream="EVENTS", config=UNACKNOWLEDGED)
    while left:
        for message in await consumer.fetch(min(500, left), timeout=20):
            found.setdefault(message.subject.split(".")[3], []).append(json.loads(message.data)["n"])
            left -= 1
    return found


async def test_a_publisher_killed_at_each_point_loses_and_doubles_nothing(quiet_world: World, broker: Servers) -> None:
    chance = drawn_from(seed())
    writers = [Writer(quiet_world, drawn_from(chance.random())) for _ in range(WRITERS)]
    points = [*POINTS] * DEATHS
    chance.shuffle(points)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for writer in writers:
            group.create_task(writer.write(stop))
        for point in points:
            async with publishing(quiet_world, point, chance.randint(1, 20)) as dying, asyncio.timeout(120):
                assert await dying.wait() == -signal.SIGKILL
        stop.set()
    async with publishing(quiet_world, "never", 1):
        await until(lambda: quiet_world.ledger.fetchval("SELECT count(*) = 0 FROM outbox"), within=120)
    migrator = await connection_of(broker, "migrate")
    jetstream = migrator.jetstream(timeout=5)
    told = await facts(jetstream)
    for writer in writers:
        heard = told.pop(str(writer.subject), [])
        assert Counter(heard) == Counter(range(writer.facts)), "lost or doubled"
        assert heard == sorted(heard), "out of order"
    assert told == {}
    info = await jetstream.stream_info("NOTIFY", subjects_filter="notify.v1.>")
    rung = {subject.rpartition(".")[2] for subject in info.state.subjects or {}}
    assert set().union(*(writer.bells for writer in writers)) <= rung
    print(f"{sum(writer.facts for writer in writers)} facts, {len(points)} deaths")  # noqa: T201
    await drain(migrator, within=2)


async def test_what_jetstream_will_never_take_is_parked_and_stops_nobody(quiet_world: World, broker: Servers) -> None:
    connection = await connection_of(broker, "publisher")
    url = str(quiet_world.settings.postgres_url)
    working: Any = Publisher(url, connection, 3, 7)
    ledger = await asyncpg.connect(url)
    migrator = await connection_of(broker, "migrate")
    jetstream = migrator.jetstream(timeout=5)
    config = (await jetstream.stream_info("EVENTS")).config
    # So small that a long fact is refused by the stream itself and not by us.
    await jetstream.update_stream(config, max_msg_size=2_000)
    subject, bell = uuid.uuid4(), str(uuid.uuid4())
    too_long = "INSERT INTO outbox (subject, body) VALUES ($1, jsonb_build_object('n', repeat('x', $2)))"
    try:
        for number in range(3):
            await ledger.execute(FACT, subject, number)
            await ledger.execute(too_long, f"evt.v1.demand.{subject}.taken", 3_000)
            await ledger.execute(too_long, "evt.v1.demand.two words.taken", 1)
            await ledger.execute(too_long, "nobody.v1.listens", 1)
            await ledger.execute(too_long, f"evt.v1.demand.{subject}.taken", 2_000_000)
        await ledger.execute(BELL, bell)
        failed = quiet_world.ledger.fetch("SELECT reason, count(*) FROM outbox_parked GROUP BY reason ORDER BY reason")
        assert await working._move(ledger) == 16
        assert await quiet_world.ledger.fetchval("SELECT count(*) FROM outbox") == 0
        assert [tuple(row) for row in await failed] == [
            ("BadRequestError 10054", 3), ("BadSubjectError", 6), ("MaxPayloadError", 3),
        ]  # fmt: skip
        assert (await facts(jetstream))[str(subject)] == [0, 1, 2]
        info = await jetstream.stream_info("NOTIFY", subjects_filter="notify.v1.>")
        assert f"notify.v1.telegram.{bell}" in (info.state.subjects or {})

        # What is refused because of the stream's state waits for it, and whatever else there is goes on.
        await jetstream.delete_stream("EVENTS")
        await ledger.execute(FACT, subject, 3)
        with pytest.raises(NoStreamResponseError):
            await working._move(ledger)
        await ledger.execute(BELL, bell)
        assert await working._move(ledger) == 1
        await migrate_streams(jetstream)
        assert await working._move(ledger) == 1
        assert (await facts(jetstream))[str(subject)] == [3]
        assert await quiet_world.ledger.fetchval("SELECT count(*) FROM outbox_parked") == 12
    finally:
        await migrate_streams(jetstream)
        await jetstream.update_stream(config)
        await ledger.close()
        for one in (connection, migrator):
            await drain(one, within=2)


@pytest.mark.skipif(not LONG, reason="waits for a silent database: a matter of the long run")
async def test_a_ledger_that_says_nothing_is_left_in_time(
    quiet_world: World, broker: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "SILENCE_SECONDS", 0.5)
    connection = await connection_of(broker, "publisher")
    async with proxy(str(quiet_world.settings.postgres_url)) as way:
        working = Publisher(way.by_here(str(quiet_world.settings.postgres_url)), connection, 3, 7)
        leads = "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND granted"
        running = asyncio.ensure_future(working.run())  # noqa: TID251 - awaited below
        await until(lambda: quiet_world.ledger.fetchval(leads, publisher.LOCK), within=20)
        way.fall_silent()
        working.wake()
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
            async with asyncio.timeout(20):
                await running
    await drain(connection, within=2)


async def test_answers_that_never_come_do_not_stop_the_publisher_for_ever(
    quiet_world: World, broker: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "ACK_SECONDS", 0.05)
    connection = await connection_of(broker, "publisher")
    url = str(quiet_world.settings.postgres_url)
    working: Any = Publisher(url, connection, 3, 7)
    await quiet_world.ledger.execute(
        "INSERT INTO outbox (subject, body) SELECT 'notify.v1.telegram.' || n, '{}' FROM generate_series(1, 500) n"
    )
    ledger = await asyncpg.connect(url)
    pid = broker.processes()["nats"]
    os.kill(pid, signal.SIGSTOP)
    try:
        # nats-py waits for 4,000 answers at most: nine batches are more.
        for _ in range(9):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(10):
                    await working._move(ledger)
            assert working._jetstream.publish_async_pending() == 0, "places of answers that never come are held"
    finally:
        os.kill(pid, signal.SIGCONT)
    await broker.kill("nats")
    await broker.restart("nats")
    await until(lambda: connection.is_connected)
    monkeypatch.setattr(publisher, "ACK_SECONDS", 5.0)
    assert await working._move(ledger) == 500
    await ledger.close()
    await drain(connection, within=2)
