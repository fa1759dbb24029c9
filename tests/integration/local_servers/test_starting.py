import asyncio
import json
import os
import signal
import socket
import stat
import time
from collections.abc import Iterable
from pathlib import Path

import asyncpg
import nats
import psutil
import pytest
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from local_servers import AlreadyRunning, NatsUser, Servers, running, start
from local_servers.state import State

USERS = (NatsUser("talker", ("talk.>",)), NatsUser("listener", (), ("talk.>",)))


async def write_everywhere(servers: Servers, word: str) -> None:
    connection = await asyncpg.connect(servers.postgres_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
    await connection.execute("INSERT INTO kept VALUES ($1)", word)
    await connection.close()
    memory = redis.asyncio.Redis.from_url(servers.redis_url)
    await memory.rpush("kept", word)
    await memory.aclose()


async def read_everywhere(servers: Servers) -> tuple[list[str], list[str]]:
    connection = await asyncpg.connect(servers.postgres_url)
    rows = [row["word"] for row in await connection.fetch("SELECT word FROM kept ORDER BY word")]
    await connection.close()
    memory = redis.asyncio.Redis.from_url(servers.redis_url)
    words = [word.decode() for word in await memory.lrange("kept", 0, -1)]
    await memory.aclose()
    return rows, words


async def test_first_start_gives_the_servers_named_in_time(state_on_disk: Path):
    began = time.monotonic()
    async with await start(state_on_disk, USERS) as servers:
        assert time.monotonic() - began < 60
        connection = await asyncpg.connect(servers.postgres_url)
        assert await connection.fetchval("SHOW server_version_num") >= "180000"
        assert await connection.fetchval("SELECT upper('привет, їжак')") == "ПРИВЕТ, ЇЖАК"
        await connection.close()
        client = await nats.connect(servers.nats_url, nkeys_seed=str(servers.nats_seeds["talker"]))
        assert client.connected_server_version.major == 2
        assert client.connected_server_version.minor >= 15
        await client.close()
        memory = redis.asyncio.Redis.from_url(servers.redis_url)
        assert await memory.ping()
        await memory.aclose()


async def test_ten_starts_in_a_row_half_of_them_after_a_crash_keep_data_and_addresses(state_on_disk: Path):
    seen = set()
    for turn in range(10):
        began = time.monotonic()
        servers = await start(state_on_disk, USERS)
        assert time.monotonic() - began < 60
        seen.add(servers.addresses.postgres_url + servers.nats_url + servers.redis_url)
        await write_everywhere(servers, str(turn))
        if turn % 2:
            for pid in servers.processes().values():
                os.kill(pid, signal.SIGKILL)
        await servers.stop()
        assert not servers.processes()
    assert len(seen) == 1
    async with await start(state_on_disk, USERS) as servers:
        rows, words = await read_everywhere(servers)
    assert rows == [str(turn) for turn in range(10)]
    assert words == rows  # appendfsync everysec reaches the system at once, the disk within a second


async def test_second_start_is_refused_and_the_first_unharmed(state: Path):
    assert running(state) is None
    async with await start(state, USERS) as servers:
        pids = servers.processes()
        with pytest.raises(AlreadyRunning) as refused:
            await start(state, USERS)
        assert refused.value.pid == os.getpid()
        assert refused.value.addresses["nats"] == servers.nats_url.removeprefix("nats://")
        assert set(refused.value.addresses) == {"postgres", "nats", "redis"}
        assert "password" not in str(refused.value)
        seen = running(state)
        assert seen is not None
        assert seen.addresses == refused.value.addresses
        assert servers.processes() == pids
        await write_everywhere(servers, "still here")
    assert running(state) is None


async def test_a_taken_port_is_exchanged_and_the_new_one_kept(state: Path):
    async with await start(state, USERS) as servers:
        before = dict(servers.state.ports)
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", before["nats"]))
        thief.listen()
        async with await start(state, USERS) as servers:
            during = dict(servers.state.ports)
    async with await start(state, USERS) as servers:
        after = dict(servers.state.ports)
    assert during["nats"] != before["nats"]
    assert {**during, "nats": 0} == {**before, "nats": 0}
    assert after == during


async def test_a_port_taken_at_the_last_moment_costs_another_try(state: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", 0))
        thief.listen()
        stolen = thief.getsockname()[1]
        from local_servers import starting as module  # noqa: PLC0415 - only this test reaches into it

        choose, calls = module.choose_ports, []

        def too_late(held: State, names: Iterable[str]) -> None:
            choose(held, names)
            if not calls:
                held.ports["postgres"] = stolen
            calls.append(dict(held.ports))

        monkeypatch.setattr(module, "choose_ports", too_late)
        async with await start(state, USERS) as servers:
            assert len(calls) == 2
            assert servers.state.ports["postgres"] != stolen
            await write_everywhere(servers, "here after all")


async def test_secrets_are_for_their_owner_and_servers_for_this_machine(state: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BOT_TOKEN", "not-for-servers")
    async with await start(state, USERS) as servers:
        for path in state.rglob("*"):  # noqa: ASYNC240 - nothing else runs here
            private = path.is_dir() or stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
            assert private, path
        assert json.loads((state / "kept.json").read_text())["passwords"]["redis"] in servers.redis_url
        for pid in servers.processes().values():
            process = psutil.Process(pid)
            listening = [one for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
            assert {one.laddr.ip for one in listening} == {"127.0.0.1"}
            assert "BOT_TOKEN" not in process.environ()
            assert not any(word in " ".join(process.cmdline()) for word in servers.state.passwords.values())
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(servers.postgres_url.replace(servers.state.passwords["postgres"], "guess"))
        stranger = redis.asyncio.Redis(port=servers.state.ports["redis"], retry=Retry(NoBackoff(), 0))
        with pytest.raises(redis.exceptions.AuthenticationError):
            await stranger.ping()
        await stranger.aclose()


async def test_a_cancelled_start_leaves_nothing_running(state: Path):
    async with await start(state, USERS):
        pass
    for pause in (0.0, 0.02, 0.05):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(start(state, USERS), pause)
        assert running(state) is None
        assert not [
            one for one in psutil.process_iter(["cmdline"]) if str(state) in " ".join(one.info["cmdline"] or ())
        ]
    async with await start(state, USERS) as servers:
        await write_everywhere(servers, "well")


async def test_names_of_users_that_clash_are_refused_before_anything_starts(state: Path):
    for users in ((NatsUser("a"), NatsUser("a")), (NatsUser("../a"),), (NatsUser(""),)):
        with pytest.raises(ValueError, match="NATS user"):
            await start(state, users)
    assert not state.exists()  # noqa: ASYNC240 - nothing else runs here


async def test_those_not_asked_for_are_neither_looked_for_nor_started(state: Path, monkeypatch: pytest.MonkeyPatch):
    from local_servers import starting as module  # noqa: PLC0415 - only this test reaches into it

    def absent() -> None:
        raise AssertionError("looked for")

    monkeypatch.setattr(module, "postgres_program", absent)
    monkeypatch.setattr(module, "redis_program", absent)
    async with await start(state, USERS, only=["nats"]) as servers:
        assert set(servers.processes()) == {"nats"}
        seen = running(state)
        assert seen is not None
        assert set(seen.addresses) == {"nats"}
        client = await nats.connect(servers.nats_url, nkeys_seed=str(servers.nats_seeds["talker"]))
        await client.close()
    monkeypatch.undo()
    async with await start(state, USERS) as servers:
        assert set(servers.processes()) == {"postgres", "nats", "redis"}
