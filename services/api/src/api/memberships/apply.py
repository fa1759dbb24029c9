"""Ask to become a provider."""

from uuid import UUID

from sqlalchemy import text

from api.actors import Person
from api.call import Call
from api.memberships.rights import require_live
from api.memberships.telling import notice_of, record_changed
from api.outbox import owe
from contracts.failures import AlreadyExists, Forbidden, InvalidRequest
from contracts.kinds import Channel, Notice
from contracts.memberships import ApplyMembership, Membership
from contracts.shapes import ScenarioId

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


GRANTED = text("""
    SELECT d.scenario_id FROM demands d JOIN scenarios s ON s.id = d.scenario_id AND s.retired_at IS NULL
    JOIN staff_chats c ON c.scenario_id = s.id AND c.group_grants_membership JOIN destinations t ON t.id = c.destination_id
    WHERE d.id = :demand AND d.status <> 'draft' AND t.channel = 'telegram' AND t.address = :chat
""")
# Whom staff said no to, or took out, does not come back by pressing a button.
GRANT = text("""
    INSERT INTO memberships AS m (user_id, scenario_id, kind, state) VALUES (:me, :scenario, 'provider', 'live')
    ON CONFLICT (user_id, kind, scenario_id) DO UPDATE SET state = 'live', changed_at = now() WHERE m.state = 'applied'
    RETURNING membership_reply_v1(m)::text
""")
IS_LIVE = text("""
    SELECT true FROM memberships WHERE user_id = :me AND scenario_id = :scenario AND kind = 'provider' AND state = 'live'
""")


async def apply_membership(call: Call, request: ApplyMembership) -> Membership:
    """The application, told to those who decide; `AlreadyExists` for members and those who wait for an answer.

    By a card of a chat that grants it the membership itself; `Forbidden` where the chat does not, and for whom staff sent
    away.
    """
    if request.scenario is None:
        return await _granted(call, request)
    if request.demand is not None or request.chat is not None:
        raise InvalidRequest(problem="name a scenario, or a demand and a chat")
    await require_live(call, request.scenario)
    applied = await call.one(APPLY, Membership, me=call.me, scenario=request.scenario)
    if applied is None:
        raise AlreadyExists
    deciders: list[UUID] = list((await call.db.execute(DECIDERS, {"scenario": request.scenario})).scalars())
    await owe(call, deciders, Notice.MEMBERSHIP_APPLIED, notice_of(applied))
    await record_changed(call, applied)
    return applied


async def _granted(call: Call, request: ApplyMembership) -> Membership:
    if request.demand is None or request.chat is None:
        raise InvalidRequest(problem="name a scenario, or a demand and a chat")
    # Who is in a group only its own channel can tell.
    if not isinstance(call.actor, Person) or call.actor.channel != Channel.TELEGRAM:
        raise Forbidden
    scenario: ScenarioId | None = await call.value(GRANTED, demand=request.demand, chat=request.chat)
    if scenario is None:
        raise Forbidden
    granted = await call.one(GRANT, Membership, me=call.me, scenario=scenario)
    if granted is None:
        raise AlreadyExists if await call.value(IS_LIVE, me=call.me, scenario=scenario) else Forbidden
    await owe(call, [call.me], Notice.MEMBERSHIP_APPROVED, notice_of(granted))
    await call.audit(call.me, scenario=scenario, granted_by=request.chat)
    await record_changed(call, granted)
    return granted
