"""Take up a closed demand again."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import Locked, lock_demand, require_version
from api.standing import Standing, require_right
from contracts.demand_life import ReopenDemand, Reopened
from contracts.failures import AlreadyClosed, Forbidden, NotFound, TooManyOpen
from contracts.kinds import CloseReason

REQUESTER = text("SELECT requester_id FROM demands WHERE id = :demand")
# The requester's row is locked: neither their ban nor another demand of theirs comes in between. Who was erased asks for
# nothing any more, and nobody would hear who comes.
MAY_ASK = text("""
    SELECT u.banned_at IS NULL AND u.erased_at IS NULL AND coalesce(u.restricted_until <= now(), true) AS welcome,
      (SELECT count(*) FROM demands d WHERE d.requester_id = u.id AND d.status IN ('draft', 'waiting', 'held')) AS open
    FROM users u WHERE u.id = :requester
""")
IN_USE = text("SELECT true FROM scenarios WHERE id = :scenario AND retired_at IS NULL FOR SHARE")
TOO_LATE = text("SELECT CAST(:closed_at AS timestamptz) < now() - make_interval(days => :days)")
REOPEN = text("""
    SELECT json_build_object('id', n.id, 'number', n.number, 'ahead', demands_ahead_v1(n), 'version', n.version)::text
    FROM (SELECT (r).* FROM (SELECT reopen_demand_v1(d, CAST(:me AS uuid), :trace) AS r FROM demands d WHERE d.id = :demand
      OFFSET 0) again OFFSET 0) n
""")


async def reopen_demand(call: Call, request: ReopenDemand) -> Reopened:
    """The demand, waiting again with the age it had; who declined it is not offered it.

    `AlreadyClosed` when it has been closed for too long (7 days unless set otherwise), `TooManyOpen` when its requester
    has as many as one may. What staff ended (moderated) only staff takes up again; nothing is reopened in a scenario out
    of use, or for somebody banned, restricted or erased: `Forbidden`.
    """
    requester = await call.value(REQUESTER, demand=request.demand)
    demand = await lock_demand(call, request.demand, *([] if requester is None else [requester]))
    standing = await require_right(call, demand.id)
    require_version(demand, request.version)
    await _require_possible(call, demand, standing)
    reopened = await call.one(
        REOPEN, Reopened, demand=demand.id, me=call.user.id if call.user else None, trace=call.traceparent
    )
    if reopened is None:
        raise NotFound
    if call.user is None or call.user.id != demand.requester:
        await call.audit(demand.id, number=reopened.number)
    return reopened


async def _require_possible(call: Call, demand: Locked, standing: Standing) -> None:
    if demand.close_reason is CloseReason.MODERATED and not standing.is_staff:
        raise Forbidden
    if await call.value(TOO_LATE, closed_at=demand.closed_at, days=call.settings.reopen_days):
        raise AlreadyClosed
    asks = (await call.db.execute(MAY_ASK, {"requester": demand.requester})).one()
    if not asks.welcome or not await call.value(IN_USE, scenario=demand.scenario):
        raise Forbidden
    limit = call.settings.open_demands_per_user
    if asks.open >= limit:
        raise TooManyOpen(limit=limit)
