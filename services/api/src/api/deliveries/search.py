"""Find deliveries."""

from sqlalchemy import text

from api.call import Call
from contracts.deliveries import DeliveryLine, DeliveryPage, SearchDeliveries

SEARCH = text("""
    SELECT json_build_object('id', d.id, 'destination', d.destination_id, 'recipient', d.recipient_id,
      'demand', d.demand_id, 'message', d.message_id, 'kind', d.kind, 'notice', d.notice, 'status', d.status,
      'reason', d.reason, 'attempts', d.attempts, 'doubts', d.doubts, 'supersedes', d.supersedes,
      'superseded_by', (SELECT l.id FROM deliveries l WHERE l.supersedes = d.id),
      'owed_at', d.created_at, 'began_at', d.began_at, 'settled_at', d.settled_at)::text
    FROM deliveries d
    WHERE (CAST(:status AS text) IS NULL OR d.status = CAST(:status AS text))
      AND (CAST(:destination AS uuid) IS NULL OR d.destination_id = CAST(:destination AS uuid))
      AND (CAST(:demand AS uuid) IS NULL OR d.demand_id = CAST(:demand AS uuid))
      AND (CAST(:since AS timestamptz) IS NULL OR d.created_at >= CAST(:since AS timestamptz))
    ORDER BY d.id DESC LIMIT :limit + 1 OFFSET :offset
""")


async def search_deliveries(call: Call, request: SearchDeliveries) -> DeliveryPage:
    """One page, the latest first, of what was owed and what became of it; never of what it says."""
    found = await call.all(
        SEARCH,
        DeliveryLine,
        status=request.status.value if request.status else None,
        destination=request.destination,
        demand=request.demand,
        since=request.since,
        limit=request.limit,
        offset=request.offset,
    )
    return DeliveryPage(items=found[: request.limit], more=len(found) > request.limit)
