"""Say how soon help is needed."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.outbox import announce, record
from api.standing import require_right
from contracts.demand_life import SetUrgency, UrgencySet
from contracts.failures import Forbidden
from contracts.kinds import Notice, Urgency
from contracts.notices import UrgencyChanged

SET = text("UPDATE demands SET urgency = :urgency, version = version + 1 WHERE id = :demand RETURNING version")


async def set_urgency(call: Call, request: SetUrgency) -> UrgencySet:
    """The urgency it has now, told to everybody else live in it where that changed; the age in the queue stays.

    Critical is given and taken back by staff alone: `Forbidden` for a requester.
    """
    demand = await lock_demand(call, request.demand)
    standing = await require_right(call, demand.id)
    if Urgency.CRITICAL in (request.urgency, demand.urgency) and not standing.is_staff:
        raise Forbidden
    version = demand.version
    if request.urgency is not demand.urgency:
        me = call.user.id if call.user else None
        version = await call.value(SET, demand=demand.id, urgency=request.urgency.value)
        await announce(call, demand.id, Notice.URGENCY_CHANGED, UrgencyChanged(urgency=request.urgency), me)
        await record(call, "demand", demand.id, "updated", demand=demand.id, scenario=demand.scenario, by=me)
        if me != demand.requester:
            await call.audit(demand.id, before=demand.urgency, urgency=request.urgency)
    return UrgencySet(id=demand.id, number=demand.number, urgency=request.urgency, version=version)
