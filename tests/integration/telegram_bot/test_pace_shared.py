"""The pace of several processes: one budget for all of them, kept by Redis' own clock; alone while Redis is away."""

import asyncio
import time

import pytest
from redis.asyncio import Redis

from integration.telegram_bot.conftest import WayIn
from local_servers import Addresses
from telegram_bot.deliver.pace import Pace
from telegram_bot.deliver.turns import Budget, Turns


@pytest.fixture
def prefix(way_in: WayIn) -> str:
    return f"telegram:{way_in.bot.id}:pace"


async def test_two_processes_together_keep_to_the_rate_over_all(way_in: WayIn, prefix: str) -> None:
    paces = [Pace(Turns(way_in.redis, prefix), 30, 100) for _ in range(2)]
    begun = time.monotonic()
    await asyncio.gather(*(pace.delivery(str(chat)) for pace in paces for chat in range(20)))
    assert time.monotonic() - begun > 0.9  # ten at once, thirty at thirty a second


async def test_two_processes_together_keep_a_groups_minute(way_in: WayIn, prefix: str) -> None:
    one, two = Turns(way_in.redis, prefix), Turns(way_in.redis, prefix)
    group = Pace(one, 30, 1)._of("-100")
    waits = [(await turns.take([group]))[1] for _ in range(20) for turns in (one, two)]
    at_once = sum(wait == 0 for wait in waits)
    assert at_once in range(5, 8), "five, and one more for each four seconds this took"
    assert sum(wait < 60 for wait in waits) <= 15 + at_once


async def test_what_one_is_told_the_other_keeps_to(way_in: WayIn, prefix: str) -> None:
    one, two = (Pace(Turns(way_in.redis, prefix), 1000, 1000) for _ in range(2))
    begun = time.monotonic()
    await one.told_to_wait("1", 0.4)
    await two.answer("1")
    assert time.monotonic() - begun > 0.2


async def test_a_turn_over_all_is_not_spent_by_who_waits_for_a_chat(way_in: WayIn, prefix: str) -> None:
    turns, chat, over_all = Turns(way_in.redis, prefix), Budget("1", 10.0, 1), Budget("all", 10.0, 2)
    assert await turns.take([chat, over_all]) == (2, 0.0)
    spent, wait = await turns.take([chat, over_all])
    assert (spent, wait > 5) == (1, True)
    assert await turns.take([over_all]) == (1, 0.0)
    await turns.give_back([over_all])
    assert await turns.take([over_all]) == (1, 0.0)
    assert (await turns.take([over_all]))[1] > 5


async def test_without_redis_it_keeps_to_the_rates_alone(servers: Addresses) -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0") as nowhere:
        turns, chat = Turns(nowhere, "nobody"), Budget("1", 10.0, 2)
        assert [(await turns.take([chat]))[1] > 0 for _ in range(3)] == [False, False, True]
        await turns.hold(Budget("2", 1.0, 4), 30)
        assert 20 < (await turns.take([Budget("2", 1.0, 4)]))[1] <= 30
