"""The words a request was made of: their edit changes what the request says, for whoever reads it now or later."""

from collections.abc import Mapping
from typing import Any, Final

from contracts.demands import GetDemand, UpdateDemand
from contracts.failures import AlreadyClosed, NotFound, VersionConflict, WrongStatus
from contracts.operations.demands import DEMANDS_GET, DEMANDS_UPDATE
from contracts.shapes import DemandId
from telegram_bot.routers.relay.written import parts
from telegram_bot.turn import Turn

REMEMBERED: Final = 5
"""Requests whose messages are remembered, the newest."""

LONGEST: Final = 8192
"""Characters of a description."""

TRIES: Final = 3
"""Attempts while others change the request in the same instant."""


def remember_description(turn: Turn, demand: DemandId, messages: list[dict[str, Any]]) -> None:
    """Note which kept messages became the description of a request."""
    if not messages:
        return
    said = [part for one in messages for part in parts(one)]
    described: list[dict[str, Any]] = turn.step.data.get("described", [])
    noted = {"message": said[0]["message"], "demand": str(demand), "parts": said}
    turn.step.data["described"] = [*described, noted][-REMEMBERED:]


def description_with(turn: Turn, message_id: int) -> dict[str, Any] | None:
    """The description a message of this id is part of, if that is known."""
    described: list[dict[str, Any]] = turn.step.data.get("described", [])
    return next((one for one in described if any(part["message"] == message_id for part in one["parts"])), None)


async def redescribe(turn: Turn, kept: Mapping[str, Any]) -> bool:
    """Let a request say what a kept edit says; when that cannot be, say so and return False."""
    demand = DemandId(kept["demand"])
    try:
        for number in range(TRIES):
            now = await turn.call(DEMANDS_GET, GetDemand(demand=demand))
            version = await turn.once(f"version-{kept['message']}-{number}", now.version)
            changed = UpdateDemand(demand=demand, version=version, description=kept["text"][:LONGEST])
            try:
                await turn.call(DEMANDS_UPDATE, changed)
            except VersionConflict:
                continue
            await turn.answer("request-says-now", number=now.number)
            return True
    except AlreadyClosed:
        await turn.answer("edit-after-end")
        return False
    except (NotFound, WrongStatus):
        pass
    await turn.answer("edit-too-late")
    return False


async def tell_described(turn: Turn, description: Mapping[str, Any]) -> None:
    """Say that words are part of a request, and how they can still be changed."""
    try:
        now = await turn.call(DEMANDS_GET, GetDemand(demand=DemandId(description["demand"])))
    except NotFound:
        await turn.answer("take-back-how")
        return
    await turn.answer("described" if now.closed_at is None else "described-over", number=now.number)
