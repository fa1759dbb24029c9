"""Change a scenario."""

from msgspec import UNSET, json
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.call import Call
from api.outbox import record
from api.scenarios.create import require_name
from contracts.failures import AlreadyExists, InvalidRequest, NotFound, VersionConflict
from contracts.scenarios import Scenario, UpdateScenario

LOCK = text("SELECT s.version FROM scenarios s WHERE s.id = :id AND s.retired_at IS NULL FOR NO KEY UPDATE")
UPDATE = text("""
    UPDATE scenarios s SET place = coalesce(:place, s.place), resource = coalesce(:resource, s.resource),
      description = coalesce(:description, s.description), payload = coalesce(CAST(:payload AS jsonb), s.payload),
      routing = coalesce(:routing, s.routing),
      provider_may_close = coalesce(CAST(:provider_may_close AS boolean), s.provider_may_close),
      phone_required = coalesce(CAST(:phone_required AS boolean), s.phone_required), version = s.version + 1
    WHERE s.id = :id RETURNING scenario_reply_v1(s)
""")
CHANGEABLE = ("place", "resource", "description", "payload", "routing", "provider_may_close", "phone_required")


async def update_scenario(call: Call, request: UpdateScenario) -> Scenario:
    """The scenario as it is now; a retired one is not found, `VersionConflict` when somebody was quicker."""
    call.require_admin()
    values = {name: None if (value := getattr(request, name)) is UNSET else value for name in CHANGEABLE}
    if all(value is None for value in values.values()):
        raise InvalidRequest(problem="nothing to change")
    require_name(*(str(values[name]) for name in ("place", "resource") if values[name] is not None))
    version = await call.value(LOCK, id=request.id)
    if version is None:
        raise NotFound
    if version != request.version:
        raise VersionConflict(version=version)
    if values["payload"] is not None:
        values["payload"] = json.encode(values["payload"]).decode()
    try:
        changed = await call.one(UPDATE, Scenario, id=request.id, **values)
    except IntegrityError:
        raise AlreadyExists from None
    if changed is None:
        raise NotFound
    await call.audit(changed.id, fields=[name for name, value in values.items() if value is not None])
    await record(call, "scenario", changed.id, "changed", scenario=changed.id)
    return changed
