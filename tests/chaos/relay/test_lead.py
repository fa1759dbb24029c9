"""A leading publisher that dies without a farewell, or freezes: the other takes the lead, and what waits is published."""

import asyncio
import contextlib
import os
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api import publisher
from api.publisher import Publisher
from chaos.proxy import proxy
from chaos.relay.test_outbox import BELL, FACT, facts, publishing, quiet_world
from local_servers import Servers
from service_kit.broker import drain
from world import World, connection_of, until

__all__ = ["quiet_world"]
pytestmark = pytest.mark.chaos

SILENCE = 1.5  # s; 20 in the product
LEADS = """
    SELECT count(*) = 1 FROM pg_locks l JOIN pg_database b ON b.oid = l.database AND b.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.objid = $1 AND l.granted
"""
STANDS_BY = LEADS.replace("l.granted", "NOT l.granted")
PUBLISHED = "SELECT count(*) = 0 FROM outbox"


@asynccontextmanager
async def working(url: str, broker: Servers) -> AsyncIterator["asyncio.Task[None]"]:
    """A publisher of one's own, as an api runs it, its ledger at `url`."""
    connection = await connection_of(broker, "publisher")
    running = asyncio.ensure_future(Publisher(url, connection, 3, 7).run())  # noqa: TID251 - awaited below
    try:
        yield running
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await running
        await drain(connection, within=2)


async def told(broker: Servers, subject: uuid.UUID) -> list[int]:
    """The facts of a subject, as whoever listens hears them."""
    migrator = await connection_of(broker, "migrate")
    try:
        return (await facts(migrator.jetstream(timeout=5))).get(str(subject), [])
    finally:
        await drain(migrator, within=2)


async def test_a_leader_whose_machine_dies_without_a_word_gives_up_the_lead(
    quiet_world: World, broker: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "SILENCE_SECONDS", SILENCE)
    url, subject = str(quiet_world.settings.postgres_url), uuid.uuid4()
    async with proxy(url) as way, working(way.url, broker) as first:
        await until(lambda: quiet_world.ledger.fetchval(LEADS, publisher.LOCK))
        async with working(url, broker):
            await until(lambda: quiet_world.ledger.fetchval(STANDS_BY, publisher.LOCK))
            way.fall_silent()
            first.cancel()
            await asyncio.wait([first])
            assert await quiet_world.ledger.fetchval(LEADS, publisher.LOCK), "PostgreSQL has not heard of its death"
            await quiet_world.ledger.execute(FACT, subject, 0)
            await until(lambda: quiet_world.ledger.fetchval(PUBLISHED), within=20)
    assert await told(broker, subject) == [0]


async def test_a_leader_that_freezes_gives_up_the_lead_and_thawed_it_doubles_nothing(
    quiet_world: World, broker: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "SILENCE_SECONDS", SILENCE)
    subject = uuid.uuid4()
    async with publishing(quiet_world, "never", 1, str(SILENCE)) as frozen:
        await until(lambda: quiet_world.ledger.fetchval(LEADS, publisher.LOCK), within=60)
        async with working(str(quiet_world.settings.postgres_url), broker):
            await until(lambda: quiet_world.ledger.fetchval(STANDS_BY, publisher.LOCK))
            for number in range(500):
                await quiet_world.ledger.execute(FACT, subject, number)
            os.kill(frozen.pid, signal.SIGSTOP)
            try:
                await quiet_world.ledger.execute(FACT, subject, 500)
                await until(lambda: quiet_world.ledger.fetchval(PUBLISHED), within=20)
            finally:
                os.kill(frozen.pid, signal.SIGCONT)
            # It is told that its session is over, and ends: its supervisor would begin anew.
            async with asyncio.timeout(60):
                assert await frozen.wait() == 1
    assert await told(broker, subject) == list(range(501)), "lost, doubled or out of order"


async def test_what_is_new_does_not_wait_until_everybody_owed_something_was_rung_for(
    quiet_world: World, broker: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a lost store of the broker's thousands are rung for anew."""
    monkeypatch.setattr(
        publisher, "OWED", "SELECT gen_random_uuid()::text FROM generate_series(1, 100000) WHERE $1 > 0"
    )
    connection = await connection_of(broker, "publisher")
    one = Publisher(str(quiet_world.settings.postgres_url), connection, 3, 7)
    running = asyncio.ensure_future(one.run())  # noqa: TID251 - cancelled below
    migrator = await connection_of(broker, "migrate")
    jetstream = migrator.jetstream(timeout=5)

    async def rung() -> int:
        return (await jetstream.stream_info("NOTIFY")).state.messages

    await until(rung)
    await quiet_world.ledger.execute(BELL, str(uuid.uuid4()))
    one.wake()
    await until(lambda: quiet_world.ledger.fetchval(PUBLISHED), within=5)
    assert await rung() < 50_000, "the ringing would have been over before"
    running.cancel()
    await asyncio.wait([running])
    for each in (connection, migrator):
        await drain(each, within=2)
