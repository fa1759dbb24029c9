import asyncio
import time
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from local_servers import Addresses, cloned_database, drop_clones, template_database


async def databases(url: str, stem: str) -> list[str]:
    connection = await asyncpg.connect(url)
    found = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE '%' || $1 || '%'", stem)
    await connection.close()
    return [row["datname"] for row in found]


async def build(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE things (id bigint PRIMARY KEY); INSERT INTO things VALUES (1)")
    await connection.close()


async def test_many_who_ask_at_once_get_one_template_built_once(servers: Addresses):
    built = []

    async def slowly(url: str) -> None:
        built.append(url)
        await build(url)

    names = await asyncio.gather(*(template_database(servers.postgres_url, "once", "1", slowly) for _ in range(8)))
    assert len(built) == 1
    assert len(set(names)) == 1
    assert await databases(servers.postgres_url, "template_once") == [names[0]]


async def test_a_new_version_replaces_the_old_and_leaves_other_names_alone(servers: Addresses):
    other = await template_database(servers.postgres_url, "versions_too", "1", build)
    first = await template_database(servers.postgres_url, "versions", "1", build)
    second = await template_database(servers.postgres_url, "versions", "2", build)
    assert first != second
    assert sorted(await databases(servers.postgres_url, "template_versions")) == sorted([second, other])


async def test_a_build_that_fails_leaves_nothing_and_can_be_tried_again(servers: Addresses):
    async def fail(url: str) -> None:
        await build(url)
        raise RuntimeError("migration 7 is broken")

    with pytest.raises(RuntimeError, match="migration 7"):
        await template_database(servers.postgres_url, "failing", "1", fail)
    assert await databases(servers.postgres_url, "failing") == []
    assert await template_database(servers.postgres_url, "failing", "1", build)


async def test_a_builder_that_forgets_its_connection_does_not_stop_the_copies(servers: Addresses):
    forgotten = []

    async def careless(url: str) -> None:
        forgotten.append(await asyncpg.connect(url))

    template = await template_database(servers.postgres_url, "careless", "1", careless)
    async with cloned_database(servers.postgres_url, template) as url:
        assert await databases(url, "clone_")
    forgotten[0].terminate()


async def test_copies_are_alike_apart_and_gone_afterwards(servers: Addresses):
    template = await template_database(servers.postgres_url, "copies", "1", build)

    async def use(number: int) -> str:
        async with cloned_database(servers.postgres_url, template) as url:
            connection = await asyncpg.connect(url)
            await connection.execute("INSERT INTO things VALUES ($1)", number)
            assert [row["id"] for row in await connection.fetch("SELECT id FROM things ORDER BY id")] == [1, number]
            connection.terminate()  # leaves a session behind for a moment
            return urlsplit(url).path[1:]

    used = await asyncio.gather(*(use(number) for number in range(2, 8)))
    assert len(set(used)) == 6
    assert not set(used) & set(await databases(servers.postgres_url, "clone_"))


async def test_a_copy_is_cheap_beside_building(servers: Addresses):
    async def schema(url: str) -> None:
        connection = await asyncpg.connect(url)
        for number in range(40):
            await connection.execute(f"CREATE TABLE t{number} (id bigint PRIMARY KEY, word text, more jsonb)")
            await connection.execute(f"CREATE INDEX ON t{number} (word)")
        await connection.close()

    template = await template_database(servers.postgres_url, "cheap", "1", schema)
    took = []
    for _ in range(7):
        began = time.perf_counter()
        async with cloned_database(servers.postgres_url, template):
            took.append(time.perf_counter() - began)
    assert min(took) < 0.5, took  # 20 ms in memory, 0.2 s on a slow disk


async def test_names_that_could_leave_their_place_are_refused(servers: Addresses):
    with pytest.raises(ValueError, match="not a name"):
        await template_database(servers.postgres_url, 'x"; DROP DATABASE postgres; --', "1", build)


async def test_copies_left_by_a_killed_run_are_dropped(tmp_path: Path):
    from local_servers import erase, start  # noqa: PLC0415 - this test alone needs servers of its own

    async with await start(tmp_path / "state", [], durable=False) as own:
        template = await template_database(own.postgres_url, "left", "1", build)
        async with cloned_database(own.postgres_url, template):
            assert await drop_clones(own.postgres_url) == 1
            assert await databases(own.postgres_url, "clone_") == []
            assert await drop_clones(own.postgres_url) == 0
    await erase(tmp_path / "state")
