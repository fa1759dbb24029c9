"""Who sends when: measured on the loop's own clock, with waits short enough for a test."""

import asyncio
import time

import pytest

from telegram_bot.deliver.pace import CHAT_BURST, GROUP_BURST, GROUP_INTERVAL, Pace


async def spent(work: object) -> float:
    begun = time.monotonic()
    await work  # type: ignore[misc]
    return time.monotonic() - begun


async def test_without_a_rate_nobody_waits() -> None:
    pace = Pace(0, 1)

    async def many() -> None:
        for _ in range(1000):
            await pace.delivery("1")
            await pace.answer("1")

    assert await spent(many()) < 1


async def test_the_rate_over_all_chats_holds_after_its_burst() -> None:
    pace = Pace(30, 100)
    took = await spent(asyncio.gather(*(pace.delivery(str(chat)) for chat in range(25))))
    assert 0.4 < took < 2  # ten at once, fifteen at thirty a second


async def test_one_chat_waits_and_another_does_not() -> None:
    pace = Pace(1000, 5)
    for _ in range(CHAT_BURST):
        await pace.delivery("busy")
    assert await spent(pace.delivery("other")) < 0.15
    assert await spent(pace.delivery("busy")) > 0.1


async def test_a_turn_given_back_is_somebody_elses() -> None:
    pace = Pace(3, 100)
    await pace.delivery(None)
    pace.give_back()
    assert await spent(pace.delivery(None)) < 0.2


async def test_an_answer_does_not_stand_behind_a_thousand_deliveries() -> None:
    pace = Pace(30, 100)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(pace.delivery(str(chat))) for chat in range(1000)]
        await asyncio.sleep(0)
        assert await spent(pace.answer("somebody")) < 1
        for one in waiting:
            one.cancel()


async def test_a_group_gets_less_than_twenty_a_minute_and_holds_up_nobody() -> None:
    assert GROUP_BURST + 60 / GROUP_INTERVAL <= 20
    pace = Pace(1000, 100)
    for turn in range(GROUP_BURST):
        await pace.delivery("-100" if turn % 2 else f"-100/{turn}")  # the topics of a group are the group
    assert await spent(pace.delivery("100")) < 0.5
    assert await spent(pace.delivery("-200")) < 0.5
    for waits in (pace.delivery("-100"), pace.answer("-100/7")):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waits, GROUP_INTERVAL / 4)


async def test_a_groups_turn_that_was_not_used_is_there_again() -> None:
    pace = Pace(1000, 100)
    for _ in range(GROUP_BURST):
        await pace.delivery("-100")
    pace.give_back("-100")
    assert await spent(pace.delivery("-100")) < 0.5
