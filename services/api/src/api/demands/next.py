"""Seat the actor in the demand that waits longest for them."""

from api.call import HotCall
from contracts.demands import Next, NextDemand

NEXT = "SELECT failure, body FROM demands_next_v1($1, $2, $3, $4, $5, $6)"


async def next_demand(call: HotCall, request: NextDemand) -> Next:
    """The demand the actor holds now, or why there is none. `AtCapacity` names what they hold."""
    reply: Next = await call.as_actor(NEXT, request.instead_of)
    return reply
