"""Many calls of one moment as one."""

import asyncio
from collections.abc import Sequence

import pytest

from contracts.failures import Busy
from telegram_bot.deliver.coalesce import MOST, Coalescer


async def test_calls_of_one_moment_share_a_list_and_get_their_own_answers() -> None:
    asked: list[int] = []

    async def double(items: Sequence[int]) -> list[int]:
        asked.append(len(items))
        return [item * 2 for item in items]

    together = Coalescer(double, name="test")
    answers = await asyncio.gather(*(together.one(number) for number in range(70)))
    assert answers == [number * 2 for number in range(70)]
    assert sum(asked) == 70
    assert max(asked) == MOST
    assert len(asked) == 3
    assert await together.one(100) == 200


async def test_a_refusal_reaches_everybody_who_waited() -> None:
    async def refuse(_: Sequence[int]) -> list[int]:
        raise Busy(retry_after=1.0)

    together = Coalescer(refuse, name="test")
    outcomes = await asyncio.gather(*(together.one(number) for number in range(3)), return_exceptions=True)
    assert outcomes == [Busy(retry_after=1.0)] * 3
    with pytest.raises(Busy):
        await together.one(4)
