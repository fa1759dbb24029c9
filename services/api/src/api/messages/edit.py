"""Change the words of a message."""

from sqlalchemy import text

from api.call import Call
from api.messages.lock import line_for, lock_conversation, revise
from api.outbox import owe_change, record
from contracts import wire
from contracts.failures import InvalidRequest, NotFound
from contracts.kinds import DeliveryKind
from contracts.messages import Edited, EditMessage

SAYS = text("""
    SELECT json_build_object('same', m.text = :text AND m.entities = CAST(:entities AS jsonb), 'more',
      m.location IS NOT NULL OR m.venue IS NOT NULL OR m.contact IS NOT NULL
        OR EXISTS (SELECT FROM attachments a WHERE a.message_id = m.id))::text
    FROM messages m WHERE m.id = :message
""")
EDIT = text("""
    WITH before AS (
      INSERT INTO message_versions (message_id, version, text, entities, location, venue, contact, said_at)
      SELECT m.id, m.version, m.text, m.entities, m.location, m.venue, m.contact, coalesce(m.edited_at, m.created_at)
      FROM messages m WHERE m.id = :message)
    UPDATE messages SET text = :text, entities = CAST(:entities AS jsonb), version = version + 1, edited_at = now(),
      revision = :revision
    WHERE id = :message RETURNING version
""")


async def edit_message(call: Call, request: EditMessage) -> Edited:
    """The message's version now; the words it had are kept for staff.

    Who has it on their screen is owed the new words, who has not got it yet gets only those. After the end they are
    written down and passed on to nobody. `NotFound` once it was taken back, `InvalidRequest` when nothing would be left.
    """
    conversation = await lock_conversation(call, request.demand)
    line = await line_for(call, request.demand, request.message)
    if line.taken_back:
        raise NotFound
    words = {"message": line.id, "text": request.text, "entities": wire.encode(request.entities).decode()}
    says = await call.one(SAYS, dict[str, bool], **words) or {}
    if not request.text and not says["more"]:
        raise InvalidRequest(problem="the message is empty")
    if says["same"]:
        return Edited(id=line.id, version=line.version, relayed=conversation.open, recipients=0)
    version: int = await call.value(EDIT, **words, revision=await revise(call, request.demand))
    reached = 0
    if conversation.open:
        reached = await owe_change(call, conversation.others(call.me), line.id, DeliveryKind.EDIT)
    await record(call, "message", line.id, "edited", demand=request.demand, message=line.id)
    return Edited(id=line.id, version=version, relayed=conversation.open, recipients=reached)
