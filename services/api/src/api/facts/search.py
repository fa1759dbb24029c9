"""Find what the broker will never take."""

from sqlalchemy import text

from api.call import Call
from contracts.facts import FactLine, FactPage, SearchFacts

SEARCH = text("""
    SELECT json_build_object('id', p.msg_id, 'subject', p.subject, 'reason', p.reason, 'body', left(p.body::text, 500),
      'size', octet_length(p.body::text), 'traceparent', p.traceparent, 'recorded_at', p.created_at,
      'parked_at', p.parked_at)::text
    FROM outbox_parked p
    WHERE (CAST(:fact AS uuid) IS NULL OR p.msg_id = CAST(:fact AS uuid))
    ORDER BY p.id LIMIT :limit + 1 OFFSET :offset
""")


async def search_facts(call: Call, request: SearchFacts) -> FactPage:
    """One page, the oldest first."""
    found, more = await call.page(SEARCH, FactLine, fact=request.fact, limit=request.limit, offset=request.offset)
    return FactPage(items=found, more=more)
