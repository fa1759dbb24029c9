"""Processes of the api that start at once: each a copy of one that has read all the code and done nothing yet.

Reading the code is nearly all of what a start costs, 1.4 s of a processor. Killed every two seconds on a machine that
has other work, processes that read it anew would never get as far as serving.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["api.__main__", "pytest"])


class Copy:
    """One process made so; what asyncio's processes can do, as far as it is needed."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process.pid is not None and self.returncode is None:
            os.kill(self._process.pid, number)

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        assert self.returncode is not None
        return self.returncode


async def copy(environment: Mapping[str, str], log: Path) -> Copy:
    """A process that does what `python -m api serve` does, in this environment, writing to the end of this log."""
    process = NURSERY.Process(target=_serve, args=(dict(environment), str(log)), daemon=True)
    await asyncio.to_thread(process.start)
    return Copy(process)


def _serve(environment: dict[str, str], log: str) -> None:
    # What is read only where it is carried out: the code is there by now.
    from api.__main__ import main  # noqa: PLC0415
    from service_kit import correlation  # noqa: PLC0415

    writing = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    os.chdir("/")
    os.environ.clear()
    os.environ.update(environment)
    correlation._draw.seed(os.urandom(16))  # copies would all draw the same
    sys.argv = ["api", "serve"]
    main()
