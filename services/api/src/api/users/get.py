"""One person, as staff see them."""

from sqlalchemy import text

from api.call import Call
from api.users.standing import require_right_over
from contracts.failures import NotFound
from contracts.people import GetUser, PersonView

GET = text("""
    SELECT json_build_object('person', person_line_v1(u), 'created_at', u.created_at,
      'identities', (SELECT coalesce(json_agg(json_build_object('channel', i.channel,
          'reachable', coalesce(t.reachable, i.channel = 'web')) ORDER BY i.created_at, i.id), '[]')
        FROM identities i LEFT JOIN destinations t ON t.identity_id = i.id WHERE i.user_id = u.id),
      'memberships', (SELECT coalesce(json_agg(membership_reply_v1(m) ORDER BY m.created_at, m.scenario_id, m.kind), '[]')
        FROM memberships m WHERE m.user_id = u.id
          AND (:all OR m.scenario_id IN (SELECT moderated_v1(CAST(:me AS uuid))))))::text
    FROM users u WHERE u.id = :user AND u.erased_at IS NULL AND u.merged_into IS NULL
""")


async def get_user(call: Call, request: GetUser) -> PersonView:
    """The person without anything that leads to them outside; `NotFound` for whom the actor does not look after."""
    await require_right_over(call, request.user)
    me = call.user.id if call.user else None
    found = await call.one(GET, PersonView, user=request.user, me=me, all=call.is_admin)
    if found is None:
        raise NotFound
    return found
