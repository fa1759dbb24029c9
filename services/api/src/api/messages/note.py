"""Write a note."""

from uuid import UUID

from sqlalchemy import text

from api.actors import Person
from api.call import Call
from api.messages.lock import lock_conversation
from api.outbox import owe_line
from api.standing import require_right
from contracts import wire
from contracts.failures import WrongStatus
from contracts.kinds import Audience
from contracts.messages import Noted, NoteMessage
from contracts.shapes import MessageId

PROVIDER = text("SELECT user_id FROM participants WHERE demand_id = :demand AND role = 'provider' AND left_at IS NULL")
# Who sits there as a moderator and still is one.
MODERATORS = text("""
    SELECT array_agg(p.user_id) FROM participants p
    WHERE p.demand_id = :demand AND p.role = 'moderator' AND p.left_at IS NULL AND is_staff_of_v1(p.user_id, p.demand_id)
""")
# A note takes no number of the conversation's: it stands after the last line, under one of its own.
TURN = text("""
    UPDATE conversations SET last_note = last_note + 1, revision = revision + 1 WHERE demand_id = :demand
    RETURNING last_note, last_seq, revision
""")
NOTE = text("""
    INSERT INTO messages (demand_id, seq, after_seq, revision, kind, author_id, author_role, alias, text, entities,
      audience, whispered_to)
    SELECT :demand, -CAST(:number AS integer), :after, :revision, 'note', CAST(:me AS uuid), 'moderator',
      (SELECT p.alias FROM participants p WHERE p.demand_id = :demand AND p.user_id = CAST(:me AS uuid) AND p.left_at IS NULL),
      :text, CAST(:entities AS jsonb), :audience, CAST(:whispered_to AS uuid)
    RETURNING id, created_at
""")
ORIGIN = text("""
    INSERT INTO message_origins (message_id, destination_id, channel_message_id)
    SELECT CAST(:note AS uuid), t.id, :channel_message_id FROM destinations t
    WHERE t.channel = :channel AND t.address = :address
""")


async def write_note(call: Call, request: NoteMessage) -> Noted:
    """The kept note, owed to those of its audience who sit in the demand; also after the end.

    `WrongStatus` for a whisper when no provider is there to hear it.
    """
    await lock_conversation(call, request.demand)
    standing = await require_right(call, request.demand)
    me = call.user.id if call.user else None
    provider: UUID | None = None
    if request.audience is Audience.PROVIDER:
        provider = await call.value(PROVIDER, demand=request.demand)
        if provider is None:
            raise WrongStatus(status_now=standing.status)
        readers = [provider]
    else:
        readers = await call.value(MODERATORS, demand=request.demand) or []
    turn = (await call.db.execute(TURN, {"demand": request.demand})).one()
    values = {
        "demand": request.demand, "number": turn.last_note, "after": turn.last_seq, "revision": turn.revision, "me": me,
        "text": request.text, "entities": wire.encode(request.entities).decode(), "audience": request.audience.value,
        "whispered_to": provider,
    }  # fmt: skip
    note, at = (await call.db.execute(NOTE, values)).one()
    if (origin := request.origin) is not None and isinstance(call.actor, Person):
        came = {
            "channel": call.actor.channel,
            "address": origin.address,
            "channel_message_id": origin.channel_message_id,
        }
        await call.db.execute(ORIGIN, {"note": note, **came})
    reached = await owe_line(call, [user for user in readers if user != me], request.demand, note)
    await call.audit(request.demand, note=note, audience=request.audience)
    return Noted(id=MessageId(note), at=at, recipients=reached)
