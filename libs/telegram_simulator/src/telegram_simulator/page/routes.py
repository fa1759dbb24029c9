"""Serves the page, the files people sent, and the live feed."""

import asyncio
import contextlib
from importlib import resources

import msgspec
from aiohttp import web

from telegram_simulator.changes import Feed
from telegram_simulator.pause import pause
from telegram_simulator.world import World

GATHER_SECONDS = 0.08
"""Changes within this time travel together: an eye follows no faster, and a crowd makes hundreds a second."""
ALIVE_SECONDS = 15.0
MOST_PAGES = 50
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif", "audio/", "video/")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page_routes(app: web.Application, world: World) -> None:
    """Add the page's routes."""
    folder = resources.files("telegram_simulator.page") / "static"
    pages = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}

    async def static(request: web.Request) -> web.Response:
        name = request.match_info.get("name", "index.html")
        if name not in pages:
            raise web.HTTPNotFound
        kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        return web.Response(body=pages[name], content_type=kind, charset="utf-8", headers=_HEADERS)

    async def file(request: web.Request) -> web.Response:
        known = world.files.known.get(request.match_info["id"])
        content = None if known is None else world.files.content(known.id)
        if known is None or content is None:
            raise web.HTTPNotFound
        # Whatever a bot uploads is shown only as a picture or a sound, never as a page of ours.
        shown = known.mime.startswith(_SHOWN)
        headers = _HEADERS | ({} if shown else {"Content-Disposition": "attachment"})
        kind = known.mime if shown else "application/octet-stream"
        return web.Response(body=content, content_type=kind, headers=headers)

    async def live(request: web.Request) -> web.StreamResponse:
        return await _follow(world, request)

    async def close_feeds(_app: web.Application) -> None:
        for feed in world.changes.feeds:
            feed.end()

    app.router.add_get("/", static)
    app.router.add_get("/page/live", live)
    app.router.add_get("/page/file/{id}", file)
    app.router.add_get("/page/{name}", static)
    app.on_shutdown.append(close_feeds)


async def _follow(world: World, request: web.Request) -> web.StreamResponse:
    """Send changes as server-sent events until the page or the server goes."""
    if len(world.changes.feeds) >= MOST_PAGES:
        raise web.HTTPServiceUnavailable
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    feed = Feed()
    world.changes.feeds.add(feed)
    try:
        await response.write(b"retry: 1000\n\n")
        while True:
            await response.write(await _news(feed))
    except ConnectionError:
        return response
    finally:
        world.changes.feeds.discard(feed)


async def _news(feed: Feed) -> bytes:
    """Return the next event: all changes of a moment, each (kind, chat) once; a comment when nothing happens."""
    try:
        async with asyncio.timeout(ALIVE_SECONDS):
            first = await feed.next()
    except TimeoutError:
        return b": still here\n\n"
    await pause(GATHER_SECONDS)
    changes = {(first.kind, first.chat, str(first.detail)): first}
    with contextlib.suppress(asyncio.QueueEmpty):
        while True:
            change = feed.queue.get_nowait()
            changes[change.kind, change.chat, str(change.detail)] = change
    if feed.lost:
        feed.lost = False
        return b"event: lost\ndata: {}\n\n"
    return b"data: " + msgspec.json.encode(list(changes.values())) + b"\n\n"
