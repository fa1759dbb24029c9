"""PostgreSQL: its files, its settings for a small machine, and whether it answers."""

import hashlib
import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from local_servers.account import Account, give, own
from local_servers.answering import postgres_answers
from local_servers.process import Process, clear_away, spawn

INITDB_WITHIN = 120.0  # s; 1 s is usual, a slow disk syncs 40 MB
# Measured idle on x86-64: see tests/integration/local_servers/test_footprint.py, which holds the sum of all servers.
SMALL_MACHINE: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a path may be too long for one, and loopback does everywhere
    "max_connections": "100",
    "shared_buffers": "64MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "min_wal_size": "64MB",
    "io_method": "sync",  # saves three worker processes that a small machine has no disks for
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "dynamic_shared_memory_type": "mmap",  # among its own files: what a killed server leaves in /dev/shm nobody clears away
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    # Rows and parameters hold what people wrote: a failed statement must not carry them into the log.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
FAST_AND_FORGETFUL: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "30min",
}


@dataclass(frozen=True)
class Postgres:
    """A cluster: its program, folder, port, superuser password; durable=False trades safety against power loss."""

    program: Path
    data: Path
    port: int
    password: str
    durable: bool

    def url(self, database: str = "postgres") -> str:
        """Where a client finds a database of it."""
        return f"postgresql://postgres:{quote(self.password)}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    async def prepare(self, account: Account | None, log: Path) -> None:
        """Clear away an earlier run, and make the database files unless they are there.

        PostgreSQL trusts the process id in its pid file and refuses to start when that number is somebody else's by
        now; we have looked for ourselves, so the file goes. Files half made by a start that was cut off are made anew.
        """
        await clear_away(marks(self.data), account)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        own(account, self.data.parent)
        if not (self.data / "PG_VERSION").exists():
            await self._create(account, log)

    def launch(self, account: Account | None, log: Path) -> Process:
        """Start the server with the settings as they are now."""
        settings = {**SMALL_MACHINE, "port": str(self.port), "cluster_name": title(self.data)}
        if not self.durable:
            settings |= FAST_AND_FORGETFUL
        chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return spawn(
            "postgres", [self.program, "-D", self.data, *chosen],
            account=account, stop_signal=signal.SIGINT, folder=self.data, log=log,  # SIGINT: end sessions, then stop
        )  # fmt: skip

    async def answers(self, process: Process, within: float) -> None:
        """Wait until it runs a statement; raises ServerFailed after so many seconds, or when it dies."""
        await postgres_answers(self.url(), process, within)

    async def _create(self, account: Account | None, log: Path) -> None:
        half = self.data.with_name("half-made")
        shutil.rmtree(half, ignore_errors=True)
        password = self.data.with_name("initial-password")
        give(password, self.password, account)
        initdb = self.program.with_name("initdb")
        options = [
            "--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8",
            # The same order and letters on every system, whatever locales it has.
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            # What slows down guessing slows down every connection, and nobody guesses 24 random bytes.
            "--set=scram_iterations=1",
        ]  # fmt: skip
        try:
            await _run([initdb, *options, "--no-sync", f"--pgdata={half}"], account, half.parent, log)
            if self.durable:  # one pass at the end costs less than syncing every file as it is made
                await _run([initdb, "--sync-only", f"--pgdata={half}"], account, half.parent, log)
        finally:
            password.unlink()
        half.rename(self.data)


def title(data: Path) -> str:
    """What the processes of the cluster in this folder are called, to be told from any other PostgreSQL's."""
    return f"local-servers-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"


def marks(data: Path) -> tuple[str, ...]:
    """What its processes' command lines name: the parent's the folder, the children's the title."""
    return (str(data), title(data))


async def _run(command: list[str | Path], account: Account | None, folder: Path, log: Path) -> None:
    process = spawn("postgres", command, account=account, stop_signal=signal.SIGTERM, folder=folder, log=log)
    try:
        status = await process.ended(INITDB_WITHIN)
    finally:
        await process.kill()
    if status != 0:
        raise process.failure("initdb did not end in time" if status is None else f"initdb ended with status {status}")
