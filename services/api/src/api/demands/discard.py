"""Forget a draft."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.standing import require_right
from contracts.demands import DiscardDemand
from contracts.failures import NotFound
from contracts.shapes import Done

# Nobody else has ever seen it, so nothing is kept: each of these tables may have rows of a draft.
FORGET = tuple(
    text(f"DELETE FROM {table} WHERE {column} = :demand")  # noqa: S608 - names written here
    for table, column in (
        ("participants", "demand_id"),
        ("conversations", "demand_id"),
        ("demands", "id"),
    )
)


async def discard_demand(call: Call, request: DiscardDemand) -> Done:
    """Done; the draft and all it had is gone. `WrongStatus` once it was submitted."""
    demand = await lock_demand(call, request.demand, call.me, drafts=True)
    if demand is None:
        raise NotFound
    await require_right(call, demand.id)
    for statement in FORGET:
        await call.run(statement, demand=demand.id)
    return Done()
