"""A channel says whether a chat can be written to."""

from sqlalchemy import text

from api.call import Call
from contracts.shapes import Done
from contracts.users import SetReachable

SET = text("""
    SELECT CASE WHEN :reachable THEN destination_reachable_v1(t.id, :trace)::text
                ELSE destination_unreachable_v1(t.id)::text END
    FROM destinations t WHERE t.channel = 'telegram' AND (t.address = :address
      OR :reachable AND NOT t.reachable AND t.chat_id = (
        SELECT g.id FROM destinations g WHERE g.channel = 'telegram' AND g.address = :address))
""")


async def set_reachable(call: Call, request: SetReachable) -> Done:
    """Done, also for a chat nobody knows: what live demands owe a chat that is back is owed anew, and its topics."""
    await call.value(SET, address=request.address, reachable=request.reachable, trace=call.traceparent)
    return Done()
