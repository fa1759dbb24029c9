"""Two processes of the bot on one stream: a chat belongs to one of them at a time, in order, also when that one dies."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from aiogram.types import Message

from integration.telegram_bot.conftest import WayIn, update
from integration.telegram_bot.working import is_empty, working
from telegram_bot.intake import order, steps
from telegram_bot.intake.consume import Worker
from telegram_bot.intake.steps import Steps
from telegram_bot.turn import Turn
from world import until


def another(way_in: WayIn) -> WayIn:
    """A second process, as far as Redis and the stream can tell."""
    return replace(way_in, steps=Steps(way_in.redis, way_in.bot.id))


async def test_every_chat_is_handled_in_order_and_by_one_at_a_time(way_in: WayIn) -> None:
    seen: dict[int, list[int]] = defaultdict(list)
    inside: Counter[int] = Counter()
    together: list[int] = []

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        inside[message.chat.id] += 1
        together.append(inside[message.chat.id])
        # Longer than the other process waits before it takes an update from its second copy.
        await asyncio.sleep(3 * order.ON_ITS_WAY * (message.message_id % 5 == 0))
        seen[message.chat.id].append(message.message_id)
        inside[message.chat.id] -= 1

    # An odd number of chats: the stream offers messages by turns, and so each chat's to both.
    expected = {chat: list(range(chat * 1000, chat * 1000 + 20)) for chat in range(1, 12)}
    updates = [update(numbers[at], chat) for at in range(20) for chat, numbers in expected.items()]
    async with working(way_in) as one, working(another(way_in)) as two:
        await way_in.intake.hand_over(updates)
        await until(lambda: is_empty(way_in), within=30)
        await until(lambda: not one._lanes and not two._lanes)
    assert seen == expected
    assert max(together) == 1
    assert not [key async for key in way_in.redis.scan_iter(way_in.steps._owner("*"))]  # type: ignore[arg-type]


async def test_the_other_takes_over_from_one_that_dies(way_in: WayIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "OWNED_FOR", 300)
    seen: list[tuple[str, int]] = []
    begun, never = asyncio.Event(), asyncio.Event()
    doomed = another(way_in)

    @way_in.dispatcher.message()
    async def note(message: Message, turn: Turn) -> None:
        if turn._steps is doomed.steps:
            begun.set()
            await never.wait()
        seen.append(("survivor", message.message_id))

    dying = Worker(doomed.connection, doomed.intake, doomed.steps, doomed.handling())
    async with asyncio.TaskGroup() as group:
        taking = group.create_task(dying.take())
        await way_in.intake.hand_over([update(number, 7) for number in range(1, 6)])
        await begun.wait()
        # As a power cut: it says no more that it works on the chat, and gives nothing back.
        taking.cancel()
        async with working(way_in):
            await way_in.intake.hand_over([update(6, 7)])
            await until(lambda: len(seen) == 6, within=30)
        never.set()
        await dying._pool.drain(5)
    assert seen[:6] == [("survivor", number) for number in range(1, 7)]


async def test_one_that_only_slept_does_not_undo_what_the_other_did(
    way_in: WayIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "OWNED_FOR", 200)
    begun, woken = asyncio.Event(), asyncio.Event()
    sleeper = another(way_in)

    @way_in.dispatcher.message()
    async def fill(message: Message, turn: Turn) -> None:
        if turn._steps is sleeper.steps and message.message_id == 1:
            begun.set()
            await woken.wait()
        turn.step.data["form"] = [*turn.step.data.get("form", []), message.message_id]

    async with working(sleeper):
        await way_in.intake.hand_over([update(1, 7)])
        await begun.wait()
        async with working(way_in):
            await way_in.intake.hand_over([update(2, 7)])
            await until(lambda: _form(way_in, [1, 2]), within=30)
            woken.set()
            await until(lambda: is_empty(way_in), within=30)
    assert (await way_in.steps.read(7)).data == {"form": [1, 2]}


async def _form(way_in: WayIn, expected: list[int]) -> bool:
    return (await way_in.steps.read(7)).data.get("form") == expected
