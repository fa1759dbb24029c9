"""Put a call for help in the queue, or keep it as a draft."""

from api.call import HotCall
from contracts import wire
from contracts.demands import Created, CreateDemand

CREATE = "SELECT failure, body FROM demands_create_v2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"


async def create_demand(call: HotCall, request: CreateDemand) -> Created:
    """The demand with its number, and another one it is very like; `TooManyOpen` when the person has as many as one may."""
    reply: Created = await call.as_actor(
        CREATE,
        request.scenario,
        request.title,
        request.description,
        wire.encode(request.payload).decode(),
        request.urgency,
        request.draft,
        call.settings.open_demands_per_user,
    )
    return reply
