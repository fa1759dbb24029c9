"""Posts of Telegram: only its own, and 200 only for what is kept."""

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from aiogram.types import Message
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from integration.telegram_bot.conftest import WayIn, update
from integration.telegram_bot.working import is_empty, working
from telegram_bot.intake.webhook import LARGEST_BODY, SECRET_HEADER, application
from world import until

SECRET = "s3cret-_"
Posting = TestClient[Request, Application]


@pytest.fixture
async def posting(way_in: WayIn) -> AsyncIterator[Posting]:
    async with TestClient(TestServer(application(way_in.intake, "/telegram", SECRET))) as client:
        yield client


async def post(posting: Posting, body: bytes, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with posting.post("/telegram", data=io.BytesIO(body), headers=headers) as answer:
        return answer.status


async def test_what_telegram_posts_is_kept(way_in: WayIn, posting: Posting) -> None:
    assert await post(posting, update(1, 7)) == 200
    assert await post(posting, update(1, 7)) == 200
    assert await way_in.stored("INTAKE") == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", "s3cret-_x", "ключ-é"])
async def test_nobody_else_is_heard(way_in: WayIn, posting: Posting, secret: str | None) -> None:
    assert await post(posting, update(1, 7), secret) == 401
    assert await way_in.stored("INTAKE") == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"<xml/>"])
async def test_what_is_no_json_is_refused(posting: Posting, body: bytes) -> None:
    assert await post(posting, body) == 400


async def test_json_that_is_no_update_is_put_aside_and_not_sent_for_ever(way_in: WayIn, posting: Posting) -> None:
    assert await post(posting, b'{"hello": 1}') == 200
    assert await way_in.stored("PARKED") == 1


async def test_too_large_a_post_is_refused(posting: Posting) -> None:
    assert await post(posting, b" " * (LARGEST_BODY + 1)) == 413


async def test_a_handler_that_hangs_delays_no_answer_to_telegram(way_in: WayIn, posting: Posting) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    @way_in.dispatcher.message()
    async def hang(message: Message) -> None:
        del message
        begun.set()
        await never.wait()

    async with working(way_in):
        async with asyncio.timeout(30):
            assert await post(posting, update(1, 7)) == 200
            await begun.wait()
            for number in range(2, 20):
                assert await post(posting, update(number, 7 + number % 2)) == 200
        assert await way_in.stored("INTAKE") == 19
        never.set()
        await until(lambda: is_empty(way_in))


async def test_telegram_keeps_what_we_cannot(way_in: WayIn, posting: Posting) -> None:
    await way_in.broker.kill("nats")
    try:
        assert await post(posting, update(1, 7)) == 503
    finally:
        await way_in.broker.restart("nats")
    await until(lambda: way_in.connection.is_connected)
    assert await post(posting, update(1, 7)) == 200
    assert await way_in.stored("INTAKE") == 1
