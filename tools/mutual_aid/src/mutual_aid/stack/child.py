"""One process of ours: started, asked whether it is ready, started again when it dies."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp

from local_servers.process import LAUNCH, bound, rotate
from mutual_aid.place import Place
from mutual_aid.stack.deaths import Deaths
from mutual_aid.stack.ports import listens
from mutual_aid.stack.record import ProcessLine, State
from mutual_aid.trouble import Trouble, of_process

LOOK = 0.05  # s between two questions to a process that is starting
WATCH = 2.0  # s between two questions to one that runs
SILENT = 20.0  # s without any answer after which a process that runs is taken for dead
READY_WITHIN = 90.0  # s; two are usual, on a machine under load many
WRONG_SETTINGS = 2  # the exit status with which our processes refuse their settings


@dataclass(frozen=True)
class Program:
    """What to start: a Python module with its arguments, its own environment, and the page that says it is ready."""

    name: str
    module: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    ready: str  # path of the page; 200 means ready, anything else names in its body what is missing
    live: str  # path of a page that answers while the process lives


def handed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Our own environment for a process of ours, with this put in the place of what it says.

    What our environment or .env says the other way for one of these, by a file or not, is hidden: naming both would be an
    error.
    """
    hidden = {name.removesuffix("_FILE") if name.endswith("_FILE") else f"{name}_FILE": "" for name in environment}
    return {**os.environ, **hidden, **environment}


class Child:
    """A process kept alive while `keep` runs. `line` is how it stands, `trouble` why it does not come up."""

    def __init__(self, program: Program, place: Place, changed: Callable[[], None]) -> None:
        self.program = program
        self.line = ProcessLine(name=program.name, port=program.port)
        self.trouble: Trouble | None = None
        self._log = place.log(program.name)
        self._changed = changed
        self._deaths = Deaths()
        self._process: Process | None = None
        self._stopping = False
        self._first = asyncio.Event()

    async def ready(self) -> None:
        """Wait until it is ready for the first time; raises Trouble when it will not be."""
        try:
            async with asyncio.timeout(READY_WITHIN):
                await self._first.wait()
        except TimeoutError:
            why = f"not ready within {READY_WITHIN:.0f} s" + (f" ({self.line.why})" if self.line.why else "")
            raise of_process(self.program.name, why, self._log) from None
        if self.trouble is not None:
            raise self.trouble

    async def keep(self, session: aiohttp.ClientSession) -> None:
        """Start it, and again whenever it dies, until `stop`."""
        rotate(self._log)
        while not self._stopping:
            started = time.monotonic()
            try:
                process = await self._start()
            except OSError as error:  # no room for its log, no memory for a process
                pause = self._deaths.note(0)
                self._tell("down", f"cannot be started: {error.strerror}")
                await asyncio.sleep(pause)
                continue
            async with asyncio.TaskGroup() as watching:
                watch = watching.create_task(self._watch(process, session))
                await process.wait()
                watch.cancel()
            if self._is_stopping():
                return
            pause = self._deaths.note(time.monotonic() - started)
            self._judge(process)
            self.line.restarts += 1
            self.line.pid = None
            self._changed()
            await asyncio.sleep(pause)

    async def stop(self, within: float) -> None:
        """Ask it to end, and end it by force when it has not within so many seconds."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(within):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        self._tell("down", "")

    def _is_stopping(self) -> bool:
        return self._stopping

    async def _start(self) -> Process:
        with self._log.open("ab") as output:
            self._process = process = await asyncio.create_subprocess_exec(
                # The launcher asks the kernel to end the process when ours is killed (Linux).
                sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), str(int(signal.SIGTERM)), "-1", "-1",
                sys.executable, "-m", *self.program.module,
                stdin=DEVNULL, stdout=output, stderr=output, start_new_session=True,
                env=handed_on(self.program.environment),
            )  # fmt: skip
        self.line.pid = process.pid
        self._tell("starting", "")
        return process

    def _judge(self, process: Process) -> None:
        """Say how it died, and that somebody has to look when it does so again and again."""
        code = process.returncode or 0
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        if self._deaths.too_many or code == WRONG_SETTINGS:
            times = f", {self._deaths.in_a_row} times in a row" if self._deaths.in_a_row > 1 else ""
            self.trouble = of_process(self.program.name, f"{how}{times}", self._log)
            self.line.state, self.line.why = "failing", how
            self._first.set()
        else:
            self.line.state, self.line.why = "down", how

    async def _watch(self, process: Process, session: aiohttp.ClientSession) -> None:
        """Ask it how it is; one that is silent for long is killed, so that it is started anew."""
        heard = time.monotonic()
        while process.returncode is None:
            try:
                why = await self._ask(session, self.program.ready)
            except (aiohttp.ClientError, TimeoutError, OSError):
                if self.line.state in {"up", "unready"}:
                    self._tell("unready", "does not answer")
                if self._first.is_set() and time.monotonic() - heard > SILENT and await self._is_dead(session):
                    process.kill()
                    return
            else:
                heard = time.monotonic()
                # Two stacks that start at one moment may choose one port: then somebody else answers there.
                mine = self._first.is_set() or listens(process.pid, self.program.port)
                self._hear(why if mine else "another program answers at its port")
            bound(self._log)
            await asyncio.sleep(WATCH if self._first.is_set() else LOOK)

    def _hear(self, why: str) -> None:
        if why:
            self._tell("unready" if self._first.is_set() else "starting", why)
            return
        self.trouble = None
        self._tell("up", "")
        self._first.set()

    async def _is_dead(self, session: aiohttp.ClientSession) -> bool:
        try:
            await self._ask(session, self.program.live)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return True
        return False

    async def _ask(self, session: aiohttp.ClientSession, path: str) -> str:
        """What it lacks, "" when it is ready."""
        async with session.get(f"http://127.0.0.1:{self.program.port}{path}") as answer:
            if answer.status == 200:  # noqa: PLR2004 - OK
                return ""
            try:
                checks = (await answer.json())["checks"]
                return "; ".join(f"{name}: {check['why']}" for name, check in checks.items() if not check["ok"])
            except (ValueError, KeyError, TypeError, AttributeError, aiohttp.ClientError):
                return f"answers with status {answer.status}"

    def _tell(self, state: State, why: str) -> None:
        if (self.line.state, self.line.why) != (state, why) or state == "starting":
            self.line.state, self.line.why = state, why
            self._changed()
