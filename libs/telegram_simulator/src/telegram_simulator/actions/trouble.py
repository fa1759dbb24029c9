"""Faults, limits and updates that come twice."""

import msgspec

from telegram_simulator.faults import Fault
from telegram_simulator.places import pick_bot
from telegram_simulator.refusals import ControlError, JsonObject
from telegram_simulator.world import World


class ClearFaults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One fault by id, or all."""

    id: int | None = None


class SetLimits(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Rate limits on or off; `callback_seconds` after which a button's query is too old."""

    on: bool | None = None
    callback_seconds: float | None = None


class Repeat(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A confirmed update, by default the last one."""

    update_id: int | None = None
    bot: str = ""


class Inject(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A raw update of any shape, even a broken one; the update_id is given by the server."""

    kind: str
    payload: JsonObject
    bot: str = ""


def arm_fault(world: World, asked: Fault) -> Fault:
    """Arm a fault for calls to come."""
    return world.faults.arm(asked)


def clear_faults(world: World, asked: ClearFaults) -> int:
    """Disarm; return how many."""
    return world.faults.clear(asked.id)


def set_limits(world: World, asked: SetLimits) -> bool:
    """Switch rate limits; return whether they are on."""
    if asked.on is not None:
        world.limits.on = asked.on
    if asked.callback_seconds is not None:
        world.queries.expiry_seconds = asked.callback_seconds
    return world.limits.on


def repeat_update(world: World, asked: Repeat) -> int:
    """Deliver a confirmed update once more under its old update_id."""
    found = world.updates[pick_bot(world, asked.bot).id].repeat(asked.update_id)
    if found is None:
        raise ControlError(404, "no such update was confirmed")
    return found


def inject_update(world: World, asked: Inject) -> int:
    """Queue an update as it is and return its id; 0 when the bot does not want the kind."""
    return world.updates[pick_bot(world, asked.bot).id].add(asked.kind, asked.payload, 0) or 0


ACTIONS = {
    "arm_fault": (Fault, arm_fault),
    "clear_faults": (ClearFaults, clear_faults),
    "set_limits": (SetLimits, set_limits),
    "repeat_update": (Repeat, repeat_update),
    "inject_update": (Inject, inject_update),
}
