"""One scenario."""

from sqlalchemy import text

from api.call import Call
from contracts.failures import NotFound
from contracts.scenarios import GetScenario, Scenario

GET = text("SELECT scenario_reply_v1(s) FROM scenarios s WHERE s.id = :id")


async def get_scenario(call: Call, request: GetScenario) -> Scenario:
    """The scenario; a retired one too, since demands of it go on."""
    found = await call.one(GET, Scenario, id=request.id)
    if found is None:
        raise NotFound
    return found
