"""Make a user a provider or moderator."""

from sqlalchemy import text

from api.call import Call
from api.memberships.rights import require_live, require_staff
from api.memberships.telling import record_changed, tell_gain
from contracts.failures import NotFound
from contracts.kinds import MembershipKind, Notice
from contracts.memberships import AssignMembership, Membership

EXISTS = text("""
    SELECT true FROM users WHERE id = :user AND banned_at IS NULL AND erased_at IS NULL AND merged_into IS NULL
    FOR NO KEY UPDATE
""")
ASSIGN = text("""
    INSERT INTO memberships AS m (user_id, scenario_id, kind, state, routing_factor)
    VALUES (:user, :scenario, :kind, 'live', :routing_factor)
    ON CONFLICT (user_id, kind, scenario_id)
      DO UPDATE SET state = 'live', routing_factor = :routing_factor, changed_at = now()
    RETURNING membership_reply_v1(m)::text
""")


async def assign_membership(call: Call, request: AssignMembership) -> Membership:
    """The live membership. Moderators may name providers; only admins name moderators."""
    await require_live(call, request.scenario)
    if request.kind is MembershipKind.MODERATOR:
        call.require_admin()
        call.require(())
    else:
        await require_staff(call, request.scenario)
    if not await call.value(EXISTS, user=request.user):
        raise NotFound
    assigned = await call.one(
        ASSIGN, Membership, user=request.user, scenario=request.scenario, kind=request.kind.value,
        routing_factor=request.routing_factor,
    )  # fmt: skip
    if assigned is None:
        raise NotFound
    await tell_gain(call, assigned, Notice.MEMBERSHIP_CHANGED)
    await call.audit(assigned.user, scenario=assigned.scenario, kind=assigned.kind)
    await record_changed(call, assigned)
    return assigned
