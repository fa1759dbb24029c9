"""Close a demand as a duplicate of another one."""

from api.call import Call
from api.demands.close import end_demand
from api.demands.lock import Locked, lock_demands
from api.standing import require_right, standing_in
from contracts.demand_life import Merged, MergeDemand
from contracts.failures import InvalidRequest, NotFound
from contracts.kinds import CloseReason
from contracts.shapes import DemandId


async def merge_demand(call: Call, request: MergeDemand) -> Merged:
    """The closed demand and the one that goes on; nothing moves from one to the other.

    `InvalidRequest` where they are one demand or of two requesters; `AlreadyClosed` where either is closed.
    """
    if request.demand == request.into:
        raise InvalidRequest(problem="a demand cannot be merged into itself")
    locked = await lock_demands(call, (request.demand, request.into))
    demand, into = await _for_staff(call, locked, request.demand), await _for_staff(call, locked, request.into)
    if demand.requester != into.requester:
        raise InvalidRequest(problem="the demands are of two requesters")
    await end_demand(call, demand, CloseReason.DUPLICATE, None, into)
    return Merged(id=demand.id, number=demand.number, into=into.id, into_number=into.number)


async def _for_staff(call: Call, locked: dict[DemandId, Locked], demand: DemandId) -> Locked:
    if demand not in locked:
        # Absent costs the same statements as hidden, of which the next one tells that it is hidden.
        await standing_in(call, demand)
        raise NotFound
    await require_right(call, demand)
    return locked[demand]
