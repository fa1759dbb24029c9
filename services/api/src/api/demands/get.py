"""One demand."""

from sqlalchemy import text

from api.call import Call
from api.standing import require_right
from contracts.demands import Demand, GetDemand
from contracts.failures import NotFound

GET = text("SELECT demand_reply_v1(d, CAST(:me AS uuid)) FROM demands d WHERE d.id = :demand")


async def get_demand(call: Call, request: GetDemand) -> Demand:
    """The demand as the actor may see it; `NotFound` when they may not."""
    await require_right(call, request.demand)
    found = await call.one(GET, Demand, me=call.user.id if call.user else None, demand=request.demand)
    if found is None:
        raise NotFound
    return found
