"""Somebody who writes faster than can be passed on: told once, slowed down, then refused; nobody else notices."""

import asyncio
import math
import statistics
import sys
import time
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from aiogram.types import Message

from integration.telegram_bot.conftest import WayIn
from integration.telegram_bot.working import is_empty, working
from telegram_bot.intake import steps
from telegram_bot.intake.opening import AT_ONCE
from telegram_bot.intake.steps import Steps
from world import until

PER_SECOND = 10
BOUND = 1.0  # s
ACCEPTED = AT_ONCE + int(PER_SECOND * BOUND)


def written(number: int, chat: int, at: float, **more: Any) -> bytes:
    """A message written at a moment by somebody whose Telegram speaks Ukrainian."""
    person = {"id": chat, "is_bot": False, "first_name": "Somebody", "language_code": "uk"}
    message = {"message_id": number, "date": int(at), "chat": {"id": chat, "type": "private"}, "from": person}
    return msgspec.json.encode({"update_id": number, "message": message | {"text": str(number)} | more})


@pytest.fixture
def limited(way_in: WayIn, monkeypatch: pytest.MonkeyPatch) -> WayIn:
    monkeypatch.setattr(steps, "LONGEST_DELAY", BOUND)
    return replace(way_in, steps=Steps(way_in.redis, way_in.bot.id, PER_SECOND))


async def test_sixty_at_once_are_slowed_down_then_refused_with_one_notice_and_nobody_else_waits(limited: WayIn) -> None:
    handled: dict[int, float] = {}
    flooder = await limited.simulator.person("Taras")
    await flooder.start()

    @limited.dispatcher.message()
    async def note(message: Message) -> None:
        handled[message.message_id] = time.monotonic()

    async def others(first: int) -> list[float]:
        """How long each of forty others waits, who write one after the other."""
        took = []
        for number in range(first, first + 40):
            begun = time.monotonic()
            await limited.intake.hand_over([written(number, number, time.time())])
            await until(lambda number=number: number in handled)
            took.append(handled[number] - begun)
        return sorted(took)

    async with working(limited):
        before = await others(10_000)
        # Telegram says when in whole seconds: of one just beginning, lest it seem to be nearly over.
        now = math.ceil(time.time())
        flood = [written(number, flooder.id, now) for number in range(1, 61)]
        begun = time.monotonic()
        await limited.intake.hand_over(flood)
        meanwhile = await others(20_000)
        await until(lambda: is_empty(limited), within=30)
    told = (await flooder.look()).texts[1:]
    mine = sorted(number for number in handled if number < 100)
    # The first are served at once and the next with a delay; then none, so that it can be said which did not arrive.
    assert mine == list(range(1, ACCEPTED + 1))
    assert [text for text in told if "не дійде" in text] == told
    assert len(told) == 1
    assert handled[ACCEPTED] - begun > BOUND / 2
    quick, slow = _ms(before), _ms(meanwhile)
    sys.stdout.write(f"others wait: p50 {quick[0]} -> {slow[0]} ms, slowest {quick[1]} -> {slow[1]} ms\n")
    assert statistics.median(meanwhile) < BOUND / 2


def _ms(took: list[float]) -> tuple[int, int]:
    return round(1000 * statistics.median(took)), round(1000 * took[-1])


async def test_who_was_refused_is_heard_again_afterwards(limited: WayIn) -> None:
    handled: list[int] = []

    @limited.dispatcher.message()
    async def note(message: Message) -> None:
        handled.append(message.message_id)

    olga = await limited.simulator.person("Olga")
    await olga.start()
    now = time.time()
    async with working(limited):
        await limited.intake.hand_over([written(number, olga.id, now) for number in range(1, 61)])
        await until(lambda: is_empty(limited), within=30)
        assert handled == list(range(1, ACCEPTED + 1))
        # By Telegram's clock, which says when they were written.
        await limited.intake.hand_over([written(61, olga.id, now + BOUND + 1)])
        await until(lambda: 61 in handled, within=30)
    assert len((await olga.look()).texts) == 2


async def test_what_waited_for_the_bot_is_no_haste(limited: WayIn) -> None:
    handled: list[int] = []

    @limited.dispatcher.message()
    async def note(message: Message) -> None:
        handled.append(message.message_id)

    async with working(limited):
        hour = [written(number, 7, time.time() - 3600 + 30 * number) for number in range(1, 101)]
        await limited.intake.hand_over(hour)
        await until(lambda: len(handled) == 100, within=30)
    assert handled == list(range(1, 101))


async def test_a_stop_does_not_wait_for_the_hasty(limited: WayIn) -> None:
    handled: list[int] = []

    @limited.dispatcher.message()
    async def note(message: Message) -> None:
        handled.append(message.message_id)

    limited = replace(limited, steps=Steps(limited.redis, limited.bot.id, 0.1))
    async with asyncio.timeout(20):
        async with working(limited):
            await limited.intake.hand_over([written(number, 7, time.time() + 60) for number in range(1, AT_ONCE + 1)])
            await until(lambda: len(handled) == AT_ONCE)
        assert handled == list(range(1, AT_ONCE + 1))
