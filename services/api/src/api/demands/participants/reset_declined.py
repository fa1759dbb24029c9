"""Let a demand be offered again to who declined it."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.standing import require_right
from contracts.participants import Reset, ResetDeclined

RESET = text("""
    UPDATE participants SET reset_at = now(), skips = false
    WHERE demand_id = :demand AND declined_at IS NOT NULL AND reset_at IS NULL
      AND (CAST(:user AS uuid) IS NULL OR user_id = :user)
""")


async def reset_declined(call: Call, request: ResetDeclined) -> Reset:
    """How many records were reset; they stay as records."""
    demand = await lock_demand(call, request.demand)
    await require_right(call, demand.id)
    count = await call.run(RESET, demand=demand.id, user=request.user)
    await call.audit(demand.id, count=count, user=request.user)
    return Reset(count=count)
