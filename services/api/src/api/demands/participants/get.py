"""One participant."""

from sqlalchemy import text

from api.call import Call
from api.standing import require_right
from contracts.failures import Forbidden, InvalidRequest, NotFound
from contracts.participants import GetParticipant, Participant

GET = text("""
    SELECT participant_reply_v1(p, CAST(:me AS uuid), :staff)::text FROM participants p
    WHERE p.demand_id = :demand AND p.left_at IS NULL
      AND (CAST(:role AS text) IS NULL OR p.role = :role) AND (CAST(:user AS uuid) IS NULL OR p.user_id = :user)
    ORDER BY p.joined_at, p.id LIMIT 2
""")


async def get_participant(call: Call, request: GetParticipant) -> Participant:
    """The one live participant meant; `NotFound` for none, `InvalidRequest` when several have the role."""
    if request.role is None and request.user is None:
        raise InvalidRequest(problem="name a role or a user")
    staff = (await require_right(call, request.demand)).is_staff
    if request.user is not None and not staff:
        raise Forbidden
    found = await call.all(
        GET, Participant, me=call.user.id if call.user else None, staff=staff, demand=request.demand,
        role=request.role.value if request.role else None, user=request.user,
    )  # fmt: skip
    if not found:
        raise NotFound
    if len(found) > 1:
        raise InvalidRequest(problem="several have this role")
    return found[0]
