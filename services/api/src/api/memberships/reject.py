"""Say no to somebody who applied."""

from sqlalchemy import text

from api.call import Call
from api.memberships.rights import require_live, require_staff
from api.memberships.telling import notice_of, record_changed
from api.outbox import owe
from contracts.failures import NotFound
from contracts.kinds import Notice
from contracts.memberships import Membership, RejectMembership

REJECT = text("""
    UPDATE memberships m SET state = 'rejected', changed_at = now()
    WHERE m.user_id = :user AND m.scenario_id = :scenario AND m.kind = 'provider' AND m.state = 'applied'
    RETURNING membership_reply_v1(m)::text
""")


async def reject_membership(call: Call, request: RejectMembership) -> Membership:
    """The rejected application, told to who made it; `NotFound` when nobody applied, or somebody decided already."""
    await require_live(call, request.scenario)
    await require_staff(call, request.scenario)
    rejected = await call.one(REJECT, Membership, user=request.user, scenario=request.scenario)
    if rejected is None:
        raise NotFound
    await owe(call, [rejected.user], Notice.MEMBERSHIP_CHANGED, notice_of(rejected))
    await call.audit(rejected.user, scenario=rejected.scenario, kind=rejected.kind, reason=request.reason)
    await record_changed(call, rejected)
    return rejected
