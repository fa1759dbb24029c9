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


async def unbind_chat(call: Call, request: UnbindChat) -> Done:
    """Done; what the group was owed of it is not sent any more. `NotFound` when it was not bound."""
    await require_staff(call, request.scenario, retired=True)
    if not await call.run(UNBIND, scenario=request.scenario, address=request.address):
        raise NotFound
    await call.audit(request.scenario, address=request.address)
    return Done()
