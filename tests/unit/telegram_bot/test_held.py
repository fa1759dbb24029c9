"""What takes several messages when everybody else waits too: it is sent as one, in its time, and the others wait for it."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod

from contracts.attachments import Location
from contracts.deliveries import Delivery, Target
from contracts.kinds import DeliveryKind, SendOutcome
from telegram_bot.deliver import held
from telegram_bot.deliver.pace import Pace
from telegram_bot.deliver.renaming import Renaming
from telegram_bot.deliver.send import send
from telegram_bot.deliver.turns import Turns
from telegram_bot.words import Words
from unit.telegram_bot.test_compose import changed, message

GROUP = "-1001"
PERSON = "77"
TOPICS = 5


class Chat(BaseSession):
    """Takes everything, and takes down what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._ids = count(1000)

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        del timeout
        self.asked.append(method.__api_method__)
        made = {"message_id": next(self._ids), "date": 1, "chat": {"id": 77, "type": "private"}}
        result = made if method.__api_method__.startswith("send") else True
        return self.check_response(bot, method, 200, json.dumps({"ok": True, "result": result})).result

    async def close(self) -> None:
        """Nothing is open."""

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        raise NotImplementedError
        yield b""


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def bot(chat: Chat) -> Bot:
    return Bot(f"42:{'t' * 35}", session=chat)


@pytest.fixture
def pace() -> Pace:
    return Pace(Turns(None, ""), 30, 1)


@pytest.fixture
def half_a_second(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(held, "HELD_WITHIN", 0.5)
    return 0.5


@asynccontextmanager
async def waiting(pace: Pace, addresses: list[str]) -> AsyncIterator[None]:
    """Lanes that wait for the turn of a delivery each."""
    async with asyncio.TaskGroup() as group:
        lanes = [group.create_task(pace.delivery(address)) for address in addresses]
        await asyncio.sleep(0)
        try:
            yield
        finally:
            for lane in lanes:
                lane.cancel()


def place(address: str) -> Delivery:
    """What takes two messages: the words, and the place."""
    return changed(message("here"), address=address, location=Location(latitude=41.7, longitude=44.8))


async def test_a_place_is_not_broken_off_however_many_chats_wait_for_their_turn(
    bot: Bot, chat: Chat, pace: Pace
) -> None:
    async with waiting(pace, [str(one) for one in range(1000, 1400)]):
        await pace.to(PERSON)
        begun = time.monotonic()
        result = await send(bot, Words(), pace, Renaming(), place(PERSON))
        assert (result.outcome, chat.asked) == (SendOutcome.SENT, ["sendMessage", "sendLocation"])
        assert time.monotonic() - begun < 2, "its second message is owed, not waited for behind four hundred"


async def test_a_place_is_not_broken_off_in_a_group_of_busy_topics(
    bot: Bot, chat: Chat, pace: Pace, half_a_second: float
) -> None:
    for _ in range(5):
        await pace.delivery(GROUP)
    async with waiting(pace, [f"{GROUP}/{topic}" for topic in range(TOPICS)]):
        begun = time.monotonic()
        result = await send(bot, Words(), pace, Renaming(), place(GROUP))
        assert (result.outcome, chat.asked) == (SendOutcome.SENT, ["sendMessage", "sendLocation"])
        assert time.monotonic() - begun < 4 * half_a_second


async def test_long_words_share_the_time_there_is(bot: Bot, chat: Chat, pace: Pace, half_a_second: float) -> None:
    for _ in range(TOPICS):
        await pace.delivery(GROUP)
    long = changed(message("word " * 1600), address=GROUP)
    begun = time.monotonic()
    result = await send(bot, Words(), pace, Renaming(), long)
    assert (result.outcome, chat.asked) == (SendOutcome.SENT, ["sendMessage"] * 3)
    assert time.monotonic() - begun < 4 * half_a_second


async def test_the_turn_over_all_chats_that_was_taken_early_is_owed(bot: Bot) -> None:
    pace = Pace(Turns(None, ""), 3, 1000)  # one at once, and three a second
    await pace.delivery(PERSON)
    assert (await send(bot, Words(), pace, Renaming(), place(PERSON))).outcome is SendOutcome.SENT
    begun = time.monotonic()
    await pace.delivery("78")
    assert time.monotonic() - begun > 0.5, "the next waits for two turns"


async def test_what_is_taken_back_from_a_full_group_is_gone_in_its_time(
    bot: Bot, chat: Chat, pace: Pace, half_a_second: float
) -> None:
    for _ in range(TOPICS):
        await pace.delivery(GROUP)
    targets = [Target(part=part, channel_message_id=str(part)) for part in (1, 2, 3)]
    gone = changed(place(GROUP), kind=DeliveryKind.DELETE, targets=targets)
    begun = time.monotonic()
    assert (await send(bot, Words(), pace, Renaming(), gone)).outcome is SendOutcome.SENT
    assert chat.asked == ["deleteMessage"] * 3
    assert time.monotonic() - begun < 4 * half_a_second
