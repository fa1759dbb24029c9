"""A call that the broker refuses or its caller cancels, and both at once."""

import asyncio
import time
from dataclasses import replace

import pytest

from contracts.client import Client
from contracts.demands import NextDemand
from contracts.failures import (
    Forbidden,
)
from contracts.kinds import Caller
from contracts.operations.demands import DEMANDS_NEXT
from integration.contracts.scripted_api import LONG, NOTHING, TRACE, Setting, caught


async def test_a_call_the_broker_refuses_fails_at_once_and_others_go_on(setting: Setting):
    api = await setting.answering(None, NOTHING)
    pretender = Client(setting.bot, Caller.WEB, lambda: TRACE)
    setting.bot.on_denied(lambda denied: pretender.permission_denied(denied.subject))
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        honest = group.create_task(setting.next(replace(DEMANDS_NEXT, within=2.0)))
        await api.hearing.wait()
        refused = [group.create_task(caught(pretender.call(LONG, NextDemand()))) for _ in range(20)]
    assert [type(task.result()) for task in refused] == [Forbidden] * 20
    assert honest.result() == NOTHING
    assert time.monotonic() - started < 10
    assert all(task.cancelling() == 0 for task in refused)


async def test_a_row_that_does_not_name_the_caller_is_refused_by_the_broker(setting: Setting):
    operation = replace(LONG, name="memberships.assign")
    with pytest.raises(Forbidden):
        await asyncio.wait_for(setting.next(operation), 5)


async def test_whoever_cancels_a_call_gets_it_cancelled(setting: Setting):
    api = await setting.answering(None)
    async with asyncio.TaskGroup() as group:
        call = group.create_task(setting.next(LONG))
        await api.hearing.wait()
        call.cancel()
    assert call.cancelled()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await setting.next(LONG)
    await setting.settled()
    assert len(api.heard) == 2


async def test_a_cancellation_that_meets_a_refusal_is_not_swallowed(setting: Setting):
    api = await setting.answering(None)
    async with asyncio.TaskGroup() as group:
        call = group.create_task(setting.next(LONG))
        await api.hearing.wait()
        setting.client.permission_denied("api.v1.telegram.demands.next")
        call.cancel()
    assert call.cancelled()


async def test_a_refusal_told_twice_is_one_refusal(setting: Setting):
    api = await setting.answering(None)
    async with asyncio.TaskGroup() as group:
        call = group.create_task(caught(setting.next(LONG)))
        await api.hearing.wait()
        for _ in range(3):
            setting.client.permission_denied("API.v1.telegram.demands.next")
    assert isinstance(call.result(), Forbidden)
    assert call.cancelling() == 0


async def test_a_refusal_while_cleaning_up_after_a_cancellation_is_a_refusal(setting: Setting):
    async def work() -> BaseException | None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await caught(setting.next(replace(LONG, name="memberships.assign")))

    async with asyncio.TaskGroup() as group:
        task = group.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
    assert isinstance(task.result(), Forbidden)
