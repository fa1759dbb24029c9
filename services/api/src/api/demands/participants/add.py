"""A moderator joins a demand."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.outbox import announce, owe, record
from api.standing import require_right
from contracts.failures import AlreadyExists, Forbidden, NotFound
from contracts.kinds import Notice
from contracts.notices import NoData, YouJoined
from contracts.participants import AddParticipant, Participant

# Admins look after every scenario; anybody else has to be its moderator.
MAY_SIT = text("""
    SELECT is_staff_of_v1(u.id, :demand) FROM users u WHERE u.id = :user AND u.banned_at IS NULL
""")
SITS = text("SELECT true FROM participants WHERE demand_id = :demand AND user_id = :user AND left_at IS NULL")
SEAT = text("""
    SELECT participant_reply_v1(seat_v1(:demand, :user, 'moderator'), CAST(:me AS uuid), true)::text
""")
HISTORY = text("SELECT owe_history_v1(:user, :demand, :trace)")


async def add_participant(call: Call, request: AddParticipant) -> Participant:
    """The seated moderator, announced to the others and owed everything written so far."""
    user = request.user or call.me
    # Whoever sits down is held as well: a ban, or losing the right to sit there, is before this or after it.
    demand = await lock_demand(call, request.demand, user)
    await require_right(call, demand.id)
    if await call.value(SITS, demand=demand.id, user=user):
        raise AlreadyExists
    allowed = await call.value(MAY_SIT, demand=demand.id, user=user)
    if allowed is None:
        raise NotFound
    if not allowed:
        raise Forbidden
    seated = await call.one(SEAT, Participant, demand=demand.id, user=user, me=call.user.id if call.user else None)
    if seated is None:
        raise NotFound
    await announce(call, demand.id, Notice.MODERATOR_JOINED, NoData(), user)
    words = YouJoined(title=demand.title, description=demand.description)
    await owe(call, [user], Notice.YOU_JOINED, words, demand.id)
    await call.value(HISTORY, user=user, demand=demand.id, trace=call.traceparent)
    await call.audit(demand.id, joined=user)
    await record(call, "participant", demand.id, "joined", demand=demand.id, user=user, role="moderator")
    return seated
