import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import nats
import psutil
import pytest

from local_servers import AlreadyRunning, NatsUser, Servers, erase, start

OWNER = Path(__file__).with_name("owner.py")
USERS = (NatsUser("admin", ("$JS.API.>", "talk.>"), ("_INBOX.>",)),)


@asynccontextmanager
async def owner(state: Path, *options: str) -> AsyncIterator[tuple[Process, dict]]:
    process = await asyncio.create_subprocess_exec(sys.executable, OWNER, state, *options, stdout=PIPE)
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield process, json.loads(line)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def alive(pids: Iterable[int]) -> list[int]:
    return [pid for pid in pids if lives(pid)]


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def gone(pids: Iterable[int], within: float) -> bool:
    deadline = time.monotonic() + within
    while alive(pids):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


async def rows(servers: Servers) -> int:
    connection = await asyncpg.connect(servers.postgres_url)
    count = await connection.fetchval("SELECT count(*) FROM kept")
    await connection.close()
    return count


async def fill(servers: Servers, count: int) -> None:
    connection = await asyncpg.connect(servers.postgres_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (id bigint)")
    for number in range(count):
        await connection.execute("INSERT INTO kept VALUES ($1)", number)
    connection.terminate()  # as a killed client would


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
async def test_servers_end_by_themselves_when_their_owner_is_killed(state: Path):
    async with owner(state) as (process, up):
        process.kill()
        await process.wait()
        assert await gone(up["processes"].values(), 20)


async def test_orphans_of_a_killed_owner_are_ended_and_their_addresses_kept(state: Path):
    async with owner(state, "deaf") as (process, up):
        process.kill()
        await process.wait()
        assert not await gone(up["processes"].values(), 0.3), (
            "they should have outlived their owner for this test to mean anything"
        )
        async with await start(state, USERS) as servers:
            assert not alive(up["processes"].values())
            assert servers.state.ports == up["ports"]
            await fill(servers, 1)


async def test_after_kill_9_of_everything_what_was_committed_is_there(state: Path):
    expected = 0
    for turn in range(5):
        servers = await start(state, USERS)
        await fill(servers, 20)
        expected += 20
        client = await nats.connect(servers.nats_url, nkeys_seed=str(servers.nats_seeds["admin"]))
        stream = client.jetstream()
        if not turn:
            await stream.add_stream(name="TALK", subjects=["talk.>"])
        await stream.publish("talk.turn", str(turn).encode())
        assert (await stream.stream_info("TALK")).state.messages == turn + 1
        await client.close()
        pids = list(servers.processes().values())
        pids += [child.pid for pid in pids for child in psutil.Process(pid).children(recursive=True)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await servers.stop()
    async with await start(state, USERS) as servers:
        assert await rows(servers) == expected


async def test_a_pid_file_that_names_a_stranger_is_no_obstacle_and_the_stranger_lives(state: Path):
    async with await start(state, USERS) as servers:
        await fill(servers, 1)
        data = servers.postgres.data
        remembered = (data / "postmaster.pid").read_text()
        await servers.kill("postgres")
    assert (data / "postmaster.pid").exists()
    stranger = await asyncio.create_subprocess_exec("sleep", "600")
    try:
        (data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *remembered.splitlines()[1:]]) + "\n")
        async with await start(state, USERS) as servers:
            assert await rows(servers) == 1
        assert stranger.returncode is None
    finally:
        stranger.kill()
        await stranger.wait()


async def test_a_database_half_made_is_made_anew(state: Path):
    async with await start(state, USERS) as servers:
        data = servers.postgres.data
    half = data.with_name("half-made")
    data.rename(half)
    shutil.rmtree(half / "base")
    async with await start(state, USERS) as servers:
        await fill(servers, 3)
        assert await rows(servers) == 3
        assert not half.exists()


async def test_of_four_owners_at_one_moment_one_wins(state: Path):
    async with contextlib.AsyncExitStack() as stack:
        contenders = await asyncio.gather(*(stack.enter_async_context(owner(state)) for _ in range(4)))
        winners = [process.pid for process, said in contenders if "processes" in said]
        refusals = [said["refused_by"] for _, said in contenders if "refused_by" in said]
        assert len(winners) == 1
        assert refusals == winners * 3


async def test_a_server_that_dies_is_named_and_comes_back_with_its_data(state: Path):
    async with await start(state, USERS) as servers:
        await fill(servers, 2)
        ports, before = dict(servers.state.ports), servers.processes()
        for name in ("postgres", "nats", "redis"):
            waiting = asyncio.ensure_future(servers.failed())  # noqa: TID251 - awaited below
            os.kill(before[name], signal.SIGKILL)
            failure = await asyncio.wait_for(waiting, 5)
            assert failure.name == name
            assert failure.log_tail
            await servers.restart(name)
        assert set(servers.processes()) == set(before)
        assert servers.state.ports == ports
        assert await rows(servers) == 2


async def test_what_we_kill_on_purpose_is_no_failure(state: Path):
    async with await start(state, USERS) as servers:
        for name in ("postgres", "nats", "redis"):
            await servers.kill(name)
            assert name not in servers.processes()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(servers.failed(), 0.5)
            await servers.restart(name)


async def test_postgres_comes_back_though_its_children_are_busy(state: Path):
    async with await start(state, USERS) as servers:
        connection = await asyncpg.connect(servers.postgres_url)
        busy = asyncio.ensure_future(connection.execute("SELECT count(*) FROM generate_series(1, 1e12)"))  # noqa: TID251 - awaited below
        watcher = await asyncpg.connect(servers.postgres_url)
        for _ in range(500):
            if await watcher.fetchval(
                "SELECT true FROM pg_stat_activity WHERE query LIKE '%1e12%' AND pid <> pg_backend_pid()"
            ):
                break
        else:
            raise AssertionError("the query never began")
        os.kill(servers.processes()["postgres"], signal.SIGKILL)  # the parent alone: the busy child does not notice
        await servers.restart("postgres")
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await busy
        watcher.terminate()
        await fill(servers, 1)


async def test_erased_jetstream_starts_empty_and_the_rest_is_untouched(state: Path):
    async with await start(state, USERS) as servers:
        await fill(servers, 2)
        client = await nats.connect(servers.nats_url, nkeys_seed=str(servers.nats_seeds["admin"]))
        await client.jetstream().add_stream(name="TALK", subjects=["talk.>"])
        await client.jetstream().publish("talk.a", b"1")
        await client.close()
        await servers.erase_jetstream()
        client = await nats.connect(servers.nats_url, nkeys_seed=str(servers.nats_seeds["admin"]))
        assert (await client.jetstream().account_info()).streams == 0
        await client.close()
        assert await rows(servers) == 2


async def test_starting_while_another_erases_ends_well_for_both(state: Path):
    for _ in range(3):
        async with await start(state, USERS, durable=False):
            pass
        outcomes = await asyncio.gather(
            asyncio.to_thread(lambda: asyncio.run(erase(state))),
            start(state, USERS, durable=False),
            return_exceptions=True,
        )
        assert all(one is None or isinstance(one, (Servers, AlreadyRunning)) for one in outcomes), outcomes
        assert not all(isinstance(one, AlreadyRunning) for one in outcomes)
        for one in outcomes:
            if isinstance(one, Servers):
                await fill(one, 1)
                await one.stop()
