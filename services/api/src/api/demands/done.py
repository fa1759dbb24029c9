"""Ask the requester whether the help has arrived."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.outbox import announce
from api.standing import require_right
from contracts.demand_life import AskedAlready, DemandDone, DoneAsked, RequesterAsked
from contracts.kinds import Notice
from contracts.notices import NoData

ASK = text("""
    UPDATE demands SET done_asked_at = now()
    WHERE id = :demand AND (done_asked_at IS NULL OR done_asked_at <= now() - make_interval(mins => :again))
""")


async def demand_done(call: Call, request: DemandDone) -> DoneAsked:
    """The requester is asked, Yes or Not yet; not a second time before they answer or ten minutes pass."""
    demand = await lock_demand(call, request.demand)
    await require_right(call, demand.id)
    again = call.settings.done_asked_again_minutes
    if not await call.run(ASK, demand=demand.id, again=again):
        return AskedAlready(id=demand.id, number=demand.number, minutes=again)
    await announce(call, demand.id, Notice.DONE_ASKED, NoData(), call.me)
    return RequesterAsked(id=demand.id, number=demand.number)
