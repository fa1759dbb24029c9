"""Pause a membership, or change how often its holder is chosen."""

from msgspec import UNSET
from sqlalchemy import text

from api.call import Call
from api.leaving import lock_people
from api.memberships.rights import require_over, require_staff
from api.memberships.telling import record_changed
from api.outbox import owe
from contracts.failures import InvalidRequest, NotFound
from contracts.kinds import Notice
from contracts.memberships import Membership, UpdateMembership
from contracts.notices import MembershipPaused

UPDATE = text("""
    UPDATE memberships m SET changed_at = now(),
      routing_factor = coalesce(CAST(:routing_factor AS double precision), m.routing_factor),
      paused_until = CASE WHEN :pauses THEN CAST(:paused_until AS timestamptz) ELSE m.paused_until END
    WHERE m.user_id = :user AND m.scenario_id = :scenario AND m.kind = :kind AND m.state = 'live'
    RETURNING membership_reply_v1(m)::text
""")


async def update_membership(call: Call, request: UpdateMembership) -> Membership:
    """The membership as it is now; a pause by somebody else is told to the member.

    What a paused provider holds they keep. `NotFound` for a membership that is not live, `Forbidden` for another's, or
    for a factor of one's own, to who is not the scenario's staff.
    """
    pauses = request.paused_until is not UNSET
    if not pauses and request.routing_factor is UNSET:
        raise InvalidRequest(problem="nothing to change")
    until = None if request.paused_until is UNSET else request.paused_until
    user = request.user or call.me
    await lock_people(call, user)
    await require_over(call, user, request.scenario, request.kind)
    if request.routing_factor is not UNSET:
        await require_staff(call, request.scenario)
    changed = await call.one(
        UPDATE, Membership, user=user, scenario=request.scenario, kind=request.kind.value, pauses=pauses,
        paused_until=until, routing_factor=None if request.routing_factor is UNSET else request.routing_factor,
    )  # fmt: skip
    if changed is None:
        raise NotFound
    if call.user is None or user != call.user.id:
        if pauses:
            said = MembershipPaused(place=changed.place, resource=changed.resource, until=changed.paused_until)
            await owe(call, [user], Notice.MEMBERSHIP_PAUSED, said)
        await call.audit(
            user,
            scenario=changed.scenario,
            kind=changed.kind,
            routing_factor=changed.routing_factor,
            paused_until=until,
        )
    await record_changed(call, changed)
    return changed
