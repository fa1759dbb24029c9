"""Put a draft into the queue."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.standing import require_right
from contracts.demands import Created, SubmitDemand
from contracts.failures import Forbidden, NotFound

RESTRICTED = text("SELECT restricted_until > now() FROM users WHERE id = :me")
# Shared with others who ask, in conflict with retiring the scenario meanwhile.
IN_USE = text("SELECT true FROM scenarios WHERE id = :scenario AND retired_at IS NULL FOR SHARE")
SUBMIT = text("""
    UPDATE demands SET status = 'waiting', submitted_at = now(), version = version + 1 WHERE id = :demand
""")
OPEN = text("UPDATE conversations SET open = true, revision = revision + 1 WHERE demand_id = :demand")
TELL = text("""
    SELECT json_build_object('id', d.id, 'number', d.number, 'status', d.status, 'version', d.version,
      'ahead', submitted_v1(d, :trace), 'similar', similar_demand_v1(d))::text FROM demands d WHERE d.id = :demand
""")


async def submit_demand(call: Call, request: SubmitDemand) -> Created:
    """The demand with its place in the queue; `WrongStatus` when it was submitted before.

    `NotFound` when there is none, or when its scenario went out of use meanwhile; `Forbidden` for somebody restricted.
    """
    demand = await lock_demand(call, request.demand, call.me, drafts=True)
    await require_right(call, demand.id)
    if await call.value(RESTRICTED, me=call.me):
        raise Forbidden
    if not await call.value(IN_USE, scenario=demand.scenario):
        raise NotFound
    await call.run(SUBMIT, demand=demand.id)
    await call.run(OPEN, demand=demand.id)
    created = await call.one(TELL, Created, demand=demand.id, trace=call.traceparent)
    if created is None:
        raise NotFound
    return created
