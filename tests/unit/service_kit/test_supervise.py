import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from structlog.testing import capture_logs

from service_kit.correlation import correlated, correlation_id
from service_kit.health import Unhealthy
from service_kit.process import Stop
from service_kit.supervise import Backoff, Supervisor, TaskPool

QUICK = Backoff(first=0.001, longest=0.002)


@pytest.fixture
async def stop() -> Stop:
    return Stop()


@pytest.fixture
async def supervisor(stop: Stop) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(stop)
    yield supervisor
    assert await supervisor.stop(5) == ()


def scripted(*endings: BaseException | None) -> tuple[Callable[[], Coroutine[Any, Any, None]], asyncio.Event]:
    """Return work that ends as told, one ending a start, and then runs for ever; and the event that it runs."""
    left = list(endings)
    running = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        if left:
            ending = left.pop(0)
            if ending is not None:
                raise ending
            return
        running.set()
        await asyncio.Event().wait()

    return work, running


async def test_work_that_ends_in_whatever_way_is_started_again(stop: Stop, supervisor: Supervisor):
    work, running = scripted(
        ValueError("x"), None, asyncio.CancelledError(), TimeoutError(), ExceptionGroup("g", [KeyError("y")])
    )
    with capture_logs() as lines:
        supervisor.start("publisher", work, backoff=QUICK)
        await asyncio.wait_for(running.wait(), 5)
    assert [line["log_level"] for line in lines] == ["error"] * 5
    assert [type(line["exc_info"]).__name__ for line in lines] == [
        "ValueError",
        "NoneType",
        "CancelledError",
        "TimeoutError",
        "ExceptionGroup",
    ]
    assert [line["failures"] for line in lines] == [1, 2, 3, 4, 5]
    assert not stop.requested
    await supervisor.check()


async def test_health_names_what_is_down_until_it_runs_again(supervisor: Supervisor):
    ended, up_again = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        if ended.is_set():
            up_again.set()
            await asyncio.Event().wait()
        ended.set()
        raise ValueError

    supervisor.start("publisher", work, backoff=Backoff(first=1.0, longest=1.0))
    await asyncio.wait_for(ended.wait(), 5)
    with pytest.raises(Unhealthy, match=r"^down: publisher$"):
        await supervisor.check()
    await asyncio.wait_for(up_again.wait(), 5)
    await supervisor.check()


async def test_on_failure_returning_is_the_end(stop: Stop, supervisor: Supervisor):
    starts = 0
    done = asyncio.Event()

    async def work() -> None:
        nonlocal starts
        starts += 1
        if starts == 1:
            raise ValueError
        done.set()

    supervisor.start("warm-up", work, restart="on_failure", backoff=QUICK)
    await asyncio.wait_for(done.wait(), 5)
    await asyncio.sleep(0.01)
    assert starts == 2
    assert not stop.requested
    await supervisor.check()


@pytest.mark.parametrize("ending", [None, ValueError("x")])
async def test_the_end_of_critical_work_ends_the_process(stop: Stop, supervisor: Supervisor, ending: Exception | None):
    work, _ = scripted(ending)
    supervisor.start("relay", work, restart="never")
    await asyncio.wait_for(stop.wait(), 5)
    assert stop.failure == "the task relay ended"


async def test_stopping_is_not_an_end_and_waits_for_the_cleaning_up(stop: Stop):
    supervisor = Supervisor(stop)
    cleaned: list[str] = []
    running = asyncio.Event()

    async def work() -> None:
        try:
            running.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append("yes")

    supervisor.start("relay", work, restart="never")
    await asyncio.wait_for(running.wait(), 5)
    with capture_logs() as lines:
        assert await supervisor.stop(5) == ()
    assert cleaned == ["yes"]
    assert lines == []
    assert not stop.requested
    with pytest.raises(ValueError, match="stopping"):
        supervisor.start("late", work)


async def test_work_that_lost_its_cancelling_is_cancelled_again(stop: Stop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("service_kit.supervise.AFTER_CANCEL", 0.01)
    supervisor = Supervisor(stop)
    lost: list[int] = []

    async def deaf() -> None:
        for number in range(3):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost.append(number)
        await asyncio.Event().wait()

    supervisor.start("deaf", deaf)
    await asyncio.sleep(0)
    assert await supervisor.stop(5) == ()
    assert lost == [0, 1, 2]


async def test_a_straggler_is_named(stop: Stop):
    supervisor = Supervisor(stop)
    release, running = asyncio.Event(), asyncio.Event()

    async def stubborn() -> None:
        running.set()
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    supervisor.start("stubborn", stubborn)
    await asyncio.wait_for(running.wait(), 5)
    assert await supervisor.stop(0.01) == ("stubborn",)
    release.set()
    await asyncio.sleep(0.01)


async def test_a_name_runs_once_at_a_time(supervisor: Supervisor):
    work, running = scripted()
    supervisor.start("relay", work)
    await asyncio.wait_for(running.wait(), 5)
    with pytest.raises(ValueError, match="relay"):
        supervisor.start("relay", work)


def test_waits_double_up_to_a_bound_and_are_spread():
    backoff = Backoff(first=1, longest=10)
    for failures, bound in [(1, 1), (2, 2), (3, 4), (5, 10), (5000, 10)]:
        waits = [backoff.wait(failures) for _ in range(200)]
        assert bound / 2 <= min(waits) < max(waits) <= bound
        assert max(waits) - min(waits) > bound / 8


async def test_a_pool_takes_its_limit_and_refuses_the_rest_without_a_warning():
    pool = TaskPool(2, name="calls")
    release = asyncio.Event()
    done: list[int] = []

    async def work(number: int) -> None:
        await release.wait()
        done.append(number)

    assert [pool.try_start(work(number)) for number in range(3)] == [True, True, False]
    assert pool.running == 2
    release.set()
    assert await pool.drain(5) == 0
    assert (sorted(done), pool.running) == ([0, 1], 0)
    assert not pool.try_start(work(9))


async def test_room_is_free_again_after_success_and_failure():
    pool = TaskPool(1, name="calls")

    async def work(error: Exception | None) -> None:
        await asyncio.sleep(0)
        if error:
            raise error

    for error in (None, ValueError("x"), None):
        assert pool.try_start(work(error))
        while pool.running:  # noqa: ASYNC110 - that there is room again is what is looked for
            await asyncio.sleep(0)
    assert await pool.drain(1) == 0


async def test_a_failure_in_a_pool_is_logged_with_its_error_and_correlation_id():
    pool = TaskPool(1, name="calls")
    seen: list[str | None] = []

    async def work() -> None:
        raise ValueError("x")

    with capture_logs([lambda *line: seen.append(correlation_id()) or line[2]]) as lines:  # type: ignore[func-returns-value]
        with correlated(None) as trace:
            assert pool.try_start(work())
        await pool.drain(5)
    (line,) = lines
    assert (line["event"], line["pool"], type(line["exc_info"])) == ("work.failed", "calls", ValueError)
    assert seen == [trace.trace_id]


async def test_draining_cancels_what_takes_too_long_and_says_how_much():
    pool = TaskPool(3, name="calls")
    cancelled: list[int] = []

    async def forever(number: int) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(number)
            raise

    for number in range(3):
        assert pool.try_start(forever(number))
    await asyncio.sleep(0)
    assert await pool.drain(0.01) == 3
    assert (sorted(cancelled), pool.running) == ([0, 1, 2], 0)


def test_a_pool_without_room_is_refused():
    with pytest.raises(ValueError, match="room"):
        TaskPool(0, name="none")
