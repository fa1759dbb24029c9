"""Taking a person out of demands: what they hold goes back to the queue, what they asked for ends, seats are given up.

Everybody concerned is locked first, people before demands and each in the order of their ids, and the look is repeated
under the locks: nothing can come or go after that until the transaction ends.
"""

from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import text

from api.call import Call
from api.outbox import announce, record
from contracts.failures import Banned, Busy, Forbidden, NotSignedIn
from contracts.kinds import CloseReason, MembershipKind, Notice, Role
from contracts.notices import ClosedFor
from contracts.shapes import DemandId, ScenarioId, UserId

PEOPLE = text("SELECT id FROM users WHERE id = ANY (CAST(:people AS uuid[])) ORDER BY id FOR NO KEY UPDATE")
DOER = text(
    "SELECT json_build_object('is_admin', is_admin, 'banned', banned_at IS NOT NULL)::text FROM users WHERE id = :me"
)
# One demand can concern a person in one way only: who holds it or asked for it does not sit there as a moderator. Each way
# is a look of its own, by its own index: an OR of them would read every demand there ever was.
CONCERNS = text("""
    SELECT json_build_object('id', c.id, 'scenario', c.scenario_id, 'provider', c.provider_id, 'as_role', c.as_role,
      'active', c.status IN ('waiting', 'held'))::text
    FROM (
      SELECT d.id, d.scenario_id, d.provider_id, d.status, 'provider' AS as_role
      FROM demands d WHERE d.provider_id = :user
      UNION ALL
      SELECT d.id, d.scenario_id, d.provider_id, d.status, 'requester'
      FROM demands d WHERE d.requester_id = :user
        AND d.status = ANY (CASE WHEN :drafts THEN '{draft,waiting,held}' ELSE '{waiting,held}' END::text[])
      UNION ALL
      SELECT d.id, d.scenario_id, d.provider_id, d.status, 'moderator'
      FROM participants p JOIN demands d ON d.id = p.demand_id
      WHERE p.user_id = :user AND p.left_at IS NULL AND p.role = 'moderator') c
    WHERE c.as_role = ANY (CAST(:roles AS text[])) AND (CAST(:scenario AS uuid) IS NULL OR c.scenario_id = :scenario)
    ORDER BY c.id
""")
DEMANDS = text("SELECT id FROM demands WHERE id = ANY (CAST(:demands AS uuid[])) ORDER BY id FOR NO KEY UPDATE")
REQUEUE = text("SELECT unseat_provider_v1(d, false, :trace) FROM demands d WHERE d.id = :demand")
END = text("SELECT end_demand_v1(:demand, CAST(:me AS uuid), :reason)")
IS_ADMIN = text("SELECT is_admin FROM users WHERE id = :user")
LIVE = text("SELECT scenario_id, kind FROM memberships WHERE user_id = :user AND state = 'live'")
GIVE_UP = text("SELECT give_up_seats_v1(CAST(:demands AS uuid[]), :user, :trace)")
TRIES = 5


class Concern(msgspec.Struct, frozen=True):
    """A demand and what ties a person to it."""

    id: DemandId
    scenario: ScenarioId
    provider: UserId | None
    as_role: Role
    active: bool


class DoerNow(msgspec.Struct, frozen=True):
    """What the actor is under the locks."""

    is_admin: bool
    banned: bool


async def lock_people(call: Call, *people: UUID) -> None:
    """The rows of these people and the actor, locked in the order of their ids, and the actor's standing read anew.

    `Banned` or `Forbidden` where somebody took the actor's rights away while this call waited for the locks.
    """
    await call.db.execute(PEOPLE, {"people": sorted({*people, *([call.user.id] if call.user else [])})})
    if call.user is None:
        return
    now = await call.one(DOER, DoerNow, me=call.user.id)
    if now is None:
        raise NotSignedIn
    if now.banned:
        raise Banned
    if call.user.is_admin and not now.is_admin:
        raise Forbidden


async def lock_out(
    call: Call, user: UserId, *roles: Role, scenario: ScenarioId | None = None, drafts: bool = False
) -> list[Concern]:
    """Every demand that ties the user in one of these roles, with all who hold one, locked until the transaction ends.

    Requesters only as far as their demands are active (`drafts`: or not submitted yet). `Busy` when the ties change
    quicker than they can be locked.
    """
    looked = {"user": user, "roles": [role.value for role in roles], "scenario": scenario, "drafts": drafts}
    for _ in range(TRIES):
        savepoint = await call.db.begin_nested()
        seen = await call.all(CONCERNS, Concern, **looked)
        await lock_people(call, user, *(one.provider for one in seen if one.provider is not None))
        await call.db.execute(DEMANDS, {"demands": [one.id for one in seen]})
        locked = await call.all(CONCERNS, Concern, **looked)
        if {(one.id, one.provider) for one in locked} <= {(one.id, one.provider) for one in seen}:
            return locked
        # Let everything go: who came meanwhile is locked in order with the others.
        await savepoint.rollback()
    raise Busy(retry_after=0.1)


async def out_of_place(call: Call, user: UserId, concerns: list[Concern]) -> list[Concern]:
    """Those that the person holds, or sits in as a moderator, where nothing lets them be any more; asked after the change.

    A provider's membership lets them hold; a moderator's and an admin's right do as well, because staff may take over.
    """
    if await call.value(IS_ADMIN, user=user):
        return []
    live = (await call.db.execute(LIVE, {"user": user})).all()
    may_hold = {scenario for scenario, _ in live}
    may_sit = {scenario for scenario, kind in live if kind == MembershipKind.MODERATOR}
    return [
        one
        for one in concerns
        if (one.as_role is Role.PROVIDER and one.scenario not in may_hold)
        or (one.as_role is Role.MODERATOR and one.scenario not in may_sit)
    ]


async def requeue(call: Call, concerns: list[Concern]) -> int:
    """Put what the person holds back where it stood in the queue, without blame, told to the others; how many."""
    held = [one for one in concerns if one.as_role is Role.PROVIDER]
    for one in held:
        await call.value(REQUEUE, demand=one.id, trace=call.traceparent)
    return len(held)


async def end(
    call: Call, user: UserId, concerns: list[Concern], reason: Literal[CloseReason.MODERATED, CloseReason.CANCELLED]
) -> int:
    """Close what the person asked for; told to the others and not to them. How many."""
    own = [one for one in concerns if one.as_role is Role.REQUESTER]
    me = call.user.id if call.user else None
    for one in own:
        await call.value(END, demand=one.id, me=me, reason=reason.value)
        if not one.active:
            continue  # a draft was never seen by anybody
        by = Role.REQUESTER if me == user else None
        await announce(call, one.id, Notice.CLOSED, ClosedFor(reason=reason, by=by), user)
        await record(call, "demand", one.id, "closed", demand=one.id, scenario=one.scenario, by=me, reason=reason)
    return len(own)


async def give_up_seats(call: Call, user: UserId, concerns: list[Concern]) -> int:
    """Take the person out where they sit as a moderator; said aloud where the demand goes on. How many."""
    seats = [one.id for one in concerns if one.as_role is Role.MODERATOR]
    await call.value(GIVE_UP, demands=seats, user=user, trace=call.traceparent)
    return len(seats)
