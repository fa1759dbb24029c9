"""Migrations: from any earlier revision, with data in the tables, twice, and by two at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from api.ledger import driver_url
from api.migrate import configuration, is_current, migrate_schema
from chaos.api.crowd import contradictions
from integration.api.released import Release, play, recorded
from local_servers import Addresses, cloned_database, template_database

REVISIONS = [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]
COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
FUNCTIONS = """
    SELECT p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
"""
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"


@asynccontextmanager
async def empty(servers: Addresses) -> AsyncIterator[str]:
    """The URL of a database with nothing in it."""

    async def nothing(_: str) -> None:
        """Build nothing."""

    async with cloned_database(
        servers.postgres_url, await template_database(servers.postgres_url, "empty", version="1", build=nothing)
    ) as url:
        yield url


async def upgrade(url: str, revision: str) -> None:
    """The schema of an earlier version of the product."""

    def run(connection: Connection) -> None:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    engine = create_async_engine(driver_url(url))
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


async def rows(db: asyncpg.Connection) -> dict[str, int]:
    """How many rows each table has."""
    tables = [row[0] for row in await db.fetch(TABLES) if row[0] != "alembic_version"]
    return {table: await db.fetchval(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608


@pytest.mark.parametrize("revision", REVISIONS[:-1])
async def test_a_ledger_in_use_is_brought_up_to_date_by_two_at_once_and_again(servers: Addresses, revision: str):
    async with empty(servers) as url:
        await upgrade(url, revision)
        db = await asyncpg.connect(url)
        assert await db.fetchval("SELECT version_num FROM alembic_version") == revision
        await play(Release(recorded("0001"), db))
        before = await rows(db)
        await asyncio.gather(migrate_schema(url), migrate_schema(url))
        await migrate_schema(url)
        assert await is_current(url)
        after = await rows(db)
        assert {table: after[table] for table in before} == before, "nothing of anybody is lost"
        # The released api goes on with what it began, its plans and types as they were.
        await play(Release(recorded("0001"), db))
        assert await contradictions(db) == []  # type: ignore[arg-type]
        await db.close()


async def test_a_later_release_s_schema_is_well_and_left_as_it_is(servers: Addresses):
    async with empty(servers) as url:
        await migrate_schema(url)
        db = await asyncpg.connect(url)
        await db.execute("UPDATE alembic_version SET version_num = '9999'")
        await db.execute("ALTER TABLE demands ADD COLUMN of_a_later_release text")
        assert await is_current(url)
        await migrate_schema(url)
        assert await db.fetchval("SELECT version_num FROM alembic_version") == "9999"
        await db.execute("UPDATE alembic_version SET version_num = '0001'")
        assert not await is_current(url)
        await db.close()


async def test_the_first_migration_makes_what_it_always_made(servers: Addresses):
    record = recorded("0001")
    async with empty(servers) as url:
        await upgrade(url, "0001")
        db = await asyncpg.connect(url)
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in await db.fetch(COLUMNS):
            tables.setdefault(table, {})[column] = kind
        assert tables == record["tables"]
        functions = {row[0]: row[1] for row in await db.fetch(FUNCTIONS)}
        assert {name: functions.get(name) for name in record["functions"]} == record["functions"]
        await db.close()
