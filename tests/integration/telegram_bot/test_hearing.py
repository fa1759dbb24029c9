"""What is kept of what a chat heard last, and the one decision about an update that follows from it."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import redis.exceptions
from redis.asyncio import Redis

from local_servers import Addresses
from telegram_bot.intake import hearing
from telegram_bot.intake.step import Step
from telegram_bot.intake.steps import Steps
from telegram_bot.line import Script
from world import until

CHAT = 7
_bots = itertools.count(int.from_bytes(os.urandom(5), "big"))


class Redises:
    """Redis, which the test lets be away."""

    def __init__(self, there: Redis) -> None:
        self.there = there
        self.is_away = False

    def script(self, text: str) -> Script:
        """A script that fails while Redis is away."""
        made = self.there.register_script(text)

        async def call(*, keys: Sequence[str], args: Sequence[Any]) -> Any:
            if self.is_away:
                raise redis.exceptions.ConnectionError
            return await made(keys=keys, args=args)

        return call


@pytest.fixture
async def redises(servers: Addresses) -> AsyncIterator[Redises]:
    async with Redis.from_url(servers.redis_url) as made:
        yield Redises(made)


@pytest.fixture
def bot() -> int:
    return next(_bots)


@pytest.fixture
def steps(redises: Redises, bot: int) -> Steps:
    return Steps(redises.there, bot, scripts=redises.script)


@pytest.fixture
def other(redises: Redises, bot: int) -> Steps:
    """Another process of the same bot."""
    return Steps(redises.there, bot)


async def test_what_is_found_stands_unless_another_was_heard(steps: Steps) -> None:
    assert await steps.decided(1, CHAT, "words", "A") == "A", "nothing was heard yet"
    await steps.hear(CHAT, "A")
    assert await steps.decided(2, CHAT, "words", "A") == "A"
    assert await steps.decided(3, CHAT, "words", "B") == ""
    assert await steps.decided(4, CHAT, "words", "B", "A") == "B"
    assert await steps.decided(5, CHAT, "words", "") == ""
    assert await steps.decided(6, CHAT + 1, "words", "B") == "B", "another chat heard nothing"


async def test_an_update_is_decided_about_once_and_leaves_nothing(redises: Redises, steps: Steps, other: Steps) -> None:
    assert await steps.decided(1, CHAT, "words", "A") == "A"
    await steps.hear(CHAT, "B")
    for again in (steps, other):
        assert await again.decided(1, CHAT, "words", "A") == "A"
        assert await again.decided(1, CHAT, "words", "B") == "A"
        assert await again.decided(1, CHAT, "note", "B") == "B", "that is another question"
    assert await steps.decided(2, CHAT, "words", "A") == ""
    await steps.hear(CHAT, "A")
    assert await other.decided(2, CHAT, "words", "A") == "", "who was asked is asked again"
    for update in (1, 2):
        await steps.commit(update, CHAT, Step(CHAT, None, {}))
        assert not await redises.there.exists(steps._answers(update))


async def test_each_word_heard_leaves_a_mark_of_its_own(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = itertools.count(1_790_000_000_000_000_000, 1_000_000)
    monkeypatch.setattr(hearing.time, "time_ns", lambda: next(moments))
    assert await steps.heard(CHAT) == ""
    marks = set()
    for demand in ("A", "A", "B"):
        await steps.hear(CHAT, demand)
        marks.add(await steps.heard(CHAT))
    assert len(marks) == 3
    assert await steps.heard(CHAT) == await steps.heard(CHAT)


async def test_what_was_heard_while_redis_was_away_is_known_here_at_once_and_everywhere_soon(
    redises: Redises, steps: Steps, other: Steps
) -> None:
    await steps.hear(CHAT, "A")
    redises.is_away = True
    for chat in (CHAT, CHAT + 1):
        with pytest.raises(redis.exceptions.ConnectionError):
            await steps.hear(chat, "B")
    assert (await steps.heard(CHAT)).startswith("B@")
    redises.is_away = False
    assert await steps.decided(1, CHAT, "words", "A") == "", "words written in this moment are asked about"
    assert (await other.heard(CHAT)).startswith("A@")
    async with asyncio.TaskGroup() as group:
        noting = group.create_task(steps.keep_hearing())
        await until(lambda: _hears(other, CHAT, "B"))
        await until(lambda: _hears(other, CHAT + 1, "B"))
        noting.cancel()


async def test_whatever_is_heard_next_carries_what_could_not_be_noted(
    redises: Redises, steps: Steps, other: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "LATE", 2)
    redises.is_away = True
    for chat in range(3):
        with pytest.raises(redis.exceptions.ConnectionError):
            await steps.hear(chat, "A")
    redises.is_away = False
    await steps.hear(1, "B")
    heard = [(await other.heard(chat)).partition("@")[0] for chat in range(3)]
    assert heard == ["", "B", "A"], "of too many the oldest is forgotten, and the newest word counts"


async def _hears(steps: Steps, chat: int, demand: str) -> bool:
    return (await steps.heard(chat)).startswith(f"{demand}@")
