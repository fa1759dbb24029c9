"""Find scenarios."""

from sqlalchemy import text

from api.call import Call
from contracts.failures import NotSignedIn
from contracts.scenarios import CountScenarios, Scenario, ScenarioPage, SearchScenarios

# A query with letters that leaves no word finds nothing; an empty one finds everything.
MATCHES = """
    (s.retired_at IS NOT NULL) = :retired
    AND (CAST(:id AS uuid) IS NULL OR s.id = :id)
    AND (CAST(:place AS text) IS NULL OR same_name(s.place) = same_name(:place))
    AND (CAST(:resource AS text) IS NULL OR same_name(s.resource) = same_name(:resource))
    AND (:query = '' OR s.words @@ search_query(:query))
"""
SEARCH = text(f"""
    SELECT scenario_reply_v1(s) FROM scenarios s WHERE {MATCHES}
    ORDER BY CASE WHEN :query = '' THEN 0 ELSE ts_rank(s.words, search_rank_v1(:query, true))
      + ts_rank(s.words, search_rank_v1(:query, false)) END DESC, same_name(s.place), same_name(s.resource), s.id LIMIT :limit + 1 OFFSET :offset
""")  # noqa: S608 - a constant of this file


async def search_scenarios(call: Call, request: SearchScenarios) -> ScenarioPage:
    """One page, best match first, for anybody; retired scenarios only for admins."""
    if request.retired:
        if call.user is None and not call.is_admin:
            raise NotSignedIn
        call.require_admin()
    found, more = await call.page(SEARCH, Scenario, limit=request.limit, offset=request.offset, **wanted(request))
    return ScenarioPage(items=found, more=more)


def wanted(request: SearchScenarios | CountScenarios) -> dict[str, object]:
    """What the filter is filled with."""
    return {
        "query": request.query.strip(),
        "id": request.id,
        "place": request.place,
        "resource": request.resource,
        "retired": request.retired,
    }
