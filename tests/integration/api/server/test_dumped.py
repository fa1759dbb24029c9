"""A dump of a ledger in use can be put back: PostgreSQL's own pg_dump and pg_restore, as a backup uses them."""

import asyncio
from pathlib import Path

import asyncpg

from integration.api.server.test_migrating import empty, rows
from local_servers.programs import postgres_program
from world import World, until

CALCULATED = "SELECT id, words::text FROM demands UNION ALL SELECT id, words::text FROM scenarios ORDER BY 1"


async def ran(program: str, *words: str) -> str:
    """What one of PostgreSQL's programs prints."""
    process = await asyncio.create_subprocess_exec(
        postgres_program().path.with_name(program), *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return said.decode()


async def schema(url: str) -> list[str]:
    """The schema as pg_dump writes it, without the word that differs with every dump."""
    lines = (await ran("pg_dump", "--schema-only", url)).splitlines()
    return [line for line in lines if not line.startswith(("\\restrict", "\\unrestrict"))]


async def test_a_dump_is_restored_whole(world: World, tmp_path: Path) -> None:
    olga = await world.person("Olga")
    for words in ("Insulin for two days", "Нужна еда и вода", "Ёлка, ёж"):
        await world.demand(olga, await world.scenario("Riverside"), words)
    # What is moved to the streams meanwhile would be in the dump and not in the ledger.
    await until(lambda: world.ledger.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"))
    url, dump = str(world.settings.postgres_url), str(tmp_path / "ledger.dump")
    await ran("pg_dump", "--format=custom", f"--file={dump}", url)
    async with empty(world.addresses) as other:
        await ran("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={other}", dump)
        first, second = await asyncpg.connect(url), await asyncpg.connect(other)
        try:
            assert await rows(second) == await rows(first)
            assert await second.fetch(CALCULATED) == await first.fetch(CALCULATED)
            assert len(await second.fetch(CALCULATED)) >= 4
        finally:
            await first.close()
            await second.close()
        assert await schema(other) == await schema(url)
