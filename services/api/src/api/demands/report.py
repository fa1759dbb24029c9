"""Tell moderators that something is wrong in a demand."""

from uuid import UUID

from msgspec import json
from sqlalchemy import text

from api.call import Call
from api.demands.lock import Locked, lock_demand
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
# Who decides about it: moderators of the scenario who were no part of it, else admins who were none. Only where there is
# nobody else at all, an admin from inside: unread it would help no one.
TOLD = text("""
    SELECT user_id, min(place) AS place FROM (
      SELECT m.user_id, 1 AS place FROM reports r, memberships m JOIN users u ON u.id = m.user_id AND u.banned_at IS NULL
      WHERE r.id = :report AND m.scenario_id = :scenario AND m.kind = 'moderator' AND m.state = 'live'
        AND NOT is_part_of_v1(m.user_id, r)
      UNION ALL
      SELECT u.id, CASE WHEN is_part_of_v1(u.id, r) THEN 3 ELSE 2 END FROM reports r, users u
      WHERE r.id = :report AND u.is_admin AND u.banned_at IS NULL) t
    WHERE user_id <> :me GROUP BY user_id ORDER BY user_id
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
    named = json.decode(await call.value(SCENARIO, scenario=demand.scenario))
    await _tell(call, demand, ReportMade(number=demand.number, demand=demand.id, report=ReportId(made), **named))
    await record(call, "report", made, "made", report=made, demand=demand.id, status=ReportStatus.OPEN)
    await owe_cards(call, demand.id, demand.scenario)
    return Reported(id=ReportId(made), demand=demand.id, number=demand.number)


async def _tell(call: Call, demand: Locked, made: ReportMade) -> None:
    """Tell moderators; where that reaches nobody now, admins as well."""
    asked = {"report": made.report, "scenario": demand.scenario, "me": call.me}
    who: dict[int, list[UUID]] = {1: [], 2: [], 3: []}
    for user, place in (await call.db.execute(TOLD, asked)).all():
        who[place].append(user)
    moderators, admins, insiders = who.values()
    if await owe(call, moderators, Notice.REPORT_MADE, made):
        return
    if admins or not moderators:
        await owe(call, admins or insiders, Notice.REPORT_MADE, made)
