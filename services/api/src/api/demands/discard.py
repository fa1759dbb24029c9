"""Forget a draft."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.standing import require_right
from contracts.demands import DiscardDemand
from contracts.shapes import Done

# Nobody else has ever seen it, so nothing is kept: each of these tables may have rows of a draft.
FORGET = (
    text("DELETE FROM participants WHERE demand_id = :demand"),
    text("DELETE FROM conversations WHERE demand_id = :demand"),
    text("DELETE FROM demands WHERE id = :demand"),
)


async def discard_demand(call: Call, request: DiscardDemand) -> Done:
    """Done; the draft and all it had is gone. `WrongStatus` once it was submitted."""
    demand = await lock_demand(call, request.demand, call.me, drafts=True)
    await require_right(call, demand.id)
    for statement in FORGET:
        await call.run(statement, demand=demand.id)
    return Done()
