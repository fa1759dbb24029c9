"""Where which scenario is shown."""

from sqlalchemy import text

from api.call import Call
from api.chats.rights import require_staff
from api.rights import Relation
from contracts.chats import ListChats, StaffChat, StaffChatPage
from contracts.failures import Forbidden

MODERATES_ANY = text("""
    SELECT EXISTS (SELECT FROM memberships WHERE user_id = :me AND kind = 'moderator' AND state = 'live')
""")
LIST = text("""
    SELECT staff_chat_reply_v1(c) FROM staff_chats c JOIN destinations t ON t.id = c.destination_id
    WHERE (CAST(:scenario AS uuid) IS NULL OR c.scenario_id = CAST(:scenario AS uuid))
      AND (CAST(:address AS text) IS NULL OR t.channel = 'telegram' AND t.address = :address)
      AND (:everywhere OR c.scenario_id IN (SELECT moderated_v1(CAST(:me AS uuid))))
    ORDER BY c.bound_at, c.scenario_id, c.destination_id LIMIT :limit + 1 OFFSET :offset
""")


async def list_chats(call: Call, request: ListChats) -> StaffChatPage:
    """One page of the staff chats the actor looks after; `Forbidden` for who looks after none, or not after that scenario."""
    if request.scenario is not None:
        await require_staff(call, request.scenario, retired=True)
    elif call.is_admin:
        call.require(())
    else:
        if not await call.value(MODERATES_ANY, me=call.me):
            raise Forbidden
        call.require({Relation.MODERATOR})
    found, more = await call.page(
        LIST, StaffChat, scenario=request.scenario, address=request.address, everywhere=call.is_admin,
        me=call.user.id if call.user else None, limit=request.limit, offset=request.offset,
    )  # fmt: skip
    return StaffChatPage(items=found, more=more)
