"""Background work that somebody watches; the only place that starts tasks."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog

from service_kit.health import Unhealthy
from service_kit.metrics import TASK_ENDS, WORK_FAILURES, WORK_REFUSALS, gauge
from service_kit.process import Stop

log = structlog.get_logger(__name__)

Work = Callable[[], Coroutine[Any, Any, object]]
Restart = Literal["always", "on_failure", "never"]

SETTLED: Final = 60.0
"""Seconds after which a restarted task counts as well again, so that its next end is retried quickly."""

AFTER_CANCEL: Final = 2.0
"""Seconds that cancelled work gets to clean up."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next start, in seconds: each wait is drawn between half and all of a doubling bound."""

    first: float = 0.2
    longest: float = 30.0

    def wait(self, failures: int) -> float:
        """Return the wait after this many failures in a row, the first being 1."""
        bound: float = min(self.longest, self.first * 2 ** min(failures - 1, 30))
        return bound * random.uniform(0.5, 1.0)  # noqa: S311 - spreads restarts, guards nothing


class Supervisor:
    """The background tasks of a process, each restarted or taken seriously when it ends."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._down: set[str] = set()
        self._stopping = False

    def start(self, name: str, work: Work, *, restart: Restart = "always", backoff: Backoff | None = None) -> None:
        """Run ``work()`` in the background under a name.

        ``always``: any end is logged with its traceback and the work started again after a growing, jittered wait.
        ``on_failure``: returning is how it ends well, only an error starts it again.
        ``never``: the process cannot do without it; when it returns or raises, ``stop.fail`` ends the process.
        A name in use, or a supervisor that was stopped, raises ValueError.
        """
        known = self._tasks.get(name)
        if self._stopping or (known is not None and not known.done()):
            raise ValueError(f"{name} cannot be started: it runs already, or everything is stopping")
        task = asyncio.create_task(  # noqa: TID251 - the one place
            self._keep(name, work, restart, backoff or Backoff()), name=name
        )
        self._tasks[name] = task
        task.add_done_callback(self._ended)

    async def check(self) -> None:
        """Raise Unhealthy naming the tasks that are down at this moment, for use as a check of health."""
        if self._down:
            raise Unhealthy(f"down: {', '.join(sorted(self._down))}")

    async def stop(self, within: float = 10.0) -> tuple[str, ...]:
        """Cancel every task, wait for them, and return the names of those that still run after ``within`` seconds.

        One that runs on is cancelled anew every two seconds: ``asyncio.wait_for`` of Python 3.11, by which nats-py
        waits, forgets a cancelling that meets its answer.
        """
        self._stopping = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        late = {task for task in self._tasks.values() if not task.done()}
        while late and (left := deadline - loop.time()) > 0:
            for task in late:
                task.cancel()
            _, late = await asyncio.wait(late, timeout=min(left, AFTER_CANCEL))
        names = tuple(sorted(task.get_name() for task in late))
        if names:
            log.error("tasks.late", tasks=names, waited_seconds=within)
        return names

    async def _keep(self, name: str, work: Work, restart: Restart, backoff: Backoff) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            started = loop.time()
            error: BaseException | None = None
            try:
                await work()
            except asyncio.CancelledError as cancelled:
                if self._stopping or _is_cancelled():
                    raise
                # Something inside was cancelled and let it out: for the task that is an end like any other.
                error = cancelled
            except Exception as raised:  # noqa: BLE001 - whatever it was, the work must go on
                error = raised
            if self._stopping or (error is None and restart == "on_failure"):
                self._down.discard(name)
                return
            TASK_ENDS(task=name)
            failures = 1 if loop.time() - started >= SETTLED else failures + 1
            if restart == "never":
                log.critical("task.ended", task=name, exc_info=error)
                self._down.add(name)
                self._stop.fail(f"the task {name} ended")
                return
            wait = backoff.wait(failures)
            log.error("task.ended", task=name, failures=failures, restart_in_seconds=round(wait, 2), exc_info=error)
            self._down.add(name)
            await asyncio.sleep(wait)
            self._down.discard(name)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        # The keeper itself ends only by being stopped or by decision; anything else is a fault of this file.
        if self._stopping:
            return
        if task.cancelled() or task.exception() is not None:
            self._down.add(task.get_name())
            log.critical("task.lost", task=task.get_name(), exc_info=None if task.cancelled() else task.exception())
            self._stop.fail(f"the task {task.get_name()} was lost")


class TaskPool:
    """Bounded one-shot work: at most ``limit`` pieces at once, each failure logged with its traceback."""

    def __init__(self, limit: int, *, name: str) -> None:
        if limit < 1:
            raise ValueError("a pool needs room for one piece of work")
        self._limit = limit
        self._name = name
        tasks = self._tasks = set[asyncio.Task[object]]()
        self._draining = False
        gauge("pool_running", "Pieces of pooled work going on", lambda: len(tasks), pool=name)
        gauge("pool_limit", "Pieces of pooled work that may go on at once", lambda: limit, pool=name)

    @property
    def running(self) -> int:
        """How many pieces of work are going on."""
        return len(self._tasks)

    def try_start(self, work: Coroutine[Any, Any, object]) -> bool:
        """Start the work and return True, or return False at the bound or while draining; the coroutine is then closed."""
        if self._draining or len(self._tasks) >= self._limit:
            work.close()
            WORK_REFUSALS(pool=self._name)
            return False
        task = asyncio.create_task(work)  # noqa: TID251 - the one place
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return True

    async def drain(self, within: float) -> int:
        """Take no more work, wait ``within`` seconds for what goes on, cancel the rest and return how many those were."""
        self._draining = True
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(self._tasks, timeout=within)
        for task in late:
            task.cancel()
        if late:
            log.error("pool.late", pool=self._name, pieces=len(late), waited_seconds=within)
            await asyncio.wait(late, timeout=AFTER_CANCEL)
        return len(late)

    def _ended(self, task: "asyncio.Task[object]") -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            WORK_FAILURES(pool=self._name)
            # The callback runs in the context the task was started from, so the line carries its correlation id.
            log.error("work.failed", pool=self._name, exc_info=error)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
