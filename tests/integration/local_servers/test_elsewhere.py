# ruff: noqa: ASYNC240 - nothing else runs here
"""A state whose data lie elsewhere is copied, moved, deleted, cloned anew: nobody's data are touched but its own."""

import os
import shutil
from pathlib import Path

import asyncpg
import pytest

from local_servers import ServerFailed, Servers, erase, start
from local_servers.home import BACK_NOTE, NOTE, left_over
from mutual_aid.doctor import machine


def noted(state: Path) -> Path:
    return Path((state / NOTE).read_text().strip())


async def ledger(state: Path) -> Servers:
    return await start(state, (), only=("postgres",))


async def store(state: Path) -> Servers:
    """The quickest of the three to start."""
    return await start(state, (), only=("redis",))


async def kept(servers: Servers) -> list[str]:
    connection = await asyncpg.connect(servers.postgres_url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        return [row["word"] for row in await connection.fetch("INSERT INTO kept VALUES ('more') RETURNING word")]
    finally:
        await connection.close()


async def test_a_copy_neither_ends_nor_uses_nor_deletes_what_it_was_copied_from(closed: Path) -> None:
    copy = closed.parent.with_name("копия") / "state"
    async with await ledger(closed) as servers:
        before = servers.processes()
        shutil.copytree(closed.parent, copy.parent)
        for touch in (store, ledger, erase):
            with pytest.raises(ServerFailed, match="is a copy of") as refused:
                await touch(copy)
            assert str(closed) in refused.value.fix
        assert servers.processes() == before
        assert await kept(servers) == ["more"]
    for touch in (ledger, erase):  # nor while nothing runs there
        with pytest.raises(ServerFailed, match="is a copy of"):
            await touch(copy)
    assert (noted(closed) / "postgres" / "cluster" / "PG_VERSION").exists()

    (copy / NOTE).unlink()
    async with await store(copy):
        assert noted(copy) != noted(closed), "without the note it begins anew"
    await erase(copy)
    assert noted(closed).exists()


async def test_a_copy_goes_on_once_the_one_it_was_copied_from_is_gone(closed: Path) -> None:
    async with await store(closed):
        home = noted(closed)
    copy = closed.with_name("copy")
    shutil.copytree(closed, copy)
    shutil.rmtree(closed)
    async with await store(copy):
        assert noted(copy) == home
        assert (home / BACK_NOTE).read_text() == f"{copy}\n"
        shutil.copytree(copy, closed)
        shutil.rmtree(copy)
        with pytest.raises(ServerFailed, match="is a copy of"):  # held, though the folder of whoever holds it is gone
            await store(closed)
    await erase(closed)
    assert not home.exists()


async def test_a_moved_state_keeps_its_data_and_a_new_one_in_its_place_has_its_own(closed: Path) -> None:
    async with await store(closed):
        home = noted(closed)
    moved = closed.with_name("moved")
    closed.rename(moved)
    async with await store(closed):
        assert noted(closed) != home
        assert not {path for path, _ in left_over()} & {noted(closed)}
        assert (home, closed) in left_over(), "nobody claims it yet"
    async with await store(moved):
        assert noted(moved) == home
        assert (home / BACK_NOTE).read_text() == f"{moved}\n"
        assert home not in {path for path, _ in left_over()}
    await erase(closed)
    await erase(moved)
    assert not home.exists()


async def test_after_the_folder_was_simply_deleted_everything_begins_anew(closed: Path) -> None:
    async with await store(closed):
        home = noted(closed)
    shutil.rmtree(closed)
    async with await store(closed):
        assert noted(closed) != home
    left = [one for one in machine.deserted() if str(home) in one.says]
    assert len(left) == 1, "doctor names it"
    assert str(closed) in left[0].says
    shutil.rmtree(home)


async def test_data_that_are_gone_are_named_and_not_made_anew(closed: Path) -> None:
    async with await store(closed):
        home = noted(closed)
    away = home.with_name(f"{home.name}-away")
    home.rename(away)
    with pytest.raises(ServerFailed, match="which is gone"):
        await store(closed)
    assert not home.exists()
    away.rename(home)
    (closed / NOTE).write_text("")
    with pytest.raises(ServerFailed, match="damaged"):
        await store(closed)
    with pytest.raises(ServerFailed, match="damaged"):
        await erase(closed)
    (closed / NOTE).write_text(f"{home}\n")
    async with await store(closed):
        assert os.listdir(home)  # noqa: PTH208 - whatever it is
