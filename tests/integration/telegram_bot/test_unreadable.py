"""A Telegram that gives what nobody can read: it is asked on, and not as fast as it answers."""

import asyncio
import time

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from integration.telegram_bot.conftest import WayIn, update
from telegram_bot.intake.polling import poll


class Telegram:
    """Gives one answer after the other to whoever asks for updates, the last of them again and again."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.offsets: list[int | None] = []
        self.asked = asyncio.Condition()

    async def answer(self, request: web.Request) -> web.Response:
        if request.match_info["method"] == "getWebhookInfo":
            result = b'{"url": "", "has_custom_certificate": false, "pending_update_count": 0}'
            return web.Response(body=b'{"ok": true, "result": %b}' % result)
        given = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        async with self.asked:
            self.offsets.append((await request.json()).get("offset"))
            self.asked.notify_all()
        return web.Response(body=b'{"ok": true, "result": [%b]}' % given)


async def polled(way_in: WayIn, telegram: Telegram, times: int) -> float:
    """Poll until Telegram was asked so many times; the seconds that took."""
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", telegram.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    session = AiohttpSession(api=TelegramAPIServer.from_base(f"http://127.0.0.1:{port}"))
    begun = time.monotonic()
    try:
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            polling = group.create_task(poll(Bot(way_in.bot.token, session=session), way_in.intake))
            async with telegram.asked:
                await telegram.asked.wait_for(lambda: len(telegram.offsets) >= times)
            polling.cancel()
        return time.monotonic() - begun
    finally:
        await session.close()
        await runner.cleanup()


async def test_what_nobody_can_read_at_the_end_of_a_batch_is_not_asked_for_again(way_in: WayIn) -> None:
    unreadable = b'{"update_id": 6, "message": {"date": "x"}}'
    telegram = Telegram(update(5, 7) + b"," + unreadable, unreadable, update(7, 7))
    await polled(way_in, telegram, 3)
    assert telegram.offsets[:3] == [None, 7, 7]
    assert await way_in.stored("PARKED") == 2


async def test_what_has_not_even_an_id_is_asked_for_again_after_longer_and_longer_waits(way_in: WayIn) -> None:
    assert await polled(way_in, Telegram(b'{"nothing": true}'), 5) > 0.15 + 0.3 + 0.6 + 1.2
