"""Someone else, please."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand, require_version
from api.standing import require_right
from contracts.demand_life import Released, ReleaseDemand
from contracts.kinds import Role

RELEASE = text("SELECT release_provider_v1(d, :me, :role, :trace) FROM demands d WHERE d.id = :demand")


async def release_demand(call: Call, request: ReleaseDemand) -> Released:
    """The demand waits again with the age it had; the provider is told kindly and not offered it any more."""
    demand = await lock_demand(call, request.demand)
    await require_right(call, demand.id)
    require_version(demand, request.version)
    await call.value(RELEASE, demand=demand.id, me=call.me, role=Role.REQUESTER.value, trace=call.traceparent)
    return Released(id=demand.id, number=demand.number)
