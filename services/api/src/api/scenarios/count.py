"""How many scenarios a search would find."""

from sqlalchemy import text

from api.call import Call
from api.scenarios.search import MATCHES, wanted
from contracts.scenarios import CountScenarios
from contracts.shapes import Count

COUNT = text(f"SELECT count(*) FROM scenarios s WHERE {MATCHES}")  # noqa: S608 - a constant of the search


async def count_scenarios(call: Call, request: CountScenarios) -> Count:
    """The number of scenarios on all pages of the same search together."""
    if request.retired:
        call.require_admin()
    return Count(count=await call.value(COUNT, **wanted(request)))
