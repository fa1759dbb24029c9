import contextlib
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from local_servers import NatsUser, start

SECRET = "phone +380501234567"


@pytest.mark.skipif(sys.platform != "linux", reason="proportional memory is known on Linux only")
async def test_idle_servers_fit_a_small_machine(state: Path):
    async with await start(state, [NatsUser("talker", ("talk.>",))]) as servers:
        connection = await asyncpg.connect(servers.postgres_url)
        await connection.execute("CHECKPOINT")
        await connection.close()
        family = [psutil.Process(pid) for pid in servers.processes().values()]
        family += [child for parent in family for child in parent.children(recursive=True)]
        mebibytes, shared = 0.0, list[str]()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL's workers come and go
                mebibytes += process.memory_full_info().pss / 2**20
                shared += [part.path for part in process.memory_maps() if part.path.startswith("/dev/shm")]  # noqa: S108
    assert [path for path in shared if not Path(path).is_relative_to(state)] == [], (
        "left there for ever once somebody kills them"
    )
    assert 10 < mebibytes < 150  # 48 measured; less while other servers share the programs' pages


async def test_postgres_is_set_up_to_keep_what_it_promised(state: Path):
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "jit": "off",
        "max_connections": "100",
        "data_checksums": "on",
        "password_encryption": "scram-sha-256",
        "server_encoding": "UTF8",
    }
    async with await start(state, []) as servers:
        connection = await asyncpg.connect(servers.postgres_url)
        assert {name: await connection.fetchval("SELECT current_setting($1)", name) for name in wanted} == wanted
        await connection.close()
    async with await start(state, [], durable=False) as servers:
        connection = await asyncpg.connect(servers.postgres_url)
        assert await connection.fetchval("SHOW fsync") == "off"
        await connection.close()


async def test_no_log_repeats_what_people_wrote(state: Path):
    async with await start(state, []) as servers:
        connection = await asyncpg.connect(servers.postgres_url)
        await connection.execute("CREATE TABLE people (phone text UNIQUE CHECK (length(phone) < 50), note text)")
        await connection.execute("INSERT INTO people VALUES ($1)", SECRET)
        for text in (SECRET, SECRET * 3):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
                await connection.execute("INSERT INTO people VALUES ($1)", text)
            assert SECRET in str(refused.value.detail), "the client is told; the log is what this test is about"
        await connection.close()
        log = (state / "logs" / "postgres.log").read_text()
    assert "duplicate key value" in log
    assert "violates check constraint" in log
    assert "380501234567" not in log
