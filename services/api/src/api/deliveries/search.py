"""Find deliveries."""

from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from api.call import Call
from contracts.deliveries import DeliveryLine, DeliveryPage, SearchDeliveries

SEARCH = """
    SELECT json_build_object('id', d.id, 'destination', d.destination_id, 'recipient', d.recipient_id,
      'demand', d.demand_id, 'message', d.message_id, 'kind', d.kind, 'notice', d.notice, 'status', d.status,
      'reason', d.reason, 'attempts', d.attempts, 'doubts', d.doubts, 'supersedes', d.supersedes,
      'superseded_by', (SELECT l.id FROM deliveries l WHERE l.supersedes = d.id),
      'owed_at', d.created_at, 'began_at', d.began_at, 'settled_at', d.settled_at)::text
    FROM deliveries d WHERE {filter} ORDER BY d.id DESC LIMIT :limit + 1 OFFSET :offset
"""
# Only what is asked for becomes part of the statement, so that each has the plan it deserves.
GIVEN = {
    "status": "d.status = :status",
    "destination": "d.destination_id = :destination",
    "demand": "d.demand_id = :demand",
    # An id says when it was drawn, which is not before the transaction began: whatever is older is not even looked at.
    "since": "d.created_at >= :since AND d.id >= :since_id",
}


def searching(request: SearchDeliveries) -> tuple[TextClause, dict[str, Any]]:
    """The statement that selects a page and one line more, and its values."""
    asked = {name: getattr(request, name) for name in GIVEN}
    given = {name: value for name, value in asked.items() if value is not None}
    if request.since is not None:
        given["since_id"] = UUID(int=max(0, int(request.since.timestamp() * 1000)) << 80)
    conditions = " AND ".join(GIVEN[name] for name in asked if name in given) or "true"
    return text(SEARCH.format(filter=conditions)), {**given, "limit": request.limit, "offset": request.offset}


async def search_deliveries(call: Call, request: SearchDeliveries) -> DeliveryPage:
    """One page, the latest first, of what was owed and what became of it; never of what it says."""
    statement, values = searching(request)
    found, more = await call.page(statement, DeliveryLine, **values)
    return DeliveryPage(items=found, more=more)
