"""What is kept of a chat in Redis: whose turn it is, where it stands, what was handled, and nothing that outlives its use."""

import itertools
import os
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from local_servers import Addresses
from telegram_bot.intake.opening import Opened
from telegram_bot.intake.step import Step
from telegram_bot.intake.steps import GROUP_KEPT, HANDLED_KEPT, STEP_KEPT, WAITING_KEPT, Handled, Later, Steps

CHAT = 7
_bots = itertools.count(int.from_bytes(os.urandom(5), "big"))


@pytest.fixture
async def redis(servers: Addresses) -> AsyncIterator[Redis]:
    async with Redis.from_url(servers.redis_url, decode_responses=False) as made:
        yield made


@pytest.fixture
def steps(redis: Redis) -> Steps:
    return Steps(redis, next(_bots))


async def expected(steps: Steps, *updates: int) -> None:
    assert await steps.expect([(number, CHAT, b"{}") for number in updates]) == set(updates)


async def begun(steps: Steps, update: int, chat: int, retried_as: str = "") -> Step:
    """The step of an update whose turn it is."""
    opened = await steps.opened(update, chat, retried_as)
    assert isinstance(opened, Opened)
    return opened.step


async def kept(redis: Redis, steps: Steps) -> set[str]:
    """Every key of this bot, by its name alone."""
    return {key.decode().removeprefix(f"{steps._prefix}:") async for key in redis.scan_iter(f"{steps._prefix}:*")}


async def test_an_update_waits_for_the_one_before_it_and_sees_the_step_that_one_left(steps: Steps) -> None:
    await expected(steps, 1, 2, 3)
    for later in (2, 3):
        assert await steps.opened(later, CHAT) == Later(1)
    first = await begun(steps, 1, CHAT)
    first.state, first.data = "new:title", {"scenario": "x"}
    await steps.commit(1, CHAT, first)
    assert await steps.opened(3, CHAT) == Later(2)
    second = await begun(steps, 2, CHAT)
    assert (second.state, second.data) == ("new:title", {"scenario": "x"})
    assert await begun(steps, 4, CHAT + 1), "another chat waits for nobody here"


async def test_the_step_and_that_it_was_handled_are_written_as_one(redis: Redis, steps: Steps) -> None:
    await expected(steps, 1)
    step = await begun(steps, 1, CHAT)
    step.state = "new:title"
    assert await kept(redis, steps) == {f"waiting:{CHAT}", f"owner:{CHAT}", "copy:1", "copies"}, (
        "nothing before the end"
    )
    await steps.commit(1, CHAT, step)
    assert await steps.opened(1, CHAT) == Handled()
    assert (await steps.read(CHAT)).state == "new:title"
    assert HANDLED_KEPT - 60 < await redis.ttl(steps._handled(1)) <= HANDLED_KEPT
    assert STEP_KEPT - 60 < await redis.ttl(steps._step(CHAT)) <= STEP_KEPT
    await steps.commit(9, -CHAT, Step(-CHAT, None, {"locale": "uk"}))
    assert await redis.ttl(steps._step(-CHAT)) > GROUP_KEPT - 60, "a group may be silent for long"
    await steps.commit(10, -CHAT, Step(-CHAT, None, {}))
    # A form that is left leaves nothing; an update without a step changes none.
    await steps.commit(2, CHAT, None)
    assert (await steps.read(CHAT)).state == "new:title"
    await steps.commit(3, CHAT, Step(CHAT, None, {}))
    assert await kept(redis, steps) - {f"owner:{CHAT}"} == {f"handled:{number}" for number in (1, 2, 3, 9, 10)}


async def test_of_what_was_handled_its_mark_is_all_that_stays(redis: Redis, steps: Steps) -> None:
    await expected(steps, 1, 2)
    assert await steps.answers(1, "answer")
    assert await steps.once(1, "until", "noon") == "noon"
    await steps.commit(1, CHAT, Step(CHAT, None, {}))
    assert await kept(redis, steps) == {"handled:1", f"waiting:{CHAT}", "copy:2", "copies"}
    assert await redis.zrange(steps._waiting(CHAT), 0, -1) == await redis.zrange(steps._copies, 0, -1) == [b"2"]
    await steps.commit(2, CHAT, None)
    assert await kept(redis, steps) == {"handled:1", "handled:2"}


async def test_a_value_of_an_update_is_the_one_it_was_first_until_the_update_is_handled(redis: Redis) -> None:
    bot = next(_bots)
    steps, another = Steps(redis, bot), Steps(redis, bot)
    assert await steps.once(1, "until", '"12:00"') == '"12:00"'
    assert await another.once(1, "until", '"12:05"') == '"12:00"', "whichever process handles it again"
    assert await another.once(1, "until-2", "null") == "null", "something else"
    assert await another.once(2, "until", '"12:05"') == '"12:05"', "another update"
    assert 0 < await redis.ttl(steps._answers(1)) <= WAITING_KEPT
    await steps.commit(1, CHAT, Step(CHAT, None, {}))
    assert await steps.once(1, "until", '"12:05"') == '"12:05"'


async def test_what_was_put_aside_is_tried_again_with_the_values_it_had(steps: Steps) -> None:
    assert await steps.once(1, "until", '"12:00"') == '"12:00"'
    await steps.commit(1, CHAT, None)
    assert await begun(steps, 1, CHAT, "again")
    assert await steps.once(1, "until", '"12:05"') == '"12:00"'


async def test_what_telegram_repeats_while_it_is_handled_holds_up_nobody(redis: Redis, steps: Steps) -> None:
    await steps.commit(1, CHAT, None)
    # Noted as waiting by who looked just before it was handled; it will not come again.
    await redis.zadd(steps._waiting(CHAT), {"1": 1})
    assert await begun(steps, 2, CHAT)
    assert await redis.zcard(steps._waiting(CHAT)) == 0
    assert await steps.expect([(1, CHAT, b"{}"), (3, CHAT, b"{}")]) == {3}


async def test_what_an_operator_puts_back_is_handled_once_for_each_time(steps: Steps) -> None:
    await expected(steps, 1)
    await steps.commit(1, CHAT, None)
    for again in ("first", "second"):
        assert await begun(steps, 1, CHAT, again)
        await steps.commit(1, CHAT, None, again)
        assert await steps.opened(1, CHAT, again) == Handled()
        assert await steps.opened(1, CHAT) == Handled()
