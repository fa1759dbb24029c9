"""Everybody in a demand."""

from sqlalchemy import text

from api.call import Call
from api.standing import require_right
from contracts.participants import ListParticipants, Participant, Participants

LIST = text("""
    SELECT participant_reply_v1(p, CAST(:me AS uuid), :staff)::text FROM participants p
    WHERE p.demand_id = :demand AND (:staff OR p.left_at IS NULL)
    ORDER BY p.left_at IS NOT NULL, p.joined_at, p.id LIMIT :limit + 1 OFFSET :offset
""")


async def list_participants(call: Call, request: ListParticipants) -> Participants:
    """One page: those who are there; staff see after them who left or declined, and user ids."""
    staff = (await require_right(call, request.demand)).is_staff
    found, more = await call.page(
        LIST, Participant, me=call.user.id if call.user else None, staff=staff, demand=request.demand,
        limit=request.limit, offset=request.offset,
    )  # fmt: skip
    return Participants(items=found, more=more)
