"""Seat the actor in one particular demand."""

from api.call import HotCall
from contracts.demands import TakeDemand, Taken

TAKE = "SELECT failure, body FROM demands_take_v1($1, $2, $3, $4, $5, $6)"


async def take_demand(call: HotCall, request: TakeDemand) -> Taken:
    """The demand the actor holds now; `AlreadyTaken`, `AlreadyClosed`, `AlreadyDeclined` or `AtCapacity` otherwise."""
    reply: Taken = await call.as_actor(TAKE, request.demand)
    return reply
