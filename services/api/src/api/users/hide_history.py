"""Take what a chat was shown of closed demands out of it again."""

from sqlalchemy import text

from api.call import Call
from contracts.own_data import Hidden, HideHistory

HIDE = text("SELECT hide_deliveries_v1(:me, :everything, :trace)")


async def hide_history(call: Call, request: HideHistory) -> Hidden:
    """How much will disappear from the actor's chat, and how much is too old for that; the ledger keeps all of it."""
    hidden = await call.one(HIDE, Hidden, me=call.me, everything=request.everything, trace=call.traceparent)
    return hidden or Hidden(count=0, too_old=0)
