"""Owe a delivery anew."""

from uuid import UUID

import msgspec
from sqlalchemy import text

from api.call import Call
from contracts.deliveries import NotRetried, Retried, Retry, RetryDelivery
from contracts.failures import NotFound
from contracts.kinds import DeliveryStatus
from contracts.shapes import DeliveryId

# The chat's row first, as begin and settle do, and as firmly as whoever changes whether it can be reached: what is written
# anew to a chat for somebody who comes back only keeps it from changing, and may stand in for the same delivery.
PLACE = text("""
    SELECT t.reachable FROM destinations t
    WHERE t.id = (SELECT d.destination_id FROM deliveries d WHERE d.id = :delivery) FOR UPDATE
""")
STANDS = text("""
    SELECT json_build_object('status', d.status, 'demand', d.demand_id,
      'superseded', EXISTS (SELECT FROM deliveries l WHERE l.supersedes = d.id))::text
    FROM deliveries d WHERE d.id = :delivery
""")
RETRY = text("SELECT retry_delivery_v1(:delivery, :trace)")
FAILED = frozenset({DeliveryStatus.PARKED, DeliveryStatus.REFUSED})


class _Stands(msgspec.Struct):
    status: DeliveryStatus
    demand: UUID | None
    superseded: bool


async def retry_delivery(call: Call, request: RetryDelivery) -> Retry:
    """The delivery that stands in its place now, last in its chat's line; what it says is read when its turn comes."""
    reachable: bool | None = await call.value(PLACE, delivery=request.delivery)
    stands = await call.one(STANDS, _Stands, delivery=request.delivery)
    if stands is None or reachable is None:
        raise NotFound
    if stands.status not in FAILED or stands.superseded or not reachable:
        return NotRetried(status=stands.status, is_reachable=reachable)
    anew: UUID = await call.value(RETRY, delivery=request.delivery, trace=call.traceparent)
    await call.audit(stands.demand, delivery=request.delivery, retried_as=anew)
    return Retried(delivery=DeliveryId(anew))
