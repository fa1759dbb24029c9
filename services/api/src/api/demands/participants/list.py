"""Everybody in a demand."""

from sqlalchemy import text

from api.call import Call
from api.standing import require_right
from contracts.participants import ListParticipants, Participant, Participants

LIST = text("""
    SELECT participant_reply_v1(p, CAST(:me AS uuid), :staff)::text FROM participants p
    WHERE p.demand_id = :demand AND (:staff OR p.left_at IS NULL) ORDER BY p.joined_at, p.id
""")


async def list_participants(call: Call, request: ListParticipants) -> Participants:
    """Those who are there; staff also see who left or declined, and user ids."""
    staff = (await require_right(call, request.demand)).is_staff
    me = call.user.id if call.user else None
    return Participants(items=await call.all(LIST, Participant, me=me, staff=staff, demand=request.demand))
