"""Decide about a report."""

from sqlalchemy import text

from api.call import Call
from api.outbox import owe, owe_cards, record
from api.rights import Relation
from contracts.failures import AlreadyExists, NotFound
from contracts.kinds import Notice, ReportStatus
from contracts.notices import ReportResolved
from contracts.reports import Report, ResolveReport

LOCK = text("SELECT report_reply_v1(r) FROM reports r WHERE r.id = :report FOR NO KEY UPDATE")
MAY_DECIDE = text("""
    SELECT EXISTS (SELECT FROM memberships
        WHERE user_id = :me AND scenario_id = :scenario AND kind = 'moderator' AND state = 'live')
      AND NOT EXISTS (SELECT FROM reports r WHERE r.id = :report AND is_part_of_v1(:me, r))
""")
RESOLVE = text("""
    UPDATE reports r SET status = 'resolved', decision = :decision, note = :note, resolved_at = now(),
      resolved_by = CAST(:me AS uuid)
    WHERE r.id = :report RETURNING report_reply_v1(r)
""")


async def resolve_report(call: Call, request: ResolveReport) -> Report:
    """The report as it is now, told to whoever made it; `AlreadyExists` when it was resolved before.

    `NotFound` for one of a scenario that the actor does not moderate, and for one about a demand that they were in when it
    was made: only an admin decides about what concerns themselves.
    """
    report = await call.one(LOCK, Report, report=request.report)
    if not call.is_admin:
        # Asked also of no report at all: absent costs the same statements as hidden.
        scenario = report.scenario if report else None
        if not await call.value(MAY_DECIDE, me=call.me, scenario=scenario, report=request.report):
            raise NotFound
        call.require({Relation.MODERATOR})
    if report is None:
        raise NotFound
    if report.status is ReportStatus.RESOLVED:
        raise AlreadyExists
    me = call.user.id if call.user else None
    resolved = await call.one(
        RESOLVE, Report, report=report.id, decision=request.decision.value, note=request.note, me=me
    )
    if resolved is None:
        raise NotFound
    told = ReportResolved(number=report.number, decision=request.decision)
    await owe(call, [report.reporter], Notice.REPORT_RESOLVED, told)
    await call.audit(report.id, demand=report.demand, decision=request.decision)
    await record(call, "report", report.id, "resolved", report=report.id, demand=report.demand, status=resolved.status)
    await owe_cards(call, report.demand, report.scenario)
    return resolved
