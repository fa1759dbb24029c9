"""Which demands a filter means, for searching and counting alike."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text

from api.call import Call
from contracts.demands import CountDemands, SearchDemands
from contracts.failures import Forbidden

# How many rows a page or a word means depends on the values: a plan for any of them reads everything.
PLAN_FOR_THESE = text("SET LOCAL plan_cache_mode = force_custom_plan")
MODERATES = text("""
    SELECT EXISTS (SELECT FROM memberships WHERE user_id = :me AND kind = 'moderator' AND state = 'live')
""")

# Only what is asked for becomes part of the statement, so that each has the plan it deserves.
MINE = """d.id IN (SELECT p.demand_id FROM participants p WHERE p.user_id = CAST(:me AS uuid) AND p.left_at IS NULL)"""
NOT_MINE = """NOT EXISTS (SELECT FROM participants p
      WHERE p.demand_id = d.id AND p.user_id = CAST(:me AS uuid) AND p.left_at IS NULL)"""
MODERATED = """d.scenario_id IN (SELECT m.scenario_id FROM memberships m
      WHERE m.user_id = CAST(:me AS uuid) AND m.kind = 'moderator' AND m.state = 'live')"""
# A draft is somewhere only for its requester, who sits in it.
SUBMITTED = "d.status <> 'draft'"
ACTIVE = "d.status IN ('waiting', 'held')"
NOT_ACTIVE = "d.status NOT IN ('waiting', 'held')"
GIVEN = {
    "id": "d.id = :id",
    "scenario": "d.scenario_id = :scenario",
    "requester": "d.requester_id = :requester",
    "status": "d.status = :status",
}

# Without words: whatever the filter leaves, by its age.
EVERYTHING = "SELECT d.id, {score} AS score, d.submitted_at FROM demands d WHERE {filter}"
# With words: those found in the demand alone, and those its scenario helps to find; a demand of both kinds is one.
FOUND = """
    SELECT d.id, {score} AS score, d.submitted_at FROM demands d JOIN scenarios s ON s.id = d.scenario_id
    WHERE d.words @@ search_query(:query) AND {filter}
    UNION
    SELECT d.id, {score} AS score, d.submitted_at
    FROM (SELECT s.*, search_rest_v1(:query, s.words) AS rest FROM scenarios s WHERE s.words @@ search_any_v1(:query) OFFSET 0) s
    CROSS JOIN LATERAL (SELECT d.id, d.words, d.submitted_at FROM demands d
      WHERE d.scenario_id = s.id AND (s.rest IS NULL OR d.words @@ s.rest) AND {filter} OFFSET 0) d
"""
SCORE = """ts_rank(s.words || d.words, search_rank_v1(:query, true)) + ts_rank(s.words || d.words, search_rank_v1(:query, false))"""


@dataclass(frozen=True, slots=True)
class Meant:
    """The conditions of a filter, whether words are looked for, and the values of both."""

    conditions: tuple[str, ...]
    by_words: bool
    values: dict[str, Any]

    def searching(self) -> TextClause:
        """The statement that selects one page of lines: best match first, then oldest."""
        return _search(self.conditions, by_words=self.by_words)

    def counting(self) -> TextClause:
        """The statement that counts all pages together."""
        return _count(self.conditions, by_words=self.by_words)


async def meant_by(call: Call, request: SearchDemands | CountDemands) -> Meant:
    """What the filter means for this actor; `Forbidden` to look beyond one's own demands without being staff."""
    conditions = [MINE] if request.mine is True else [SUBMITTED]
    if request.mine is not True and not call.is_admin:
        if not await call.value(MODERATES, me=call.me):
            raise Forbidden
        conditions.append(MODERATED)
    if request.mine is False:
        conditions.append(NOT_MINE)
    if request.is_active is not None:
        conditions.append(ACTIVE if request.is_active else NOT_ACTIVE)
    given = {name: getattr(request, name) for name in GIVEN}
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    conditions += [GIVEN[name] for name in values]
    if any(":me" in condition for condition in conditions):
        values["me"] = call.user.id if call.user else None
    await call.run(PLAN_FOR_THESE)
    query = request.query.strip()
    if query:
        values["query"] = query
    return Meant(tuple(conditions), bool(query), values)


@cache
def _search(conditions: tuple[str, ...], *, by_words: bool) -> TextClause:
    order = "score DESC, submitted_at, id" if by_words else "submitted_at, id"
    found = _found(conditions, SCORE if by_words else "0.0", by_words=by_words)
    return text(f"""
        SELECT demand_line_v1(d, CAST(:viewer AS uuid))::text FROM (
          SELECT f.id, f.score, f.submitted_at FROM ({found}) f ORDER BY {order} LIMIT :limit + 1 OFFSET :offset) page
        JOIN demands d ON d.id = page.id ORDER BY page.score DESC, page.submitted_at, page.id
    """)  # noqa: S608 - constants of this file


@cache
def _count(conditions: tuple[str, ...], *, by_words: bool) -> TextClause:
    return text(f"SELECT count(*) FROM ({_found(conditions, '0.0', by_words=by_words)}) f")  # noqa: S608 - as above


def _found(conditions: tuple[str, ...], score: str, *, by_words: bool) -> str:
    return (FOUND if by_words else EVERYTHING).format(filter=" AND ".join(conditions), score=score)
