"""/control/<action>: tests and the page act as people through it."""

import inspect

import msgspec
from aiohttp import web

from telegram_simulator.actions import ACTIONS, Action
from telegram_simulator.refusals import ControlError
from telegram_simulator.world import World


async def act(world: World, request: web.Request, name: str) -> web.Response:
    """Do an action; 200 with its result, or 4xx with {"error": reason}."""
    try:
        check_origin(request)
        kind, action = find_action(name)
        asked = msgspec.json.decode(await request.read() or b"{}", type=kind)
        result = action(world, asked)
        if inspect.isawaitable(result):
            result = await result
        return _respond(200, result)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return _respond(400, {"error": str(error)})
    except ControlError as error:
        return _respond(error.status, {"error": error.reason})


def check_origin(request: web.Request) -> None:
    """Refuse pages of other sites: a browser may send them here, but they are not the simulator's."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise ControlError(403, "this page belongs to another site")


def find_action(name: str) -> tuple[type[msgspec.Struct], Action]:
    """Return what an action takes and does."""
    if name not in ACTIONS:
        raise ControlError(404, f"there is no action {name}; there are {', '.join(sorted(ACTIONS))}")
    return ACTIONS[name]


def _respond(status: int, result: object) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(result), content_type="application/json")
