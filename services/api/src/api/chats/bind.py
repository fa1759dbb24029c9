"""Show a scenario's demands in a group."""

from uuid import UUID

from msgspec import UNSET
from sqlalchemy import text

from api.call import Call
from api.chats.rights import require_staff
from contracts.chats import BindChat, StaffChat
from contracts.failures import NotFound

PLACE = text("""
    INSERT INTO destinations AS t (channel, address) VALUES ('telegram', :address)
    ON CONFLICT (channel, address) DO UPDATE SET address = t.address RETURNING t.id
""")
STANDS = text("SELECT true FROM staff_chats WHERE scenario_id = :scenario AND destination_id = :place")
BIND = text("""
    INSERT INTO staff_chats AS c (scenario_id, destination_id, title, locale, topics, group_grants_membership)
    VALUES (:scenario, :place, coalesce(:title, ''), coalesce(:locale, 'en'), coalesce(CAST(:topics AS boolean), false),
      coalesce(CAST(:group_grants_membership AS boolean), false))
    ON CONFLICT (scenario_id, destination_id) DO UPDATE SET title = coalesce(:title, c.title),
      locale = coalesce(:locale, c.locale), topics = coalesce(CAST(:topics AS boolean), c.topics),
      group_grants_membership = coalesce(CAST(:group_grants_membership AS boolean), c.group_grants_membership)
    RETURNING staff_chat_reply_v1(c)
""")
# A group begins with what goes on now, the most urgent first; more than that nobody reads through there.
CARDS = text("""
    SELECT owe_cards_v1(d.id, d.scenario_id, :trace, :place) FROM (
      SELECT w.id, w.scenario_id FROM demands w WHERE w.scenario_id = :scenario AND w.status IN ('waiting', 'held')
      ORDER BY w.rank, w.submitted_at, w.id LIMIT 100) d
""")
SETTINGS = ("title", "locale", "topics", "group_grants_membership")


async def bind_chat(call: Call, request: BindChat) -> StaffChat:
    """The staff chat as it is now; a group bound anew is owed a card for each demand that goes on.

    `NotFound` for a scenario out of use, `Forbidden` to who is not its staff, and to a moderator who would mirror it.
    """
    await require_staff(call, request.scenario)
    if request.topics is True:
        call.require_admin()
    settings = {name: None if (value := getattr(request, name)) is UNSET else value for name in SETTINGS}
    place: UUID = await call.value(PLACE, address=request.address)
    is_bound = await call.value(STANDS, scenario=request.scenario, place=place)
    bound = await call.one(BIND, StaffChat, scenario=request.scenario, place=place, **settings)
    if bound is None:
        raise NotFound
    if not is_bound:
        await call.value(CARDS, scenario=request.scenario, place=place, trace=call.traceparent)
    await call.audit(
        request.scenario,
        address=request.address,
        topics=bound.topics,
        group_grants_membership=bound.group_grants_membership,
    )
    return bound
