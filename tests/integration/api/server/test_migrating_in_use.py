"""A migration of a ledger that somebody reads without end, or of which the migrator dies: nobody else is stopped."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from structlog.testing import capture_logs

from api import alone, migrate
from api.alone import LedgerOccupied
from api.migrate import migrate_schema
from chaos.proxy import proxy
from contracts.operations.users import USERS_ME
from contracts.users import GetMe
from integration.api.released import Release, play, recorded
from integration.api.server.test_migrating import empty, upgrade
from local_servers import Addresses
from world import World, until

READ = "SELECT count(*) FROM users"
REVISION = "SELECT version_num FROM alembic_version"


@asynccontextmanager
async def read(url: str) -> AsyncIterator[None]:
    """Somebody reads everything, as a backup does, for as long as the block takes."""
    reader = await asyncpg.connect(url, server_settings={"application_name": "pg_dump"})
    async with reader.transaction(isolation="repeatable_read"):
        await reader.fetchval(READ)
        yield
    await reader.close()


@asynccontextmanager
async def migrating(url: str) -> AsyncIterator["asyncio.Task[None]"]:
    running = asyncio.ensure_future(migrate_schema(url))  # noqa: TID251 - awaited below
    try:
        yield running
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await running


async def test_calls_are_answered_while_a_migration_waits_for_a_reader(world: World) -> None:
    person, url = await world.person(), str(world.settings.postgres_url)
    # What there is to do is not looked at before all is quiet.
    await world.ledger.execute("UPDATE alembic_version SET version_num = '0001'")
    with capture_logs() as logs:
        async with read(url), migrating(url) as running:
            while [each["event"] for each in logs].count("schema.waits") < 2:
                assert (await person.call(USERS_ME, GetMe())).user.id == person.user, "within 5 s, or it is Busy"
                assert not running.done()
    assert {each["whom"] for each in logs if each["event"] == "schema.waits"} == {"pg_dump"}
    assert (await person.call(USERS_ME, GetMe())).user.id == person.user


async def test_when_the_reader_is_done_the_migration_is_made(
    servers: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "HOLD_UP_SECONDS", 1)
    async with empty(servers) as url:
        await upgrade(url, "0001")
        db = await asyncpg.connect(url)
        await play(Release(recorded("0001"), db))
        with capture_logs() as logs:
            async with migrating(url) as running:
                async with read(url):
                    await until(lambda: "schema.waits" in [each["event"] for each in logs], within=20)
                    await play(Release(recorded("0001"), db))
                    assert await db.fetchval(REVISION) == "0001"
                async with asyncio.timeout(60):
                    await running
        assert await db.fetchval(REVISION) == migrate.newest()
        await play(Release(recorded("0001"), db))
        await db.close()


async def test_a_reader_who_never_ends_is_named_and_nothing_is_changed(
    servers: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "HOLD_UP_SECONDS", 1)
    monkeypatch.setattr(migrate, "WAIT_SECONDS", 1)
    async with empty(servers) as url:
        await upgrade(url, "0001")
        async with read(url):
            with pytest.raises(LedgerOccupied, match="in use by pg_dump; migrate again"):
                await migrate_schema(url)
        db = await asyncpg.connect(url)
        assert await db.fetchval(REVISION) == "0001"
        await play(Release(recorded("0001"), db))
        await db.close()


async def test_a_migrator_that_dies_in_the_middle_holds_nobody_up(
    servers: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machine is gone without a word, all tables locked: PostgreSQL does not wait for the network to tell."""
    monkeypatch.setitem(alone.SESSION, "idle_in_transaction_session_timeout", "1s")
    async with empty(servers) as url:
        await upgrade(url, "0001")
        db = await asyncpg.connect(url)
        await play(Release(recorded("0001"), db))
        before = await db.fetchval(READ)
        async with proxy(url) as way:
            way.heard = lambda said: way.fall_silent() if b"CREATE TABLE staff_chats" in said else None
            running = asyncio.ensure_future(migrate_schema(way.url))  # noqa: TID251 - ended by the end of the line
            locked = (
                "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'users'::regclass AND mode = 'AccessExclusiveLock'"
            )
            await until(lambda: db.fetchval(locked), within=30)
            async with asyncio.timeout(30):
                assert await db.fetchval(READ) == before
            assert not running.done(), "it is not told, and its end is not what lets them in"
        await asyncio.wait([running])
        assert running.exception() is not None
        assert await db.fetchval(REVISION) == "0001"
        await migrate_schema(url)
        await play(Release(recorded("0001"), db))
        await db.close()
