"""Bring a retired scenario back."""

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.call import Call
from api.outbox import record
from contracts.failures import AlreadyExists, NotFound
from contracts.scenarios import RestoreScenario, Scenario

RESTORE = text("""
    UPDATE scenarios s SET retired_at = NULL, version = s.version + 1
    WHERE s.id = :id AND s.retired_at IS NOT NULL RETURNING scenario_reply_v1(s)
""")


async def restore_scenario(call: Call, request: RestoreScenario) -> Scenario:
    """The scenario, in use again; `AlreadyExists` when a live one took its place meanwhile."""
    call.require_admin()
    try:
        restored = await call.one(RESTORE, Scenario, id=request.id)
    except IntegrityError:
        raise AlreadyExists from None
    if restored is None:
        raise NotFound
    await call.audit(restored.id)
    await record(call, "scenario", restored.id, "changed", scenario=restored.id)
    return restored
