"""Open a kind of help."""

from msgspec import json
from sqlalchemy import text

from api.call import Call
from api.outbox import record
from contracts.failures import AlreadyExists, InvalidRequest
from contracts.scenarios import CreateScenario, Scenario

CREATE = text("""
    INSERT INTO scenarios AS s (place, resource, description, payload, routing, provider_may_close,
      phone_required)
    VALUES (:place, :resource, :description, CAST(:payload AS jsonb), :routing, :provider_may_close, :phone_required)
    ON CONFLICT (same_name(place), same_name(resource)) WHERE retired_at IS NULL DO NOTHING
    RETURNING scenario_reply_v1(s)
""")


async def create_scenario(call: Call, request: CreateScenario) -> Scenario:
    """The new scenario; `AlreadyExists` when a live one has the same place and resource."""
    call.require_admin()
    require_name(request.place, request.resource)
    made = await call.one(
        CREATE, Scenario, place=request.place.strip(), resource=request.resource.strip(),
        description=request.description, payload=json.encode(request.payload).decode(),
        routing=request.routing.value, provider_may_close=request.provider_may_close,
        phone_required=request.phone_required,
    )  # fmt: skip
    if made is None:
        raise AlreadyExists
    await call.audit(made.id, place=made.place, resource=made.resource)
    await record(call, "scenario", made.id, "changed", scenario=made.id)
    return made


def require_name(*names: str) -> None:
    """Go on when each has a letter or digit to be found by; `InvalidRequest` otherwise."""
    if not all(any(letter.isalnum() for letter in name) for name in names):
        raise InvalidRequest(problem="place and resource need a letter or a digit")
