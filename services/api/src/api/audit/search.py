"""Look up who did what."""

from sqlalchemy import text

from api.call import Call
from contracts.people import AuditLine, AuditPage, SearchAudit

SEARCH = text("""
    SELECT json_build_object('at', a.at, 'actor', a.actor, 'operation', a.operation, 'subject', a.subject_id,
      'detail', a.detail, 'traceparent', a.traceparent)::text
    FROM audit a
    WHERE (CAST(:actor AS text) IS NULL OR a.actor = :actor)
      AND (CAST(:operation AS text) IS NULL OR a.operation = :operation)
      AND (CAST(:subject AS uuid) IS NULL OR a.subject_id = :subject)
      AND (CAST(:since AS timestamptz) IS NULL OR a.at >= :since)
      AND (CAST(:before AS timestamptz) IS NULL OR a.at < :before)
    ORDER BY a.id DESC LIMIT :limit + 1 OFFSET :offset
""")


async def search_audit(call: Call, request: SearchAudit) -> AuditPage:
    """One page, newest first."""
    found, more = await call.page(
        SEARCH, AuditLine, actor=request.actor, operation=request.operation, subject=request.subject,
        since=request.since, before=request.before, limit=request.limit, offset=request.offset,
    )  # fmt: skip
    return AuditPage(items=found, more=more)
