"""What the requester answers: the help arrived, not yet, or is still needed."""

from sqlalchemy import text

from api.call import Call
from api.demands.close import end_demand
from api.demands.lock import lock_demand, require_version
from api.outbox import announce
from api.standing import require_right
from contracts.demand_life import ConfirmDemand, Confirmed
from contracts.kinds import CloseReason, DemandStatus, Notice, Role
from contracts.notices import NoData

ANSWERED = text("UPDATE demands SET done_asked_at = NULL WHERE id = :demand AND done_asked_at IS NOT NULL")
# What the idle clock counts from, beside the last message.
STILL_NEEDED = text("UPDATE conversations SET still_needed_at = now() WHERE demand_id = :demand")


async def confirm_demand(call: Call, request: ConfirmDemand) -> Confirmed:
    """How the demand stands now: closed as fulfilled, or as it was; the others are told of the end and of a not yet."""
    demand = await lock_demand(call, request.demand)
    await require_right(call, demand.id)
    require_version(demand, request.version)
    if request.answer == "received":
        await end_demand(call, demand, CloseReason.FULFILLED, Role.REQUESTER)
        return Confirmed(id=demand.id, number=demand.number, status=DemandStatus.CLOSED)
    await call.run(STILL_NEEDED, demand=demand.id)
    if request.answer == "not_yet" and await call.run(ANSWERED, demand=demand.id):
        await announce(call, demand.id, Notice.NOT_DONE_YET, NoData(), call.me)
    return Confirmed(id=demand.id, number=demand.number, status=demand.status)
