"""Find reports."""

from sqlalchemy import text

from api.call import Call
from api.rights import Relation
from contracts.failures import Forbidden
from contracts.reports import Report, ReportPage, SearchReports

MODERATES = text("""
    SELECT EXISTS (SELECT FROM memberships WHERE user_id = :me AND kind = 'moderator' AND state = 'live')
""")
SEARCH = text("""
    SELECT report_reply_v1(r) FROM reports r JOIN demands d ON d.id = r.demand_id
    WHERE (CAST(:status AS text) IS NULL OR r.status = :status)
      AND (CAST(:scenario AS uuid) IS NULL OR d.scenario_id = :scenario)
      AND (CAST(:demand AS uuid) IS NULL OR r.demand_id = :demand)
      AND (:all OR d.scenario_id IN (SELECT m.scenario_id FROM memberships m
          WHERE m.user_id = CAST(:me AS uuid) AND m.kind = 'moderator' AND m.state = 'live')
        AND NOT is_part_of_v1(CAST(:me AS uuid), r))
    ORDER BY r.created_at, r.id LIMIT :limit + 1 OFFSET :offset
""")


async def search_reports(call: Call, request: SearchReports) -> ReportPage:
    """One page, oldest first: of every scenario for admins, for moderators of theirs; `Forbidden` for others.

    Moderators find none about a demand that they were in when it was made.
    """
    if not call.is_admin:
        if not await call.value(MODERATES, me=call.me):
            raise Forbidden
        call.require({Relation.MODERATOR})
    found, more = await call.page(
        SEARCH,
        Report,
        me=call.user.id if call.user else None,
        all=call.is_admin,
        status=request.status.value if request.status else None,
        scenario=request.scenario,
        demand=request.demand,
        limit=request.limit,
        offset=request.offset,
    )
    return ReportPage(items=found, more=more)
