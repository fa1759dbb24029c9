"""Who is what, where."""

from sqlalchemy import text

from api.call import Call
from api.memberships.rights import require_staff
from contracts.failures import NotFound
from contracts.memberships import ListMemberships, Membership, MembershipPage

EXISTS = text("SELECT true FROM scenarios WHERE id = :scenario")
LIST = text("""
    SELECT membership_reply_v1(m)::text FROM memberships m
    WHERE (CAST(:user AS uuid) IS NULL OR m.user_id = :user)
      AND (CAST(:scenario AS uuid) IS NULL OR m.scenario_id = :scenario)
      AND (CAST(:kind AS text) IS NULL OR m.kind = :kind) AND (CAST(:state AS text) IS NULL OR m.state = :state)
    ORDER BY m.created_at, m.user_id, m.scenario_id, m.kind LIMIT :limit + 1 OFFSET :offset
""")


async def list_memberships(call: Call, request: ListMemberships) -> MembershipPage:
    """One page of the actor's own; with a scenario all of it, `Forbidden` for who is not its staff."""
    if request.scenario is not None:
        if not await call.value(EXISTS, scenario=request.scenario):
            raise NotFound
        await require_staff(call, request.scenario)
    found = await call.all(
        LIST, Membership, user=call.me if request.scenario is None else None, scenario=request.scenario,
        kind=request.kind.value if request.kind else None, state=request.state.value if request.state else None,
        limit=request.limit, offset=request.offset,
    )  # fmt: skip
    return MembershipPage(items=found[: request.limit], more=len(found) > request.limit)
