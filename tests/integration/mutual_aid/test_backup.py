"""deploy/example/backup.sh against a real ledger: what it refuses, what it leaves, and that a backup comes back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from structlog.testing import capture_logs

from api import migrate
from api.migrate import migrate_schema, newest
from local_servers import Addresses, cloned_database, template_database
from local_servers.programs import postgres_program
from world import until

SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "example" / "backup.sh"
OLD = ("mutual-aid-20260101T030000Z.dump", "mutual-aid-20260102T030000Z.dump", "mutual-aid-20260103T030000Z.dump")


@dataclass
class Kept:
    """A ledger and its folder of backups; `script` is the example's, told where both are."""

    url: str
    folder: Path
    script: Path

    @property
    def dumps(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name != ".lock")

    async def begin(self, *words: str, **told: str) -> asyncio.subprocess.Process:
        parts = urlsplit(self.url)
        path = f"{self.folder.parent}:{postgres_program().path.parent}:{os.environ['PATH']}"
        port = str(parts.port)
        return await asyncio.create_subprocess_exec(
            "bash", self.script, *words, env={"PATH": path, "PGPORT": port, **told}, start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    async def run(self, *words: str, **told: str) -> tuple[int | None, str]:
        process = await self.begin(*words, **told)
        try:
            async with asyncio.timeout(60):
                said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, said.decode()

    def instead_of(self, program: str, text: str) -> None:
        """Have the script find this before the real program."""
        fake = self.folder.parent / program
        fake.write_text(f"#!/bin/sh\n{text}\n")
        fake.chmod(0o755)


@asynccontextmanager
async def kept(servers: Addresses, tmp_path: Path, *, made: bool) -> AsyncIterator[Kept]:
    async def nothing(_: str) -> None:
        """An empty database."""

    template = (
        await template_database(servers.postgres_url, "migrated", version=newest() or "", build=migrate_schema)
        if made
        else await template_database(servers.postgres_url, "empty", version="1", build=nothing)
    )
    async with cloned_database(servers.postgres_url, template) as url:
        parts, folder = urlsplit(url), tmp_path / "backups"
        folder.mkdir()
        (tmp_path / "password").write_text(f"{parts.password}\n")
        text = SCRIPT.read_text()
        for was, now in (
            ("folder=/backups", f"folder={folder}"), ("/run/secrets/postgres_password", str(tmp_path / "password")),
            ("PGHOST=postgres", f"PGHOST={parts.hostname}"), ("ledger=mutual_aid", f"ledger={parts.path[1:]}"),
        ):  # fmt: skip
            assert text.count(was) == 1, was
            text = text.replace(was, now)
        (tmp_path / "backup.sh").write_text(text)
        yield Kept(url, folder, tmp_path / "backup.sh")


@pytest.fixture
async def ledger(servers: Addresses, tmp_path: Path) -> AsyncIterator[Kept]:
    async with kept(servers, tmp_path, made=True) as one:
        yield one


async def test_a_backup_comes_back_and_what_was_there_stays_beside_it(servers: Addresses, ledger: Kept) -> None:
    name = urlsplit(ledger.url).path[1:]
    db = await asyncpg.connect(ledger.url)
    await db.execute("CREATE TABLE written AS SELECT 'before' AS word")
    code, said = await ledger.run("now")
    assert code == 0, said
    (dump,) = ledger.dumps
    assert (ledger.folder / dump).stat().st_mode & 0o777 == 0o600
    await db.execute("UPDATE written SET word = 'after'")
    code, said = await ledger.run("restore", dump)
    assert (code, "is being accessed" in said) == (1, True), "refused while somebody is there"
    await db.close()
    code, said = await ledger.run("restore", f"backups/{dump}")
    assert code == 0, said
    db = await asyncpg.connect(ledger.url)
    assert await db.fetchval("SELECT word FROM written") == "before"
    aside = said.split()[-1]
    assert aside.startswith(f"{name}_before_")
    beside = await asyncpg.connect(ledger.url.replace(f"/{name}", f"/{aside}"))
    assert await beside.fetchval("SELECT word FROM written") == "after"
    await beside.close()
    await db.close()
    admin = await asyncpg.connect(servers.postgres_url)
    await admin.execute(f'DROP DATABASE "{aside}"')
    await admin.close()


@pytest.mark.parametrize(
    "told", [{"BACKUP_KEEP": "0"}, {"BACKUP_KEEP": "-1"}, {"BACKUP_KEEP": "a few"}, {"BACKUP_HOUR": "24"}]
)
@pytest.mark.parametrize("verb", ["now", "daily"])
async def test_a_number_that_is_none_deletes_nothing(ledger: Kept, told: dict[str, str], verb: str) -> None:
    for name in OLD:
        (ledger.folder / name).write_text("good")
    code, said = await ledger.run(verb, **told)
    (named,) = told
    assert (code, f"{named} is {told[named]}" in said) == (1, True), said
    assert ledger.dumps == sorted(OLD)


async def test_the_newest_stay(ledger: Kept) -> None:
    for name in OLD:
        (ledger.folder / name).write_text("good")
    code, said = await ledger.run("now", BACKUP_KEEP="2")
    assert code == 0, said
    assert len(ledger.dumps) == 2
    assert ledger.dumps[0] == OLD[-1]


async def test_one_that_fails_takes_no_room_and_no_other_one_s_place(ledger: Kept) -> None:
    (ledger.folder / OLD[0]).write_text("good")
    ledger.instead_of(
        "pg_dump", 'for word; do case $word in --file=*) echo half >"${word#--file=}" ;; esac; done; exit 1'
    )
    code, _ = await ledger.run("now", BACKUP_KEEP="1")
    assert code == 1
    assert ledger.dumps == [OLD[0]]


async def test_two_at_once_are_two(ledger: Kept) -> None:
    """By hand, while the daily one is made; one at a time, so that neither takes the other's for left behind."""
    ledger.instead_of("pg_dump", f'sleep 1.1; exec "{postgres_program().path.with_name("pg_dump")}" "$@"')
    both = await asyncio.gather(ledger.run("now"), ledger.run("now"))
    assert [code for code, _ in both] == [0, 0], both
    assert len(ledger.dumps) == 2


def dump_at_a_word(ledger: Kept) -> tuple[Path, Path]:
    """A dump that makes the first of two files when it begins and goes on when there is the second."""
    begun, word = ledger.folder.parent / "begun", ledger.folder.parent / "word"
    real = postgres_program().path.with_name("pg_dump")
    ledger.instead_of("pg_dump", f'touch "{begun}"; until [ -e "{word}" ]; do sleep 0.05; done; exec "{real}" "$@"')
    return begun, word


async def test_a_migration_waits_until_the_backup_is_made(ledger: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "TURN_SECONDS", 1)
    begun, word = dump_at_a_word(ledger)
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as group:
            backup = group.create_task(ledger.run("now"))
            await until(begun.exists, within=30)
            migration = group.create_task(migrate_schema(ledger.url))
            await until(lambda: "schema.waits" in [each["event"] for each in logs], within=30)
            assert not migration.done()
            word.touch()
    code, said = backup.result()
    assert code == 0, said
    assert len(ledger.dumps) == 1


async def test_a_backup_begins_when_the_migration_is_over(ledger: Kept) -> None:
    begun, word = dump_at_a_word(ledger)
    word.touch()
    waits = "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted"
    db = await asyncpg.connect(ledger.url)
    async with asyncio.TaskGroup() as group:
        async with db.transaction():
            await db.execute("SELECT pg_advisory_xact_lock($1)", migrate.LOCK)
            backup = group.create_task(ledger.run("now"))
            await until(lambda: db.fetchval(waits, migrate.LOCK), within=30)
            assert not begun.exists()
        code, said = await backup
    assert code == 0, said
    assert len(ledger.dumps) == 1
    await until(lambda: db.fetchval(f"{waits.replace('= 1', '= 0').replace('NOT ', '')}", migrate.LOCK))
    await db.close()


async def test_asked_to_stop_the_daily_one_ends_what_it_has_begun(ledger: Kept) -> None:
    """An upgrade makes its container anew, and waits for that."""
    begun, word = dump_at_a_word(ledger)
    daily = await ledger.begin("daily")
    try:
        await until(begun.exists, within=30)
        daily.send_signal(signal.SIGTERM)
        word.touch()
        async with asyncio.timeout(30):
            assert await daily.wait() == 0
    finally:
        if daily.returncode is None:
            os.killpg(daily.pid, signal.SIGKILL)
    assert len(ledger.dumps) == 1
    assert not ledger.dumps[0].startswith(".")


async def test_where_there_is_no_room_none_is_begun(ledger: Kept) -> None:
    with (ledger.folder / OLD[0]).open("wb") as sparse:
        sparse.truncate(4 << 30)
    ledger.instead_of("df", "echo Filesystem; echo disk 1 1 $((7 * 1024 * 1024 - 1)) 99% /")
    code, said = await ledger.run("now", BACKUP_KEEP="1")
    assert (code, "7167 MiB are free, 7168 MiB are needed" in said) == (1, True), said
    assert ledger.dumps == [OLD[0]]
    ledger.instead_of("df", "echo Filesystem; echo disk 1 1 $((7 * 1024 * 1024)) 99% /")
    code, said = await ledger.run("now", BACKUP_KEEP="1")
    assert code == 0, said


async def test_of_an_empty_ledger_none_is_made_until_it_is_one(servers: Addresses, tmp_path: Path) -> None:
    async with kept(servers, tmp_path, made=False) as empty:
        (empty.folder / OLD[0]).write_text("good")
        os.utime(empty.folder / OLD[0], (0, 0))
        code, said = await empty.run("now", BACKUP_KEEP="1")
        assert (code, "the ledger is empty" in said) == (1, True), said
        code, said = await empty.run("now", PGPORT="9")
        assert (code, "does not answer" in said) == (1, True), said
        daily = await empty.begin("daily")
        try:
            await migrate_schema(empty.url)
            await until(lambda: len(empty.dumps) == 2 and not empty.dumps[0].startswith("."), within=30)
        finally:
            os.killpg(daily.pid, signal.SIGTERM)
            await daily.wait()
