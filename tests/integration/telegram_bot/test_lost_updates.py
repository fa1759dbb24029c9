"""What the stream has lost comes from its second copy, in its turn."""

import asyncio

import pytest
from aiogram.types import Message

from integration.telegram_bot.conftest import WayIn, update
from integration.telegram_bot.working import is_empty, working
from telegram_bot.intake import order, publish, steps
from world import emptied_streams, until


async def lose_the_stream(way_in: WayIn) -> None:
    """JetStream comes back with nothing in it."""
    await way_in.broker.erase_jetstream()
    await until(lambda: way_in.connection.is_connected)
    await emptied_streams(way_in.broker)


async def test_an_update_the_stream_has_lost_is_offered_again(way_in: WayIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "OVERDUE", 0.0)
    monkeypatch.setattr(publish, "LOOK_AGAIN", 0.05)
    seen: list[int] = []

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        seen.append(message.message_id)

    assert await way_in.intake.hand_over([update(1, 7), update(2, 7)]) == 2
    await lose_the_stream(way_in)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group, working(way_in):
        offering = group.create_task(way_in.intake.keep_offering())
        await way_in.intake.hand_over([update(3, 7)])
        await until(lambda: seen == [1, 2, 3])
        await until(lambda: is_empty(way_in))
        offering.cancel()
    assert await way_in.steps.overdue() == []


async def test_what_the_stream_has_lost_is_not_overtaken_by_what_was_written_later(
    way_in: WayIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "IN_TURN_WITHIN", 0.2)
    seen: list[int] = []

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        seen.append(message.message_id)

    await way_in.intake.hand_over([update(number, 7) for number in range(1, 6)])
    await lose_the_stream(way_in)
    # Nobody offers the lost ones again in time: as when there are thousands of them.
    async with asyncio.timeout(60), working(way_in):
        await way_in.intake.hand_over([update(6, 7)])
        await until(lambda: is_empty(way_in))
        await until(lambda: len(seen) == 6)
    assert seen == [1, 2, 3, 4, 5, 6]
    assert await way_in.steps.overdue() == []


async def test_an_update_that_is_nowhere_any_more_stops_its_chat_for_a_while_only(
    way_in: WayIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "IN_TURN_WITHIN", 0.2)
    seen: list[int] = []

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        seen.append(message.message_id)

    await way_in.steps.expect([(1, 7, b"")])
    await way_in.redis.delete(way_in.steps._copy(1))
    async with asyncio.timeout(60), working(way_in):
        await way_in.intake.hand_over([update(2, 7)])
        await until(lambda: seen == [2])
        await until(lambda: is_empty(way_in))
