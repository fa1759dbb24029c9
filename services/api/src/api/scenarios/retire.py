"""Take a scenario out of use."""

from sqlalchemy import text

from api.call import Call
from api.outbox import record
from contracts.failures import NotFound
from contracts.scenarios import RetireScenario, Scenario

RETIRE = text("""
    UPDATE scenarios s SET retired_at = now(), version = s.version + 1
    WHERE s.id = :id AND s.retired_at IS NULL RETURNING scenario_reply_v1(s)
""")
# What is taken in meanwhile waits for this, and what was taken in before is seen: creating shares the scenario's row.
LEFT_WAITING = text("""
    SELECT left_waiting_v1(:id, ARRAY(SELECT d.id FROM demands d WHERE d.scenario_id = :id AND d.status = 'waiting'), :trace)
""")


async def retire_scenario(call: Call, request: RetireScenario) -> Scenario:
    """The retired scenario; one that is retired already is not found.

    What is held goes on; what still waits is its moderators' from now on, and they and the requesters are told.
    """
    call.require_admin()
    retired = await call.one(RETIRE, Scenario, id=request.id)
    if retired is None:
        raise NotFound
    await call.audit(retired.id)
    await call.value(LEFT_WAITING, id=retired.id, trace=call.traceparent)
    await record(call, "scenario", retired.id, "changed", scenario=retired.id)
    return retired
