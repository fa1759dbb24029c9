"""Answers kept for a retry are forgotten in time, however many there are, and publishing waits for none of it."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from api import publisher
from api.app import running
from local_servers import Addresses, Servers
from service_kit.process import Stop
from world import World, made_world, until

OLD = """
    INSERT INTO idempotency (actor, operation, key, body_hash, reply, created_at)
    SELECT 'somebody', 'demands.create', n, 1, '', now() - n * interval '1 day' FROM generate_series(1, 40) n
"""
FACT = "SELECT fact_v1('demand', uuidv7(), 'taken', '{}', '')"
PUBLISHED = "SELECT count(*) = 0 FROM outbox"
SLOW = """
    CREATE FUNCTION sleeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN OLD; END $$;
    CREATE TRIGGER sleeps BEFORE DELETE ON idempotency FOR EACH ROW EXECUTE FUNCTION sleeps()
"""


@pytest.fixture
async def old_world(servers: Addresses, broker: Servers) -> AsyncIterator[World]:
    """A world nobody serves yet, with answers of forty days."""
    async with made_world(servers, broker, serve=False) as world:
        await world.ledger.execute(OLD)
        yield world


async def test_more_than_goes_at_once_goes_all_the_same_and_what_is_young_stays(
    old_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "PURGED_AT_ONCE", 7, raising=False)
    left = "SELECT array_agg(key::integer ORDER BY key::integer) FROM idempotency"
    kept = list(range(1, old_world.settings.key_retention_days + 1))
    async with running(old_world.settings, Stop()):
        # A key of exactly so many days is older by the moment that passed since.
        await until(lambda: has(old_world, left, kept[:-1]))


async def has(world: World, statement: str, expected: list[int]) -> bool:
    found: list[int] = await world.ledger.fetchval(statement)
    assert set(found) >= set(expected)
    return found == expected


async def test_a_purge_that_takes_too_long_is_given_up_and_holds_up_nothing(
    old_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "KEEPING_WITHIN_SECONDS", 1, raising=False)
    await old_world.ledger.execute(SLOW)
    with capture_logs() as logs:
        async with running(old_world.settings, Stop()):
            await until(lambda: any(line.get("what") == "idempotency.purge" for line in logs), within=8)
            await old_world.ledger.execute(FACT)
            await until(lambda: old_world.ledger.fetchval(PUBLISHED), within=4)
    assert [line["event"] for line in logs if line["event"] == "publisher.leads"] == ["publisher.leads"]
    assert [line for line in logs if line["log_level"] == "error"] == []
