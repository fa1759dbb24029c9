"""What a person asked for and helped with, and what was decided about them."""

from sqlalchemy import text

from api.call import Call
from api.users.standing import require_right_over, standing_of
from contracts.people import DecisionLine, GetHistory, History, HistoryLine, HistoryReport

DEMANDS = text("""
    SELECT json_build_object('demand', d.id, 'number', d.number, 'scenario', d.scenario_id, 'place', s.place,
      'resource', s.resource, 'role', p.role, 'status', d.status, 'submitted_at', d.submitted_at,
      'joined_at', p.joined_at, 'left_at', p.left_at, 'declined_at', p.declined_at, 'closed_at', d.closed_at,
      'close_reason', d.close_reason)::text
    FROM participants p JOIN demands d ON d.id = p.demand_id AND d.status <> 'draft' JOIN scenarios s ON s.id = d.scenario_id
    WHERE p.user_id = :user AND (:all OR d.scenario_id IN (SELECT moderated_v1(CAST(:me AS uuid))))
    ORDER BY p.joined_at DESC, p.id DESC LIMIT :limit + 1 OFFSET :offset
""")
# Decisions about memberships belong to a scenario; moderators see those of their own.
DECISIONS = text("""
    SELECT json_build_object('at', a.at, 'operation', a.operation, 'reason', coalesce(a.detail ->> 'reason', ''),
      'actor', CASE WHEN :all THEN a.actor END)::text
    FROM audit a
    WHERE a.subject_id = :user AND a.actor <> CAST(:user AS text)
      AND (a.operation IN ('users.ban', 'users.unban', 'users.restrict', 'users.unrestrict', 'users.set_capacity')
        OR a.operation IN ('users.set_admin', 'users.unmask') AND :all
        OR a.operation LIKE 'memberships.%' AND (:all
          OR CAST(a.detail ->> 'scenario' AS uuid) IN (SELECT moderated_v1(CAST(:me AS uuid)))))
    ORDER BY a.id DESC LIMIT 100
""")

REPORTS = text("SELECT user_reports_v1(:user, CAST(:me AS uuid), :all)")


async def get_history(call: Call, request: GetHistory) -> History:
    """One page of demands, newest first: for moderators those of their own scenarios; what was decided, what was reported."""
    await require_right_over(call, request.user)
    await standing_of(call, request.user)
    who = {"user": request.user, "me": call.user.id if call.user else None, "all": call.is_admin}
    found = await call.all(DEMANDS, HistoryLine, limit=request.limit, offset=request.offset, **who)
    return History(
        demands=found[: request.limit],
        more=len(found) > request.limit,
        decisions=await call.all(DECISIONS, DecisionLine, **who),
        reports=await call.all(REPORTS, HistoryReport, **who),
    )
