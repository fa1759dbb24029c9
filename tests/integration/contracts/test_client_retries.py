"""What the client asks again, what it never does, and what it says at the end."""

import asyncio
import time
from dataclasses import replace

import nats.errors
import pytest

from contracts import client as client_module
from contracts import wire
from contracts.client import Client
from contracts.demands import NextDemand
from contracts.failures import (
    Busy,
    DeadlineExceeded,
)
from contracts.kinds import Caller, Writes
from contracts.operations.demands import DEMANDS_NEXT
from integration.contracts.scripted_api import LONG, NOTHING, SHORT, TRACE, Api, Setting, Telling
from local_servers import Servers
from world import until


@pytest.fixture
def never_in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No attempt is so short that a busy machine leaves it without an answer, which is told otherwise than Busy."""
    monkeypatch.setattr(client_module, "SHORTEST_ATTEMPT", 0.4)


async def test_busy_is_asked_again_inside_the_deadline_under_the_same_key(setting: Setting):
    api = await setting.answering(Busy(retry_after=0.05), Busy(retry_after=0.0), NOTHING)
    assert await setting.next() == NOTHING
    assert len(api.heard) == 3
    assert len(set(api.headers("Idempotency-Key"))) == 1


@pytest.mark.usefixtures("never_in_a_hurry")
async def test_busy_to_the_end_is_told_and_nothing_is_sent_afterwards(setting: Setting):
    api = await setting.answering(Busy(retry_after=0.1))
    started = time.monotonic()
    with pytest.raises(Busy):
        async with asyncio.timeout(SHORT.within + 5):
            await setting.next()
    assert time.monotonic() - started < SHORT.within
    told = len(api.heard)
    assert told >= 2
    await setting.settled()
    assert len(api.heard) == told


@pytest.mark.usefixtures("never_in_a_hurry")
async def test_an_api_that_always_says_at_once_is_not_flooded(setting: Setting):
    api = await setting.answering(Busy(retry_after=-1.0))
    with pytest.raises(Busy):
        await setting.next()
    assert len(api.heard) <= 61, "a pause of at least 0.01 s after each, while an attempt is worth making"


async def test_an_attempt_without_an_answer_is_made_once_more_under_the_same_key(setting: Setting):
    api = await setting.answering(None, NOTHING)
    started = time.monotonic()
    assert await setting.next() == NOTHING
    assert time.monotonic() - started >= SHORT.within / 2
    first, second = api.headers("Idempotency-Key")
    assert first == second
    deadlines = [int(deadline) for deadline in api.headers("Api-Deadline")]
    assert abs(deadlines[0] - deadlines[1]) < 100, "both attempts end at the same moment"


async def test_no_answer_at_all_is_two_attempts_and_nothing_afterwards(setting: Setting):
    api = await setting.answering(None)
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        async with asyncio.timeout(SHORT.within + 5):
            await setting.next()
    assert SHORT.within - 0.05 < time.monotonic() - started < SHORT.within + 5
    assert len(api.heard) == 2
    await setting.settled()
    assert len(api.heard) == 2


async def test_busy_after_an_attempt_without_an_answer_does_not_say_that_nothing_happened(setting: Setting):
    await setting.answering(None, Busy(retry_after=0.1))
    with pytest.raises(DeadlineExceeded):
        await setting.next()


async def test_a_change_the_api_lost_sight_of_is_asked_for_again_under_the_same_key(setting: Setting):
    api = await setting.answering(DeadlineExceeded(), NOTHING)
    assert await setting.next() == NOTHING
    first, second = api.headers("Idempotency-Key")
    assert first == second
    await api._connection.close()
    await setting.answering(DeadlineExceeded(), Busy(retry_after=0.1))
    with pytest.raises(DeadlineExceeded):
        await setting.next()


async def test_a_question_that_took_too_long_is_not_asked_again(setting: Setting):
    api = await setting.answering(DeadlineExceeded())
    with pytest.raises(DeadlineExceeded):
        await setting.next(replace(SHORT, writes=Writes.NO))
    assert len(api.heard) == 1


async def test_a_late_answer_is_not_taken_for_the_answer_of_the_next_attempt(setting: Setting):
    api = await setting.answering(None)
    async with asyncio.TaskGroup() as group:
        call = group.create_task(setting.next(replace(DEMANDS_NEXT, within=2.0)))
        await until(lambda: len(api.heard) == 2)
        await api.heard[0].respond(b'{"type":"Paused","until":null}')
        await api.heard[1].respond(wire.encode(NOTHING))
    assert call.result() == NOTHING


async def test_an_api_that_comes_late_is_found(setting: Setting):
    async def come(error: Exception) -> None:
        failed.append(type(error))
        if len(failed) == 2:
            opened.append(await setting.answering(NOTHING))

    failed: list[type[Exception]] = []
    opened: list[Api] = []
    client = Client(Telling(setting.bot, come), Caller.TELEGRAM, lambda: TRACE)
    assert await client.call(LONG, NextDemand()) == NOTHING
    assert failed == [nats.errors.NoRespondersError] * 2
    assert len(opened[0].heard) == 1


async def test_no_api_at_all_is_told_when_time_is_up(setting: Setting):
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        async with asyncio.timeout(SHORT.within + 5):
            await setting.next()
    assert time.monotonic() - started <= SHORT.within + 5


async def test_a_call_while_the_broker_is_away_waits_for_it(setting: Setting, broker: Servers):
    async def gone(error: Exception) -> None:
        failed.append(type(error))
        away.set()

    failed: list[type[Exception]] = []
    away = asyncio.Event()
    api = await setting.answering(NOTHING)
    client = Client(Telling(setting.bot, gone), Caller.TELEGRAM, lambda: TRACE)
    await broker.kill("nats")
    await until(lambda: not setting.bot.is_connected)
    async with asyncio.TaskGroup() as group:
        call = group.create_task(client.call(LONG, NextDemand()))
        await away.wait()
        await broker.restart("nats")
    assert call.result() == NOTHING
    assert set(failed) <= {nats.errors.OutboundBufferLimitError, nats.errors.NoRespondersError}
    assert len(api.heard) == 1


@pytest.mark.parametrize("end", ["close", "drain"])
async def test_a_call_on_a_line_that_was_given_up_fails_at_once(setting: Setting, end: str):
    await getattr(setting.bot, end)()
    with pytest.raises(DeadlineExceeded):
        await asyncio.wait_for(setting.next(LONG), 5)
