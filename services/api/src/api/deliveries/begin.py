"""What destinations are owed next."""

from api.call import HotCall
from contracts.deliveries import BeginDeliveries, Begun

BEGIN = "SELECT failure, body FROM deliveries_begin_v2($1, $2, $3)"


async def begin_deliveries(call: HotCall, request: BeginDeliveries) -> Begun:
    """At most one delivery per destination, set to sending; whoever began it settles it."""
    reply: Begun = await call.plain(BEGIN, request.destinations, request.holder, call.settings.delivery_lease_seconds)
    return reply
