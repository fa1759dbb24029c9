"""The actor themselves."""

from sqlalchemy import text

from api.call import Call
from contracts.failures import NotSignedIn
from contracts.users import GetMe, Me

ME = text("SELECT me_reply_v1(:me, false)")


async def get_me(call: Call, _: GetMe) -> Me:
    """The actor with what they are and the active demands they sit in."""
    me = await call.one(ME, Me, me=call.me)
    if me is None:
        raise NotSignedIn
    return me
