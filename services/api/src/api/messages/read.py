"""Note how far a conversation was read."""

from sqlalchemy import text

from api.call import Call
from api.messages.lock import lock_conversation, revise
from api.standing import require_right
from contracts.messages import ReadMessages, ReadUpTo

MARK = text("SELECT read_seq FROM participants WHERE demand_id = :demand AND user_id = :me AND left_at IS NULL")
MOVE = text("""
    UPDATE participants SET read_seq = :seq WHERE demand_id = :demand AND user_id = :me AND left_at IS NULL
""")


async def read_messages(call: Call, request: ReadMessages) -> ReadUpTo:
    """Where the actor's mark stands: it never goes back, and never beyond the last line."""
    conversation = await lock_conversation(call, request.demand)
    await require_right(call, request.demand)
    mine = {"demand": request.demand, "me": call.me}
    before: int = await call.value(MARK, **mine)
    now = max(before, min(request.seq, conversation.last_seq))
    if now > before:
        await call.run(MOVE, **mine, seq=now)
        await revise(call, request.demand)
    return ReadUpTo(seq=now)
