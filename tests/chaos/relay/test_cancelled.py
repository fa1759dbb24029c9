"""A publisher that is told to end, and told again while it cleans up: it ends in time, and every fact is told once."""

import asyncio
import contextlib
import time
import uuid

import pytest

from api.publisher import Publisher
from chaos.api.crowd import bound, rounds
from chaos.relay.chance import drawn_from, seed
from chaos.relay.test_outbox import FACT, facts, quiet_world
from local_servers import Servers
from service_kit.broker import drain
from service_kit.supervise import AFTER_CANCEL
from world import World, connection_of, until

__all__ = ["quiet_world"]
pytestmark = pytest.mark.chaos

ENDINGS = rounds(20, 1000)
AT_ONCE = 20  # facts committed before each start


async def test_cancelled_twice_at_any_moment_it_loses_and_doubles_nothing(quiet_world: World, broker: Servers) -> None:
    chance, subject, made = drawn_from(seed()), uuid.uuid4(), 0
    connection = await connection_of(broker, "publisher")
    working = Publisher(str(quiet_world.settings.postgres_url), connection, 3, 7)
    slowest = 0.0
    for _ in range(ENDINGS):
        for _ in range(AT_ONCE):
            await quiet_world.ledger.execute(FACT, subject, made)
            made += 1
        running = asyncio.ensure_future(working.run())  # noqa: TID251 - awaited below
        await asyncio.sleep(chance.uniform(0, 0.1))
        told = time.monotonic()
        running.cancel()
        await asyncio.sleep(chance.choice([0, 0, 0.001, 0.003, 0.01]))
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await running
        slowest = max(slowest, time.monotonic() - told)
    migrator = await connection_of(broker, "migrate")
    running = asyncio.ensure_future(working.run())  # noqa: TID251 - cancelled below
    await until(lambda: quiet_world.ledger.fetchval("SELECT count(*) = 0 FROM outbox"), within=60)
    running.cancel()
    await asyncio.wait([running])
    heard = (await facts(migrator.jetstream(timeout=5))).get(str(subject), [])
    assert heard == list(range(made)), "lost, doubled or out of order"
    assert await quiet_world.ledger.fetchval("SELECT count(*) FROM outbox_parked") == 0
    assert slowest < bound(10 * AFTER_CANCEL, AFTER_CANCEL), f"{slowest:.2f} s to clean up"
    for one in (connection, migrator):
        await drain(one, within=2)
