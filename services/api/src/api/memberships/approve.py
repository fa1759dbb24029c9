"""Say yes to somebody who applied."""

from sqlalchemy import text

from api.call import Call
from api.leaving import lock_people
from api.memberships.rights import require_live, require_staff
from api.memberships.telling import record_changed, tell_gain
from contracts.failures import NotFound
from contracts.kinds import Notice
from contracts.memberships import ApproveMembership, Membership

APPROVE = text("""
    UPDATE memberships m SET state = 'live', changed_at = now()
    WHERE m.user_id = :user AND m.scenario_id = :scenario AND m.kind = 'provider' AND m.state = 'applied'
    RETURNING membership_reply_v1(m)::text
""")


async def approve_membership(call: Call, request: ApproveMembership) -> Membership:
    """The live membership; `NotFound` when nobody applied, or somebody else decided already."""
    await require_live(call, request.scenario)
    await lock_people(call, request.user)
    await require_staff(call, request.scenario)
    approved = await call.one(APPROVE, Membership, user=request.user, scenario=request.scenario)
    if approved is None:
        raise NotFound
    await tell_gain(call, approved, Notice.MEMBERSHIP_APPROVED)
    await call.audit(approved.user, scenario=approved.scenario)
    await record_changed(call, approved)
    return approved
