"""Telegram posting updates to us: 200 says that they are kept, anything else that Telegram has to keep them."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog
from aiohttp import web

from telegram_bot.intake.publish import HandOffFailed, Intake

log = structlog.get_logger(__name__)

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
LARGEST_BODY: Final = 1 << 20
"""Bytes of one post; the largest update is far below."""


def application(intake: Intake, path: str, secret: str) -> web.Application:
    """The web application Telegram posts to at `path`."""

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        # As bytes: comparing texts raises for a letter beyond ASCII, and anybody may send one.
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode()):
            return web.Response(status=401)
        body = await request.read()
        try:
            msgspec.json.decode(body, type=msgspec.Raw)
        except msgspec.DecodeError:
            return web.Response(status=400)
        try:
            await intake.hand_over([body])
        except HandOffFailed as failed:
            log.warning("webhook.not_kept", reason=str(failed))
            return web.Response(status=503, headers={"Retry-After": "1"})
        return web.Response()

    made = web.Application(client_max_size=LARGEST_BODY)
    made.router.add_post(path, receive)
    return made


@asynccontextmanager
async def listening(intake: Intake, path: str, secret: str, *, host: str, port: int) -> AsyncIterator[None]:
    """Receive posts while the block runs.

    Telegram keeps the order of a chat over its parallel posts by itself.
    """
    runner = web.AppRunner(application(intake, path, secret), access_log=None, shutdown_timeout=10)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()
