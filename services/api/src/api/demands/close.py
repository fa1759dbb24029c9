"""End a demand."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import Locked, lock_demand, require_version
from api.outbox import announce, record
from api.standing import Standing, require_right
from contracts.demands import Closed, CloseDemand
from contracts.failures import Forbidden
from contracts.kinds import CloseReason, Notice, Role
from contracts.notices import ClosedFor

MAY_PROVIDER = text("SELECT provider_may_close FROM scenarios WHERE id = :scenario")
END = text("SELECT end_demand_v1(:demand, CAST(:me AS uuid), :reason, CAST(:into AS uuid))")

FOR_STAFF = frozenset({CloseReason.MODERATED, CloseReason.DUPLICATE})


async def close_demand(call: Call, request: CloseDemand) -> Closed:
    """The closed demand, told to everybody live in it but the one who closed it; `AlreadyClosed` the second time."""
    demand = await lock_demand(call, request.demand)
    standing = await require_right(call, demand.id)
    require_version(demand, request.version)
    reason = CloseReason(request.reason)
    role = await _closing_role(call, demand, standing, reason)
    await end_demand(call, demand, reason, role)
    return Closed(id=demand.id, number=demand.number, reason=reason)


async def end_demand(
    call: Call, demand: Locked, reason: CloseReason, role: Role | None, into: Locked | None = None
) -> None:
    """Close a locked demand and tell everybody live in it but the one who did it; staff (no role) is on record.

    `into` is the demand that goes on in its place. Who held it keeps the seat, and so the record of it.
    """
    me = call.user.id if call.user else None
    await call.value(END, demand=demand.id, me=me, reason=reason.value, into=into.id if into else None)
    told = ClosedFor(reason=reason, by=role, into=into.number if into else None)
    await announce(call, demand.id, Notice.CLOSED, told, me)
    await record(call, "demand", demand.id, "closed", demand=demand.id, scenario=demand.scenario, by=me, reason=reason)
    if role is None:
        await call.audit(demand.id, reason=reason, **({"into": into.id} if into else {}))


async def _closing_role(call: Call, demand: Locked, standing: Standing, reason: CloseReason) -> Role | None:
    """As what the actor closes: requester, provider where the scenario lets them, or (None) staff."""
    me = call.user.id if call.user else None
    if reason not in FOR_STAFF and me is not None:
        if me == demand.requester:
            return Role.REQUESTER
        if me == demand.provider and await call.value(MAY_PROVIDER, scenario=demand.scenario):
            return Role.PROVIDER
    if not standing.is_staff:
        raise Forbidden
    return None
