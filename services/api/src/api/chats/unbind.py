"""Show a scenario's demands in a group no longer."""

from sqlalchemy import text

from api.call import Call
from api.chats.rights import require_staff
from contracts.chats import UnbindChat
from contracts.failures import NotFound
from contracts.shapes import Done

UNBIND = text("""
    DELETE FROM staff_chats c USING destinations t
    WHERE c.scenario_id = :scenario AND t.id = c.destination_id AND t.channel = 'telegram' AND t.address = :address
""")


# Cards of what goes on would go on saying that somebody waits.
LAST_CARDS = text("""
    WITH owed AS (
      INSERT INTO deliveries (destination_id, demand_id, kind, traceparent)
      SELECT t.id, d.id, 'card', :trace
      FROM destinations t JOIN demands d ON d.scenario_id = :scenario AND d.status IN ('waiting', 'held')
      WHERE t.channel = 'telegram' AND t.address = :address AND t.reachable AND EXISTS (SELECT FROM card_parts_v1(d.id, t.id))
      ORDER BY d.submitted_at, d.id LIMIT 100 FOR KEY SHARE OF t
      RETURNING destination_id)
    INSERT INTO outbox (subject, body, traceparent)
    SELECT DISTINCT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), :trace
    FROM owed
""")


async def unbind_chat(call: Call, request: UnbindChat) -> Done:
    """Done; what the group was owed of it is not sent any more, and its cards say so. `NotFound` when it was not bound."""
    await require_staff(call, request.scenario, retired=True)
    if not await call.run(UNBIND, scenario=request.scenario, address=request.address):
        raise NotFound
    await call.run(LAST_CARDS, scenario=request.scenario, address=request.address, trace=call.traceparent)
    await call.audit(request.scenario, address=request.address)
    return Done()
