"""One server process: started as the right account, watched, stopped, and found again after a crash."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil  # type: ignore[import-untyped]  # it ships no types

from local_servers.account import Account
from local_servers.failures import ServerFailed, fix_for

Name = Literal["postgres", "nats", "redis"]
LAUNCH = Path(__file__).with_name("launch.py")
LOG_LIMIT = 8 * 2**20  # bytes; one older piece of the same size is kept beside it
TAIL = 2000  # characters of a log shown with a failure: a screenful
END_WITHIN = 5.0  # s that each signal gets; a fast shutdown of an idle PostgreSQL takes 0.1
POLL = 0.02  # s between looks at a process: children can be waited for on every system only by asking


@dataclass
class Process:
    """A running or ended child. name is the server's; log is the file it writes to."""

    name: Name
    child: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    log: Path
    wanted: bool = True  # False once we ended it ourselves: its end is then no failure

    @property
    def pid(self) -> int:
        """The process id, meaningful while alive."""
        return self.child.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.child.poll() is None

    def log_tail(self) -> str:
        """The last lines it wrote."""
        return tail(self.log)

    def failure(self, reason: str) -> ServerFailed:
        """The failure of this server, with its last lines and what helps."""
        log = self.log_tail()
        return ServerFailed(self.name, reason, log, fix_for(log))

    async def ended(self, within: float) -> int | None:
        """Its exit status, or None when it has not ended within so many seconds."""
        deadline = time.monotonic() + within
        while (status := self.child.poll()) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - see POLL
            await asyncio.sleep(POLL)
        return status

    async def stop(self, within: float) -> None:
        """Ask it to end, and end it by force when it has not within so many seconds."""
        self.wanted = False
        if self.alive():
            self.child.send_signal(self.stop_signal)
            if await self.ended(within) is None:
                await self.kill()

    async def kill(self) -> None:
        """End it and its children at once, without a chance to tidy up, as a crash would."""
        self.wanted = False
        if self.alive():
            family = _family(self.pid)
            self.child.kill()
            await _end(family, signal.SIGKILL, within=END_WITHIN)
        await self.ended(END_WITHIN)


def spawn(
    name: Name,
    command: Sequence[str | Path],
    *,
    account: Account | None,
    stop_signal: signal.Signals,
    folder: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start a command in a folder; it writes to the log, and is told to stop when this process dies (Linux).

    "When this process dies" is in truth when the calling thread ends: call it from one that outlives the server.
    The child gets a small environment of its own: settings and secrets of the caller are not its business.
    """
    who = (account.uid, account.gid) if account else (-1, -1)
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR") if key in os.environ}
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-I", "-S", LAUNCH, *map(str, (os.getpid(), int(stop_signal), *who)), *map(str, command)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder,
            env=kept | {"LC_ALL": "C", "TZ": "UTC"} | dict(environment or {}),
            start_new_session=True,  # Ctrl-C in the terminal is for us, who stop the servers in order
        )  # fmt: skip
    return Process(name, child, stop_signal, log)


def rotate(log: Path) -> None:
    """Keep the last run's log as `.1` and begin an empty one."""
    log.parent.mkdir(mode=0o700, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)


def bound(log: Path) -> None:
    """Cut a log that outgrew its limit, keeping what it holds as `.1`.

    Its writer has it open for appending and goes on at the new end; a line written during the copy may be lost. On a full
    disk it is cut all the same, and what it held is lost; a log that somebody deleted is left to them.
    """
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT:
            try:
                with log.open("rb") as full, contextlib.suppress(OSError):
                    full.seek(-LOG_LIMIT, os.SEEK_END)
                    log.with_suffix(".log.1").write_bytes(full.read())
            finally:
                os.truncate(log, 0)


def tail(log: Path) -> str:
    """The last lines of a log, "" when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


async def clear_away(marks: Iterable[str], account: Account | None) -> None:
    """End what an earlier run left behind: in order when it can, else by force.

    Leftovers are this account's processes with one of the marks in their command line; a mark names this state and
    nothing else. No process id is remembered anywhere, so none can be stale. Raises ServerFailed when one stays.
    """
    remaining = _left_over(tuple(marks), account)
    for how in (signal.SIGINT, signal.SIGKILL):  # the first is an orderly stop to all three
        if remaining:
            remaining = await _end(remaining, how, within=END_WITHIN)
    if remaining:
        pids = ", ".join(str(process.pid) for process in remaining)
        raise ServerFailed("state", f"an earlier run cannot be ended (processes {pids})", "", "Restart the machine.")


def _left_over(marks: tuple[str, ...], account: Account | None) -> list[psutil.Process]:
    uid = account.uid if account else os.geteuid()
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == uid and any(_marked(word, marks) for word in process.cmdline()):
                found.append(process)
    return found


def _marked(word: str, marks: tuple[str, ...]) -> bool:
    """PostgreSQL's children are called "postgres: NAME: what they do", as one word or as several."""
    return any(word in {mark, f"{mark}:"} or f" {mark}: " in word for mark in marks)


async def _end(processes: list[psutil.Process], how: signal.Signals, *, within: float) -> list[psutil.Process]:
    """Signal processes and wait; returns those still alive after so many seconds."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(how)
    deadline = time.monotonic() + within
    while (remaining := [one for one in processes if _lives(one)]) and time.monotonic() < deadline:  # noqa: ASYNC110 - see POLL
        await asyncio.sleep(POLL)
    return remaining


def _lives(process: psutil.Process) -> bool:
    """Whether it still runs; a zombie nobody has waited for does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _family(pid: int) -> list[psutil.Process]:
    """All descendants of a process, [] when it is gone."""
    try:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
    return found
