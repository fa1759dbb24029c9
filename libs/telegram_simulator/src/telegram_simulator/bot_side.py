"""/bot<token>/<method>: reads a call, lets it happen, answers."""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from telegram_simulator.call import Call, Upload
from telegram_simulator.faults import Fault
from telegram_simulator.forms import JSON, read_values
from telegram_simulator.methods import METHODS
from telegram_simulator.pause import pause
from telegram_simulator.people import TOKEN, Bot
from telegram_simulator.refusals import BotApiError
from telegram_simulator.world import World

_NO_UPLOADS: Mapping[str, Upload] = {}


def find_bot(world: World, token: str) -> Bot:
    """Return the bot of a token; 404 for what cannot be a token, 401 for one nobody has."""
    bot = world.bots.get(token)
    if bot is None:
        raise BotApiError(401, "Unauthorized") if TOKEN.match(token) else BotApiError(404, "Not Found")
    return bot


async def answer(world: World, request: web.Request, token: str, method: str) -> web.Response:
    """Answer one HTTP request of a bot."""
    try:
        bot = find_bot(world, token)
        values, uploads = await read_values(request)
    except BotApiError as error:
        return _respond(error.code, msgspec.json.encode(error.body()))
    fault = world.faults.strike(method.lower(), str(values.get("chat_id", "")))
    if fault is not None:
        if fault.kind == "drop_before":
            return _hang_up(request)
        if fault.kind == "answer":
            refusal = fault.refusal()
            world.journal.add(
                bot.id,
                _spelling(method),
                _written(values, uploads),
                refusal.code,
                error=refusal.description,
                fault="answer",
            )
            return _respond(refusal.code, msgspec.json.encode(refusal.body()))
        if fault.kind == "delay":
            await pause(fault.seconds)
    code, body = await perform(world, bot, method, values, uploads, fault=fault)
    if fault is not None and fault.kind == "drop_after":
        return _hang_up(request)
    return _respond(code, body)


async def perform(
    world: World,
    bot: Bot,
    method: str,
    values: Mapping[str, Any],
    uploads: Mapping[str, Upload] = _NO_UPLOADS,
    *,
    fault: Fault | None = None,
) -> tuple[int, bytes]:
    """Do what a call says, write it down, and return status and body of the answer."""
    struck = fault.kind if fault is not None else ""
    name, handler = METHODS.get(method.lower(), (method, _unknown))
    try:
        result = handler(Call(world, bot, name, values, uploads))
        if inspect.isawaitable(result):
            result = await result
    except BotApiError as error:
        world.journal.add(bot.id, name, _written(values, uploads), error.code, error=error.description, fault=struck)
        return error.code, msgspec.json.encode(error.body())
    if name == "getUpdates":
        # The updates are what people did, not the bot: the journal keeps their number only.
        if result or not values.get("timeout"):
            world.journal.add(bot.id, name, _written(values, uploads), 200, result=len(result), fault=struck)
        return 200, b'{"ok":true,"result":[' + b",".join(bytes(update.body) for update in result) + b"]}"
    # Encoded at once: a message may change later, the journal must not.
    encoded = msgspec.json.encode(result)
    world.journal.add(bot.id, name, _written(values, uploads), 200, result=msgspec.Raw(encoded), fault=struck)
    return 200, b'{"ok":true,"result":' + encoded + b"}"


def _unknown(_call: Call) -> None:
    raise BotApiError(404, "Not Found: method not found")


def _spelling(method: str) -> str:
    return METHODS[method.lower()][0] if method.lower() in METHODS else method


def _written(values: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Mapping[str, Any]:
    if not uploads:
        return values
    files = {name: f"<{upload.name}, {len(upload.content)} bytes>" for name, upload in uploads.items()}
    return {**values, **files}


def _respond(code: int, body: bytes) -> web.Response:
    return web.Response(status=code, body=body, content_type=JSON)


def _hang_up(request: web.Request) -> web.Response:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
