"""Take a message back."""

from datetime import datetime

from sqlalchemy import text

from api.call import Call
from api.messages.lock import line_for, lock_conversation, revise
from api.outbox import owe_change, record
from contracts.kinds import DeliveryKind
from contracts.messages import TakeBackMessage, TakenBack

GONE_AT = text("SELECT taken_back_at FROM messages WHERE id = :message")
TAKE_BACK = text("""
    WITH before AS (
      INSERT INTO message_versions (message_id, version, text, entities, location, venue, contact, said_at)
      SELECT m.id, m.version, m.text, m.entities, m.location, m.venue, m.contact, coalesce(m.edited_at, m.created_at)
      FROM messages m WHERE m.id = :message)
    UPDATE messages SET text = '', entities = '[]', location = NULL, venue = NULL, contact = NULL, version = version + 1,
      taken_back_at = now(), revision = :revision
    WHERE id = :message RETURNING taken_back_at
""")
# Also who has left since: the words are in their chat all the same.
READERS = text(
    "SELECT array_agg(DISTINCT p.user_id) FROM participants p WHERE p.demand_id = :demand AND p.user_id <> :me"
)


async def take_back_message(call: Call, request: TakeBackMessage) -> TakenBack:
    """Since when it is gone; a second time changes nothing.

    Every chat that shows it is owed its removal, also after the end and also those of people who left: taking away
    shows nobody anything. What it said is kept for staff.
    """
    await lock_conversation(call, request.demand)
    line = await line_for(call, request.demand, request.message)
    if line.taken_back:
        gone_at: datetime = await call.value(GONE_AT, message=line.id)
        return TakenBack(id=line.id, at=gone_at, recipients=0)
    at: datetime = await call.value(TAKE_BACK, message=line.id, revision=await revise(call, request.demand))
    readers = await call.value(READERS, demand=request.demand, me=call.me) or []
    reached = await owe_change(call, readers, line.id, DeliveryKind.DELETE)
    await record(call, "message", line.id, "taken_back", demand=request.demand, message=line.id)
    return TakenBack(id=line.id, at=at, recipients=reached)
