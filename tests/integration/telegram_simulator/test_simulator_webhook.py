"""Webhooks: the secret, order in a chat, redelivery, calls in the answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendPhoto
from aiogram.types import BufferedInputFile
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from telegram_simulator import Person, Simulator

Answering = Callable[[dict[str, Any], web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def hook(answer: Answering) -> AsyncIterator[str]:
    """Serve a webhook whose handler is answer(update, request) -> web.Response; gives its URL."""
    app = web.Application()

    async def handle(request: web.Request) -> web.Response:
        return await answer(await request.json(), request)

    app.router.add_post("/hook", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/hook"
    finally:
        await runner.cleanup()


async def test_it_brings_the_secret_and_is_confirmed_by_200(bot: Bot, olga: Person):
    got = asyncio.Queue()

    async def answer(update: dict[str, Any], request: web.Request) -> web.Response:
        await got.put((update["message"]["text"], request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        return web.Response()

    async with hook(answer) as url, asyncio.timeout(10):
        await bot.set_webhook(url, secret_token="S-e_cret", certificate=BufferedInputFile(b"pem", "cert.pem"))
        assert await got.get() == ("/start", "S-e_cret")
        await olga.say("two")
        assert await got.get() == ("two", "S-e_cret")
        assert (await bot.get_webhook_info()).has_custom_certificate
        await bot.delete_webhook()
    assert await bot.get_updates() == []


async def test_a_refused_update_comes_again_and_keeps_its_chat_waiting(bot: Bot, olga: Person, david: Person):
    got = asyncio.Queue()
    failures = 2

    async def answer(update: dict[str, Any], _request: web.Request) -> web.Response:
        nonlocal failures
        message = update["message"]
        await got.put((message["from"]["first_name"], message["text"]))
        if message["text"] == "one":
            failures -= 1
            return web.Response(status=500 if failures >= 0 else 200)
        return web.Response()

    await bot.get_updates(offset=(await bot.get_updates())[-1].update_id + 1)
    async with hook(answer) as url, asyncio.timeout(10):
        await bot.set_webhook(url)
        await olga.say("one")
        await olga.say("two")
        await david.say("other")
        seen = [await got.get() for _ in range(5)]
        assert [text for name, text in seen if name == "Olga"] == ["one", "one", "one", "two"]
        assert ("David", "other") in seen[:3]
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        await bot.delete_webhook()


async def test_no_more_connections_than_asked(bot: Bot, simulator: Simulator):
    people = [await simulator.person(f"P{number}") for number in range(6)]
    arrived: asyncio.Queue[int] = asyncio.Queue()
    gate = asyncio.Semaphore(0)

    async def answer(update: dict[str, Any], _request: web.Request) -> web.Response:
        await arrived.put(update["update_id"])
        await gate.acquire()
        return web.Response()

    async with hook(answer) as url, asyncio.timeout(10):
        await bot.set_webhook(url, max_connections=3)
        for person in people:
            await person.start()
        seen = {await arrived.get() for _ in range(3)}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(arrived.get(), 0.3)
        for _ in people:
            gate.release()
        assert len(seen | {await arrived.get() for _ in range(3)}) == 6
        await bot.delete_webhook()


async def test_a_method_in_the_answer_is_called(bot: Bot, olga: Person):
    async def answer(update: dict[str, Any], _request: web.Request) -> web.Response:
        chat = update["message"]["chat"]["id"]
        return web.json_response({"method": "sendMessage", "chat_id": chat, "text": "straight back"})

    async with hook(answer) as url:
        await bot.set_webhook(url)
        assert (await olga.wait_for("straight")).text == "straight back"
        await bot.delete_webhook()


async def test_aiograms_own_answers_are_understood(bot: Bot, olga: Person):
    photo = SendPhoto(chat_id=olga.id, photo=BufferedInputFile(b"jpeg", "p.jpg"), caption="back")
    handler = SimpleRequestHandler(Dispatcher(), bot)

    async def answer(_update: dict[str, Any], _request: web.Request) -> web.Response:
        return web.Response(body=handler._build_response_writer(bot, photo))

    async with hook(answer) as url:
        await bot.set_webhook(url)
        assert (await olga.wait_for("back", kind="photo")).text == "back"
        await bot.delete_webhook()


@pytest.mark.usefixtures("olga")
async def test_what_was_not_taken_goes_to_polling(bot: Bot):
    asked = asyncio.Event()

    async def answer(_update: dict[str, Any], _request: web.Request) -> web.Response:
        asked.set()
        return web.Response(status=503)

    async with hook(answer) as url, asyncio.timeout(10):
        await bot.set_webhook(url)
        await asked.wait()
        await bot.delete_webhook()
        assert [one.message.text for one in await bot.get_updates()] == ["/start"]


@pytest.mark.parametrize(
    ("settings", "wording"),
    [
        ({"url": "ftp://x"}, "invalid webhook URL specified"),
        ({"url": "http://127.0.0.1:1/", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "http://127.0.0.1:1/", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_settings_telegram_refuses(settings: dict[str, str], wording: str, bot: Bot):
    with pytest.raises(TelegramBadRequest, match=wording):
        await bot.set_webhook(**settings)
