"""Give a demand to somebody."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import Locked, lock_demand, require_version
from api.standing import require_right
from contracts.demand_life import AssignDemand, Assigned
from contracts.failures import AlreadyDeclined, AlreadyExists, AtCapacity, Forbidden, NotFound
from contracts.kinds import DemandStatus
from contracts.shapes import UserId

# What the one chosen is, read under their lock.
CHOSEN = text("""
    SELECT u.held < u.capacity AS free, coalesce(u.restricted_until > now(), false) AS restricted,
      EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id AND m.scenario_id = :scenario AND m.kind = 'provider'
        AND m.state = 'live') AS provides,
      EXISTS (SELECT FROM participants p WHERE p.demand_id = :demand AND p.user_id = u.id AND p.left_at IS NOT NULL
        AND p.declined_at IS NOT NULL AND p.reset_at IS NULL) AS declined
    FROM users u WHERE u.id = :user AND u.banned_at IS NULL AND u.merged_into IS NULL
""")
# Shared with others who ask, in conflict with retiring the scenario meanwhile, which tells whoever waits there then.
IN_USE = text("SELECT retired_at IS NULL FROM scenarios WHERE id = :scenario FOR SHARE")
HELD = text("SELECT demands_held_v1(:user)::json -> 'held'")
ASSIGN = text("SELECT assign_provider_v1(d, :user, :own, :trace) FROM demands d WHERE d.id = :demand")
VERSION = text("SELECT version FROM demands WHERE id = :demand")


async def assign_demand(call: Call, request: AssignDemand) -> Assigned:
    """Who holds the demand now; whoever held it before is told, and everybody in it sees who came.

    A provider of the scenario, or the actor, who needs no membership to take over. `Forbidden` for anybody else, for the
    requester and for somebody restricted; `AtCapacity`, `AlreadyDeclined`, `AlreadyExists` when they hold it already;
    `VersionConflict` when it is not what whoever acts looked at.
    """
    user = request.user or call.me
    demand = await lock_demand(call, request.demand, user)
    await require_right(call, demand.id)
    require_version(demand, request.version)
    own = call.user is not None and user == call.user.id
    await _require_fit(call, demand, user, own=own)
    await call.value(ASSIGN, demand=demand.id, user=user, own=own, trace=call.traceparent)
    await call.audit(demand.id, user=user, instead_of=demand.provider)
    version = await call.value(VERSION, demand=demand.id)
    return Assigned(id=demand.id, number=demand.number, user=user, instead_of=demand.provider, version=version)


async def _require_fit(call: Call, demand: Locked, user: UserId, *, own: bool) -> None:
    chosen = (
        await call.db.execute(CHOSEN, {"user": user, "demand": demand.id, "scenario": demand.scenario})
    ).one_or_none()
    if chosen is None:
        raise NotFound
    if user == demand.provider:
        raise AlreadyExists
    if user == demand.requester or chosen.restricted or not (own or chosen.provides):
        raise Forbidden
    # A scenario out of use gives out nothing any more; what waits there is for its moderators to take over.
    if demand.status is DemandStatus.WAITING and not await call.value(IN_USE, scenario=demand.scenario) and not own:
        raise Forbidden
    if chosen.declined:
        raise AlreadyDeclined
    if not chosen.free:
        raise AtCapacity(held=await call.value(HELD, user=user))
