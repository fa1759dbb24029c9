"""Ask to become a provider."""

from uuid import UUID

from sqlalchemy import text

from api.call import Call
from api.memberships.rights import require_live
from api.memberships.telling import notice_of, record_changed
from api.outbox import owe
from contracts.failures import AlreadyExists
from contracts.kinds import Notice
from contracts.memberships import ApplyMembership, Membership

APPLY = text("""
    INSERT INTO memberships AS m (user_id, scenario_id, kind, state) VALUES (:me, :scenario, 'provider', 'applied')
    ON CONFLICT (user_id, kind, scenario_id) DO UPDATE SET state = 'applied', changed_at = now()
      WHERE m.state IN ('rejected', 'removed')
    RETURNING membership_reply_v1(m)::text
""")
# Without a moderator of its own a scenario is looked after by the admins.
DECIDERS = text("""
    WITH moderators AS (SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id AND u.banned_at IS NULL
      WHERE m.scenario_id = :scenario AND m.kind = 'moderator' AND m.state = 'live')
    SELECT user_id FROM moderators
    UNION SELECT id FROM users WHERE is_admin AND banned_at IS NULL AND NOT EXISTS (SELECT FROM moderators)
""")


async def apply_membership(call: Call, request: ApplyMembership) -> Membership:
    """The application, told to those who decide; `AlreadyExists` for members and those who wait for an answer."""
    await require_live(call, request.scenario)
    applied = await call.one(APPLY, Membership, me=call.me, scenario=request.scenario)
    if applied is None:
        raise AlreadyExists
    deciders: list[UUID] = list((await call.db.execute(DECIDERS, {"scenario": request.scenario})).scalars())
    await owe(call, deciders, Notice.MEMBERSHIP_APPLIED, notice_of(applied))
    await record_changed(call, applied)
    return applied
