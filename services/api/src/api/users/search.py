"""Find people."""

from sqlalchemy import text

from api.call import Call
from api.users.standing import require_moderator
from contracts.people import CountUsers, PersonLine, PersonPage, SearchUsers

# A scenario or a kind asks for live members; moderators see what the people of their own scenarios are there.
MATCHES = """
    u.erased_at IS NULL AND u.merged_into IS NULL
    AND (:query = '' OR u.words @@ search_query(:query))
    AND (CAST(:scenario AS uuid) IS NULL AND CAST(:kind AS text) IS NULL OR EXISTS (SELECT FROM memberships m
      WHERE m.user_id = u.id AND m.state = 'live' AND (CAST(:scenario AS uuid) IS NULL OR m.scenario_id = :scenario)
        AND (CAST(:kind AS text) IS NULL OR m.kind = :kind)
        AND (:all OR m.scenario_id IN (SELECT moderated_v1(CAST(:me AS uuid))))))
    AND (CAST(:is_admin AS boolean) IS NULL OR u.is_admin = :is_admin)
    AND (CAST(:banned AS boolean) IS NULL OR (u.banned_at IS NOT NULL) = :banned)
    AND (CAST(:restricted AS boolean) IS NULL OR coalesce(u.restricted_until > now(), false) = :restricted)
    AND (:all OR u.id IN (SELECT looked_after_v1(CAST(:me AS uuid))))
"""
SEARCH = text(f"""
    SELECT person_line_v1(u)::text FROM users u WHERE {MATCHES} ORDER BY u.id LIMIT :limit + 1 OFFSET :offset
""")  # noqa: S608 - a constant of this file


async def search_users(call: Call, request: SearchUsers) -> PersonPage:
    """One page, those known longest first; who was erased is not among them."""
    await require_moderator(call)
    found = await call.all(SEARCH, PersonLine, limit=request.limit, offset=request.offset, **wanted(call, request))
    return PersonPage(items=found[: request.limit], more=len(found) > request.limit)


def wanted(call: Call, request: SearchUsers | CountUsers) -> dict[str, object]:
    """What the filter is filled with."""
    return {
        "me": call.user.id if call.user else None,
        "all": call.is_admin,
        "query": request.query.strip(),
        "scenario": request.scenario,
        "kind": request.kind.value if request.kind else None,
        "is_admin": request.is_admin,
        "banned": request.banned,
        "restricted": request.restricted,
    }
