"""Who sends when, in one process: measured on the loop's own clock, with waits short enough for a test."""

import asyncio
import time

from telegram_bot.deliver.pace import CHAT_BURST, WAITING_LANES, Pace
from telegram_bot.deliver.turns import Budget, Turns


async def spent(work: object) -> float:
    begun = time.monotonic()
    await work  # type: ignore[misc]
    return time.monotonic() - begun


async def test_without_a_rate_nobody_waits() -> None:
    pace = Pace(Turns(None, ""), 0, 1)

    async def many() -> None:
        for _ in range(1000):
            await pace.delivery("1")
            await pace.answer("1")

    assert await spent(many()) < 1


async def test_the_rate_over_all_chats_holds_after_its_burst() -> None:
    pace = Pace(Turns(None, ""), 30, 100)
    took = await spent(asyncio.gather(*(pace.delivery(str(chat)) for chat in range(25))))
    assert 0.4 < took < 2  # ten at once, fifteen at thirty a second


async def test_one_chat_waits_and_another_does_not() -> None:
    pace = Pace(Turns(None, ""), 1000, 5)
    for _ in range(CHAT_BURST):
        await pace.delivery("busy")
    assert await spent(pace.delivery("other")) < 0.15
    assert await spent(pace.delivery("busy")) > 0.1


async def test_a_turn_given_back_is_somebody_elses() -> None:
    pace = Pace(Turns(None, ""), 3, 100)
    await pace.delivery(None)
    await pace.give_back(None)
    assert await spent(pace.delivery(None)) < 0.2


async def test_an_answer_does_not_stand_behind_a_thousand_deliveries() -> None:
    pace = Pace(Turns(None, ""), 30, 100)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(pace.delivery(str(chat))) for chat in range(1000)]
        await asyncio.sleep(0)
        assert await spent(pace.answer("somebody")) < 1
        for one in waiting:
            one.cancel()


async def test_a_group_gets_no_more_than_its_minute_holds_and_keeps_no_person_waiting() -> None:
    pace = Pace(Turns(None, ""), 1000, 10)
    async with asyncio.TaskGroup() as group:
        # The topics of a group are the group.
        waiting = [group.create_task(pace.delivery(f"-100/{n}" if n % 2 else "-100")) for n in range(20)]
        assert await spent(pace.delivery("100")) < 0.5
        assert await spent(pace.answer("100")) < 0.5
        assert sum(task.done() for task in waiting) <= 5
        for one in waiting:
            one.cancel()


async def test_groups_that_are_full_keep_nobody_waiting_however_many_there_are() -> None:
    pace = Pace(Turns(None, ""), 1000, 100, per_group=20)
    full = [f"-{number}" for number in range(2 * WAITING_LANES)]
    for group in full:
        for _ in range(5):
            await pace.delivery(group)
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(pace.delivery(group)) for group in full]
        await asyncio.sleep(0)
        assert await spent(pace.delivery("7")) < 1
        assert not any(task.done() for task in waiting)  # four seconds each
        for task in waiting:
            task.cancel()


async def test_the_turns_of_a_minute_are_told_beforehand() -> None:
    turns = Turns(None, "")
    group = Pace(turns, 30, 1)._of("-100")
    waits = [(await turns.take([group]))[1] for _ in range(40)]
    assert waits == sorted(waits)
    assert sum(wait < 60 for wait in waits) <= 20
    assert sum(wait == 0 for wait in waits) == 5


async def test_a_chat_that_was_told_to_wait_waits_and_no_other_does() -> None:
    pace = Pace(Turns(None, ""), 1000, 1000)
    await pace.told_to_wait("1", 0.3)
    assert await spent(pace.delivery("2")) < 0.15
    assert await spent(pace.delivery("1")) > 0.2


async def test_an_album_counts_as_all_its_pictures() -> None:
    turns, chat = Turns(None, ""), Budget("1", 1.0, 4)
    assert (await turns.take([chat], 10))[1] == 0
    assert (await turns.take([chat]))[1] > 6


async def test_an_album_takes_the_turns_of_all_its_messages() -> None:
    pace = Pace(Turns(None, ""), 1000, 5)
    await pace.delivery("album")
    assert await spent(pace.to("album", CHAT_BURST - 1)) < 0.15, "as many as a chat has at once"
    assert await spent(pace.went("album", 2)) < 0.15, "the rest is not waited for by the album itself"
    assert await spent(pace.delivery("other")) < 0.15
    assert 0.5 < await spent(pace.delivery("album")) < 1.5, (
        "but by what comes after it: three turns of a fifth of a second"
    )
