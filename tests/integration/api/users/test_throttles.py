"""Throttles: exact under a crowd, forgiving with time, and never open because something is away."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from api import redis_scripts
from api.redis_scripts import RedisScripts, open_redis
from api.throttles import Rate, Throttles, _bucket
from contracts.failures import Busy, TooManyRequests
from local_servers import Addresses

RATE = Rate(tries=10, seconds=600)


@pytest.fixture
async def redis(servers: Addresses, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    monkeypatch.setattr(redis_scripts, "WITHIN", 10.0)  # a crowd on a busy machine
    made = open_redis(servers.redis_url)
    yield made
    await made.aclose()


async def tried(throttles: Throttles, whom: str, times: int) -> list[float]:
    """How long those who were refused have to wait."""
    answers = await asyncio.gather(*(throttles.take("test", whom, RATE) for _ in range(times)), return_exceptions=True)
    refused = [each for each in answers if each is not None]
    assert all(isinstance(each, TooManyRequests) for each in refused)
    return [each.retry_after for each in refused if isinstance(each, TooManyRequests)]


async def test_a_crowd_gets_exactly_as_many_tries_as_there_are(redis: Redis) -> None:
    throttles, whom = Throttles(RedisScripts(redis).run), uuid4().hex
    waits = await tried(throttles, whom, 200)
    assert len(waits) == 190
    assert all(40 < wait <= 60 for wait in waits), "one more comes back each minute"
    assert await tried(throttles, uuid4().hex, 10) == [], "others are not counted with them"


async def test_tries_come_back_with_time_and_refused_ones_cost_nothing(redis: Redis) -> None:
    throttles, whom = Throttles(RedisScripts(redis).run), uuid4().hex
    assert len(await tried(throttles, whom, 60)) == 50
    key = _bucket("test", whom)
    assert 0 < await redis.pttl(key) <= 600_000
    for minutes, more in ((3, 3), (600, 10)):
        # As if so much time had passed.
        await redis.set(key, str(int(float(await redis.get(key) or 0)) - minutes * 60_000), keepttl=True)
        assert len(await tried(throttles, whom, 30)) == 30 - more
    await throttles.forget("test", whom)
    assert len(await tried(throttles, whom, 11)) == 1


async def test_whom_it_counts_cannot_be_read_from_it(redis: Redis) -> None:
    throttles, whom = Throttles(RedisScripts(redis).run), f"olga-{uuid4().hex}"
    await throttles.take("test", whom, RATE)
    assert not [key for key in await redis.keys("api:tries:*") if whom in key]


async def test_a_store_that_is_away_lets_nobody_try() -> None:
    nowhere = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    try:
        with pytest.raises(Busy):
            await Throttles(RedisScripts(nowhere).run).take("test", "olga", RATE)
    finally:
        await nowhere.aclose()


async def test_a_store_that_never_answers_is_away_too() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        hung = Redis(host="127.0.0.1", port=port, socket_timeout=30)
        began = asyncio.get_running_loop().time()
        with pytest.raises(Busy):
            await Throttles(RedisScripts(hung).run).take("test", "olga", RATE)
        assert asyncio.get_running_loop().time() - began < 10
        await hung.aclose()
