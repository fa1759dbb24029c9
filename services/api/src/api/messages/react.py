"""React to a message."""

from sqlalchemy import text

from api.call import Call
from api.messages.lock import line_for, lock_conversation, revise
from api.outbox import owe_change, record
from contracts.failures import InvalidRequest, NotFound
from contracts.kinds import DeliveryKind, EntryKind
from contracts.messages import Reacted, ReactToMessage

BEFORE = text("SELECT emoji FROM message_reactions WHERE message_id = :message AND user_id = :me")
CLEAR = text("DELETE FROM message_reactions WHERE message_id = :message AND user_id = :me")
# `at` is the moment of this very statement: of two reactions the later one is shown.
REACT = text("""
    INSERT INTO message_reactions (message_id, user_id, role, alias, emoji, at)
    SELECT :message, p.user_id, p.role, p.alias, :emoji, clock_timestamp() FROM participants p
    WHERE p.demand_id = :demand AND p.user_id = :me AND p.left_at IS NULL
    ON CONFLICT (message_id, user_id) DO UPDATE SET emoji = excluded.emoji, role = excluded.role, alias = excluded.alias,
      at = excluded.at
""")
TOUCH = text("UPDATE messages SET revision = :revision WHERE id = :message")


async def react_to_message(call: Call, request: ReactToMessage) -> Reacted:
    """The actor's one reaction to it, in place of an earlier one; the others are owed the sight of it.

    `NotFound` once the message was taken back, `InvalidRequest` for a notice or a note.
    """
    conversation = await lock_conversation(call, request.demand)
    line = await line_for(call, request.demand, request.message)
    if line.taken_back:
        raise NotFound
    if line.kind is not EntryKind.MESSAGE:
        raise InvalidRequest(problem="only messages can be reacted to")
    mine = {"message": line.id, "me": call.me}
    if await call.value(BEFORE, **mine) == request.emoji:
        return Reacted(id=line.id, emoji=request.emoji, recipients=0)
    if request.emoji is None:
        await call.run(CLEAR, **mine)
    else:
        await call.run(REACT, **mine, demand=request.demand, emoji=request.emoji)
    await call.run(TOUCH, message=line.id, revision=await revise(call, request.demand))
    reached = await owe_change(call, conversation.others(call.me), line.id, DeliveryKind.REACT)
    await record(call, "message", line.id, "reacted", demand=request.demand, message=line.id)
    return Reacted(id=line.id, emoji=request.emoji, recipients=reached)
