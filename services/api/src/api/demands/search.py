"""Find demands."""

from api.call import Call
from api.demands.matching import meant_by
from contracts.demands import DemandLine, DemandPage, SearchDemands


async def search_demands(call: Call, request: SearchDemands) -> DemandPage:
    """One page; `Forbidden` to look beyond one's own demands without being staff."""
    meant = await meant_by(call, request)
    viewer = call.user.id if call.user else None
    found, more = await call.page(
        meant.searching(), DemandLine, viewer=viewer, limit=request.limit, offset=request.offset, **meant.values
    )
    return DemandPage(items=found, more=more)
