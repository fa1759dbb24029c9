import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_servers import NatsUser, ServerFailed, programs, running, start

USERS = (NatsUser("talker", ("talk.>",)),)


@pytest.fixture
def small_disk(state: Path) -> Iterator[Path]:
    """A disk with too little room for a database."""
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "none", state.parent], check=False
        ).returncode
    ):
        pytest.skip("only root can make a small disk")
    yield state
    subprocess.run(["umount", state.parent], check=True)


async def failure(state: Path, users: tuple[NatsUser, ...] = USERS) -> ServerFailed:
    with pytest.raises(ServerFailed) as raised:
        await start(state, users)
    assert running(state) is None, "a failed start lets the state go"
    return raised.value


async def test_a_full_disk(small_disk: Path):
    failed = await failure(small_disk)
    assert failed.name == "postgres"
    assert "disk space" in failed.fix
    assert "No space left on device" in failed.log_tail


async def test_a_place_that_cannot_be_a_folder(tmp_path: Path):
    (tmp_path / "file").write_text("")
    failed = await failure(tmp_path / "file" / "state")
    assert failed.name == "state"
    assert str(tmp_path / "file") in str(failed)


async def test_a_damaged_record_of_ports_and_passwords(state: Path):
    async with await start(state, USERS):
        pass
    kept = (state / "kept.json").read_text()
    (state / "kept.json").write_text(kept[: len(kept) // 2])
    failed = await failure(state)
    assert "kept.json is damaged" in failed.reason
    assert "Restore it" in failed.fix
    (state / "kept.json").unlink()
    failed = await failure(state)
    assert failed.name == "postgres"
    assert "kept.json" in failed.fix
    (state / "kept.json").write_text(kept)
    async with await start(state, USERS) as servers:
        assert len(servers.processes()) == 3


async def test_data_of_another_version_and_damaged_data(state: Path):
    async with await start(state, USERS) as servers:
        data = servers.postgres.data
    (data / "PG_VERSION").write_text("16\n")
    failed = await failure(state)
    assert "another PostgreSQL version" in failed.fix
    (data / "PG_VERSION").write_text("18\n")
    control = (data / "global" / "pg_control").read_bytes()
    (data / "global" / "pg_control").write_bytes(control[:8])
    failed = await failure(state)
    assert "damaged" in failed.fix
    (data / "global" / "pg_control").write_bytes(control)
    async with await start(state, USERS) as servers:
        assert len(servers.processes()) == 3


async def test_rights_that_nats_cannot_read(state: Path):
    failed = await failure(state, (NatsUser("talker", ("not..a subject",)),))
    assert failed.name == "nats"
    assert "subject" in failed.log_tail


async def test_a_missing_library_and_a_program_for_another_machine(
    state: Path, open_to_all: Path, monkeypatch: pytest.MonkeyPatch
):
    from local_servers import starting as module  # noqa: PLC0415 - only this test reaches into it

    broken = open_to_all / "redis-server"
    monkeypatch.setattr(module, "redis_program", lambda: programs.Program(broken))
    broken.write_text(
        '#!/bin/sh\necho "$0: error while loading shared libraries: libz.so.1: cannot open" >&2\nexit 127\n'
    )
    broken.chmod(0o755)
    failed = await failure(state)
    assert failed.name == "redis"
    assert "libz.so.1" in failed.fix
    broken.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(100))
    failed = await failure(state)
    assert "another processor" in failed.fix


async def test_a_program_found_nowhere_and_one_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = programs.postgres_program().path
    monkeypatch.setattr(programs.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(programs, "POSTGRES_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerFailed, match="not found") as missing:
        programs.redis_program()
    assert "Install redis" in missing.value.fix
    old = tmp_path / "postgres"
    old.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.9'\n")
    old.chmod(0o755)
    shutil.copy(old, tmp_path / "initdb")
    with pytest.raises(ServerFailed, match="PostgreSQL 18"):
        programs.postgres_program()
    old.unlink()
    old.symlink_to(real)
    assert programs.postgres_program().path == real.resolve()
