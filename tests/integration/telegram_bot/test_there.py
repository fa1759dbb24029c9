"""What the bot waits for at its start."""

import asyncio

import pytest

from telegram_bot import there
from telegram_bot.store import MeasuredRedis
from telegram_bot.there import NotThere, answering


async def test_a_redis_that_says_nothing_is_not_there_before_its_own_time_outs(monkeypatch: pytest.MonkeyPatch) -> None:
    left = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        left.set()

    monkeypatch.setattr(there, "REDIS_WITHIN", 0.05)
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server, asyncio.timeout(5):
        port = server.sockets[0].getsockname()[1]
        async with MeasuredRedis.from_url(f"redis://127.0.0.1:{port}/0", socket_timeout=60) as redis:
            with pytest.raises(NotThere, match="does not answer: TimeoutError"):
                await answering(redis)
        await left.wait()
