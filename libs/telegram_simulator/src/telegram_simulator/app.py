"""The server: bots, control and page on one port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote

import aiohttp
from aiohttp import web

from telegram_simulator.bot_side import answer, find_bot
from telegram_simulator.control import act
from telegram_simulator.page.routes import page_routes
from telegram_simulator.refusals import BotApiError
from telegram_simulator.webhook import Delivery
from telegram_simulator.world import World

MOST_BODY_BYTES = 80 * 1024 * 1024
"""A file of 50 MB in base64 on the control side."""
WORLD: web.AppKey[World] = web.AppKey("world", World)


async def _bot_call(request: web.Request) -> web.Response:
    return await answer(request.app[WORLD], request, request.match_info["token"], request.match_info["method"])


async def _bot_file(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    try:
        find_bot(world, request.match_info["token"])
    except BotApiError as error:
        return web.json_response(error.body(), status=error.code)
    file = world.files.at(unquote(request.match_info["path"]))
    content = None if file is None else world.files.content(file.id)
    if file is None or content is None:
        return web.json_response(BotApiError(404, "Not Found").body(), status=404)
    return web.Response(body=content, content_type=file.mime)


async def _control(request: web.Request) -> web.Response:
    return await act(request.app[WORLD], request, request.match_info["name"])


async def _nothing(_request: web.Request) -> web.Response:
    return web.json_response(BotApiError(404, "Not Found").body(), status=404)


def create_app(world: World) -> web.Application:
    """Return the web application; webhooks are posted only while `serve` runs it."""
    app = web.Application(client_max_size=MOST_BODY_BYTES)
    app[WORLD] = world
    app.router.add_route("*", r"/bot{token:[^/]+}/{method:[^/]+}", _bot_call)
    app.router.add_get(r"/file/bot{token:[^/]+}/{path:.+}", _bot_file)
    app.router.add_post("/control/{name}", _control)
    page_routes(app, world)
    app.router.add_route("*", "/{rest:.*}", _nothing)
    return app


@asynccontextmanager
async def serve(world: World, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Run the server and the webhooks inside the block, and give the port it listens on."""
    runner = web.AppRunner(create_app(world), access_log=None, shutdown_timeout=0.5, handle_signals=False)
    await runner.setup()
    failure: Exception | None = None
    try:
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        listening = int(runner.addresses[0][1])
        async with aiohttp.ClientSession(auto_decompress=False) as session, asyncio.TaskGroup() as tasks:
            webhooks = tasks.create_task(_deliver(world, session), name="webhooks")
            try:
                yield listening
            except Exception as error:  # noqa: BLE001 -- raised again below, as itself and not in a group
                failure = error
            finally:
                webhooks.cancel()
        if failure is not None:
            raise failure
    finally:
        for updates in world.updates.values():
            updates.end_poll()  # which the clean-up would wait for
        await runner.cleanup()


async def _deliver(world: World, session: aiohttp.ClientSession) -> None:
    """Run a webhook delivery for each bot, also for those that come later."""
    known: set[int] = set()
    async with asyncio.TaskGroup() as tasks:
        while True:
            for bot in list(world.bots_by_id.values()):
                if bot.id not in known:
                    known.add(bot.id)
                    tasks.create_task(Delivery(world, bot, session).run(), name=f"webhook of {bot.id}")
            world.bot_added.clear()
            await world.bot_added.wait()
