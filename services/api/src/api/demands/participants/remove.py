"""A moderator leaves a demand."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.outbox import announce, owe, record
from api.rights import ACTIVE
from api.standing import require_right
from contracts.failures import Forbidden, NotFound
from contracts.kinds import Notice
from contracts.notices import NoData
from contracts.participants import RemoveParticipant
from contracts.shapes import Done

# Providers leave by declining or being replaced, requesters by closing.
SITS = text("""
    SELECT true FROM participants
    WHERE demand_id = :demand AND user_id = :user AND role = 'moderator' AND left_at IS NULL
""")
UNSEAT = text("SELECT unseat_v1(:demand, :user)")


async def remove_participant(call: Call, request: RemoveParticipant) -> Done:
    """Done, and announced while the demand goes on; `NotFound` when that user does not sit there as a moderator."""
    demand = await lock_demand(call, request.demand)
    standing = await require_right(call, demand.id)
    user = request.user or call.me
    is_me = call.user is not None and user == call.user.id
    if not is_me and not standing.is_staff:
        raise Forbidden
    if not await call.value(SITS, demand=demand.id, user=user):
        raise NotFound
    await call.value(UNSEAT, demand=demand.id, user=user)
    if demand.status in ACTIVE:
        await announce(call, demand.id, Notice.MODERATOR_LEFT, NoData(), user)
    if not is_me:
        await owe(call, [user], Notice.PARTICIPANT_REMOVED, NoData(), demand.id)
    await call.audit(demand.id, left=user)
    await record(call, "participant", demand.id, "left", demand=demand.id, user=user, role="moderator")
    return Done()
