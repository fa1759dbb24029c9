"""During a deploy the released api runs on the schema of the next: every statement it sends goes on working."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from chaos.api.crowd import contradictions
from integration.api.released import Release, play, recorded, releases
from local_servers import Addresses, cloned_database
from world import fresh_template

NEW_AND_REQUIRED = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = $1 AND is_nullable = 'NO' AND column_default IS NULL
      AND is_identity = 'NO' AND is_generated = 'NEVER'
"""
KINDS = (
    "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1"
)
FUNCTIONS = "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"


@pytest.fixture
async def db(servers: Addresses) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the newest schema."""
    async with cloned_database(servers.postgres_url, await fresh_template(servers)) as url:
        connection = await asyncpg.connect(url)
        yield connection
        await connection.close()


def test_there_is_a_release_on_record():
    assert "0001" in releases()
    assert len(recorded("0001")["statements"]) > 60


@pytest.mark.parametrize("revision", releases())
async def test_each_statement_of_a_release_is_understood(db: asyncpg.Connection, revision: str):
    misunderstood = {}
    for name, statement in recorded(revision)["statements"].items():
        try:
            await db.prepare(statement["sql"])
        except asyncpg.PostgresError as error:
            misunderstood[name] = str(error)
    assert misunderstood == {}


@pytest.mark.parametrize("revision", releases())
async def test_a_day_of_a_releases_work_comes_out_right(db: asyncpg.Connection, revision: str):
    api = Release(recorded(revision), db)
    for _ in range(2):
        await play(api)
    assert len(api.used) >= 20
    assert await contradictions(db) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("revision", releases())
async def test_tables_keep_what_a_release_knows_and_want_nothing_it_does_not(db: asyncpg.Connection, revision: str):
    for table, columns in recorded(revision)["tables"].items():
        now = {row[0]: row[1] for row in await db.fetch(KINDS, table)}
        assert columns.items() <= now.items(), table
        required = {row[0] for row in await db.fetch(NEW_AND_REQUIRED, table)}
        assert required <= columns.keys(), f"{table}: a release that knows nothing of a column leaves it out"


@pytest.mark.parametrize("revision", releases())
async def test_functions_of_a_release_stay_callable(db: asyncpg.Connection, revision: str):
    now = {row[0] for row in await db.fetch(FUNCTIONS)}
    assert set(recorded(revision)["functions"]) - now == set()
