"""Tell moderators that something is wrong in a demand."""

from uuid import UUID

from msgspec import json
from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.outbox import owe, owe_cards, record
from api.standing import require_right
from contracts.failures import AlreadyExists
from contracts.kinds import Notice, ReportStatus
from contracts.notices import ReportMade
from contracts.reports import ReportDemand, Reported
from contracts.shapes import ReportId

# The evidence is named, not copied: a line keeps its versions, and goes only by retention or erasure.
REPORT = text("""
    INSERT INTO reports (demand_id, reporter_id, reporter_role, reason, evidence)
    SELECT :demand, :me,
      (SELECT p.role FROM participants p WHERE p.demand_id = :demand AND p.user_id = :me AND p.left_at IS NULL), :reason,
      ARRAY(SELECT m.id FROM (SELECT l.id, l.seq FROM messages l WHERE l.demand_id = :demand AND l.kind <> 'note'
        ORDER BY l.seq DESC LIMIT :lines) m ORDER BY m.seq)
    ON CONFLICT (demand_id, reporter_id) WHERE status = 'open' DO NOTHING RETURNING id
""")
# Moderators of the scenario. Where there is none but those who are in it themselves, and may be what is wrong, admins too.
TOLD = text("""
    WITH moderators AS (
      SELECT m.user_id, EXISTS (SELECT FROM participants p
        WHERE p.demand_id = :demand AND p.user_id = m.user_id AND p.left_at IS NULL) AS inside
      FROM memberships m JOIN users u ON u.id = m.user_id AND u.banned_at IS NULL
      WHERE m.scenario_id = :scenario AND m.kind = 'moderator' AND m.state = 'live' AND m.user_id <> :me)
    SELECT user_id FROM moderators UNION
    SELECT u.id FROM users u WHERE u.is_admin AND u.banned_at IS NULL AND u.id <> :me
      AND NOT EXISTS (SELECT FROM moderators WHERE NOT inside)
    ORDER BY 1
""")
SCENARIO = text(
    "SELECT json_build_object('place', place, 'resource', resource)::text FROM scenarios WHERE id = :scenario"
)


async def report_demand(call: Call, request: ReportDemand) -> Reported:
    """The report, with what was said last as its evidence; `AlreadyExists` while one of the actor's is still open."""
    demand = await lock_demand(call, request.demand)
    await require_right(call, demand.id)
    lines = call.settings.report_evidence_lines
    made: UUID | None = await call.value(REPORT, demand=demand.id, me=call.me, reason=request.reason, lines=lines)
    if made is None:
        raise AlreadyExists
    people = list(
        (await call.db.execute(TOLD, {"demand": demand.id, "scenario": demand.scenario, "me": call.me})).scalars()
    )
    named = json.decode(await call.value(SCENARIO, scenario=demand.scenario))
    told = ReportMade(number=demand.number, demand=demand.id, report=ReportId(made), **named)
    await owe(call, people, Notice.REPORT_MADE, told)
    await record(call, "report", made, "made", report=made, demand=demand.id, status=ReportStatus.OPEN)
    await owe_cards(call, demand.id, demand.scenario)
    return Reported(id=ReportId(made), demand=demand.id, number=demand.number)
