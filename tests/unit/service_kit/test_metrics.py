import asyncio
import contextlib

import pytest

from service_kit import metrics
from service_kit.metrics import Outcome, counter, exposition, gauge, timed


def count(operation: str, outcome: str) -> float:
    found = metrics.CALL_SECONDS.labels("redis", operation, outcome)
    return sum(bucket.get() for bucket in found._buckets)


async def test_the_outcome_follows_how_the_block_ends():
    endings: list[tuple[BaseException | None, str]] = [
        (None, "ok"),
        (ValueError(), "failed"),
        (TimeoutError(), "timed_out"),
        (asyncio.CancelledError(), "cancelled"),
    ]
    for error, outcome in endings:
        before = count("endings", outcome)
        with contextlib.suppress(BaseException), timed("redis", "endings"):
            if error is not None:
                raise error
        assert count("endings", outcome) == before + 1


def test_a_block_may_name_its_outcome():
    with timed("redis", "named") as call:
        outcome: Outcome = "refused"
        call.outcome = outcome
    assert (count("named", "refused"), count("named", "ok")) == (1, 0)


async def test_a_decorated_function_stays_what_it_was():
    @timed("redis", "plain")
    def plain(number: int) -> int:
        return number + 1

    @timed("redis", "coroutine")
    async def coroutine(number: int) -> int:
        await asyncio.sleep(0)
        return number + 1

    assert (plain(1), await coroutine(1)) == (2, 2)
    assert asyncio.iscoroutinefunction(coroutine)
    assert (plain.__name__, coroutine.__name__) == ("plain", "coroutine")
    results = await asyncio.gather(*(coroutine(number) for number in range(10)))
    assert results == list(range(1, 11))
    assert (count("plain", "ok"), count("coroutine", "ok")) == (1, 11)


async def test_a_coroutine_is_measured_to_its_end():
    release = asyncio.Event()

    @timed("redis", "waits")
    async def waits() -> None:
        await release.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(waits())
        await asyncio.sleep(0)
        assert count("waits", "ok") == 0
        release.set()
    assert count("waits", "ok") == 1


def test_names_made_of_input_cannot_fill_the_memory():
    before = len(metrics._operations)
    try:
        for number in range(metrics.MOST_OPERATIONS + 50):
            with timed("redis", f"made-up-{number}"):
                pass
        assert len(metrics._operations) == metrics.MOST_OPERATIONS
        assert count("other", "ok") >= 50
    finally:
        made_up = {key for key in metrics._operations if key[1].startswith("made-up-")}
        metrics._operations -= made_up
        for key in [key for key in metrics._observers if key[:2] in made_up]:
            del metrics._observers[key]
        for _, operation in made_up:
            metrics.CALL_SECONDS.remove("redis", operation, "ok")
    assert len(metrics._operations) == before


def test_a_counter_is_one_thing_wherever_it_is_asked_for():
    first = counter("test_resent", "Sent again", "reason")
    assert counter("test_resent", "Sent again", "reason") is first
    first(reason="429")
    first(2, reason="429")
    assert b'mutual_aid_test_resent_total{reason="429"} 3.0' in exposition()
    with pytest.raises(ValueError, match="already something else"):
        counter("test_resent", "Sent again")
    with pytest.raises(ValueError, match="label"):
        first(cause="429")
    with pytest.raises(ValueError, match="label"):
        first()


def test_a_gauge_is_read_when_it_is_scraped():
    values = iter([3.0, 4.0])
    gauge("test_waiting", "Waiting", lambda: next(values))
    assert b"mutual_aid_test_waiting 3.0" in exposition()
    assert b"mutual_aid_test_waiting 4.0" in exposition()
    gauge("test_waiting", "Waiting", lambda: 9.0)
    assert b"mutual_aid_test_waiting 9.0" in exposition()


def test_every_name_is_the_products():
    kit = [metrics.CALL_SECONDS._name, *(f"mutual_aid_{name}" for name in metrics._counts)]
    assert all(name.startswith("mutual_aid_") for name in kit)
    with metrics.timed("postgres", "named"):
        pass
    assert b"mutual_aid_call_seconds_bucket" in exposition()
