"""A plain reverse proxy in front of several bots: each post goes to the next of them, and on to another if that one is gone."""

import itertools
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

PATH = "/telegram"
SECRET = "a-secret"


@dataclass
class Front:
    """Where Telegram posts to, and how many posts each port behind it has answered with 200."""

    url: str = ""
    taken: dict[int, int] = field(default_factory=dict)


@asynccontextmanager
async def front(*ports: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Front]:
    """A proxy before these ports of this machine, by turns; with TLS where it has a certificate."""
    made = Front(taken=dict.fromkeys(ports, 0))
    turns = itertools.cycle(ports)

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        for _ in ports:
            port = next(turns)
            try:
                async with session.post(f"http://127.0.0.1:{port}{PATH}", data=body, headers=request.headers) as answer:
                    made.taken[port] += answer.status == 200
                    return web.Response(status=answer.status, body=await answer.read())
            except aiohttp.ClientError:
                continue
        return web.Response(status=502)

    application = web.Application()
    application.router.add_post(PATH, receive)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        async with aiohttp.ClientSession() as session:
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
            await site.start()
            made.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}{PATH}"
            yield made
    finally:
        await runner.cleanup()


def behind(proxy: Front, port: int, secret: str = SECRET) -> dict[str, str]:
    """What a bot behind it is told, by the names of its variables."""
    return {
        "BOT_MODE": "webhook",
        "WEBHOOK_URL": proxy.url,
        "WEBHOOK_PORT": str(port),
        "WEBHOOK_SECRET": secret,
    }
