"""What became of deliveries."""

from api.call import HotCall
from contracts import wire
from contracts.deliveries import Settled, SettleDeliveries

SETTLE = "SELECT failure, body FROM deliveries_settle_v1($1)"


async def settle_deliveries(call: HotCall, request: SettleDeliveries) -> Settled:
    """How many deliveries this call settled or put back in line."""
    reply: Settled = await call.plain(SETTLE, wire.encode(request.results).decode())
    return reply
