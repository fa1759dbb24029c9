"""Hand a held demand back, or say no to an offered one."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.standing import require_right
from contracts.demands import Declined, DeclineDemand
from contracts.failures import Forbidden

UNSEAT = text("SELECT unseat_provider_v1(d, true, :trace) FROM demands d WHERE d.id = :demand")
SKIPS = text(
    "SELECT true FROM participants WHERE demand_id = :demand AND user_id = :me AND declined_at IS NOT NULL AND skips"
)
# Offered is what a provider of the scenario could be given; a record without a seat, so that it never is.
REFUSE = text("""
    INSERT INTO participants (demand_id, user_id, role, alias, left_at, declined_at, skips)
    SELECT d.id, m.user_id, 'provider', short_code_v1(5), now(), now(), true
    FROM demands d JOIN memberships m ON m.scenario_id = d.scenario_id
    WHERE d.id = :demand AND d.requester_id <> :me AND m.user_id = :me AND m.kind = 'provider' AND m.state = 'live'
      AND NOT EXISTS (SELECT FROM participants p WHERE p.demand_id = d.id AND p.user_id = :me AND p.left_at IS NULL)
""")


async def decline_demand(call: Call, request: DeclineDemand) -> Declined:
    """The demand is never offered to the actor again, until a moderator resets that; twice is one record."""
    demand = await lock_demand(call, request.demand, call.me)
    await require_right(call, demand.id)
    if demand.provider == call.me:
        await call.value(UNSEAT, demand=demand.id, trace=call.traceparent)
        await _keep_reason(call, request)
        return Declined(id=demand.id, number=demand.number, was_held=True)
    declined_before = await call.value(SKIPS, demand=demand.id, me=call.me)
    if not declined_before:
        if not await call.run(REFUSE, demand=demand.id, me=call.me):
            raise Forbidden
        await _keep_reason(call, request)
    return Declined(id=demand.id, number=demand.number, was_held=False)


async def _keep_reason(call: Call, request: DeclineDemand) -> None:
    if request.reason:
        await call.audit(request.demand, reason=request.reason)
