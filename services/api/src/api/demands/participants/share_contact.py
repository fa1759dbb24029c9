"""Show the actor's own phone to their counterparts."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand, require_version
from api.outbox import announce
from api.standing import require_right
from contracts.failures import InvalidRequest
from contracts.kinds import Notice
from contracts.notices import NoData
from contracts.participants import ShareContact
from contracts.shapes import Done

PHONE = text("SELECT phone FROM users WHERE id = :me")
SHARE = text("""
    UPDATE participants SET contact_shared_at = coalesce(contact_shared_at, now())
    WHERE demand_id = :demand AND user_id = :me AND left_at IS NULL
""")


async def share_contact(call: Call, request: ShareContact) -> Done:
    """Done, and told to the others with the phone filled in only as it is sent; the ledger's notice has none.

    `Forbidden` for who looks on without a seat, `InvalidRequest` when no phone is known,
    `VersionConflict` when the demand has changed hands since whoever acts saw it.
    """
    demand = await lock_demand(call, request.demand)
    await require_right(call, demand.id)
    require_version(demand, request.version)
    await call.run(SHARE, demand=demand.id, me=call.me)
    if await call.value(PHONE, me=call.me) is None:
        raise InvalidRequest(problem="no phone is known")
    await announce(call, demand.id, Notice.CONTACT_SHARED, NoData(), call.me)
    await call.audit(demand.id)
    return Done()
