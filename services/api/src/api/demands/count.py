"""How many demands a search would find."""

from api.call import Call
from api.demands.matching import meant_by
from contracts.demands import CountDemands
from contracts.shapes import Count


async def count_demands(call: Call, request: CountDemands) -> Count:
    """The number of demands on all pages of the same search together; `Forbidden` where that is."""
    meant = await meant_by(call, request)
    return Count(count=await call.value(meant.counting(), **meant.values))
