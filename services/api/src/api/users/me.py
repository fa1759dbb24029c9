"""The actor themselves."""

from api.call import HotCall
from contracts.users import GetMe, Me

ME = "SELECT failure, body FROM users_me_v1($1, $2)"


async def get_me(call: HotCall, _: GetMe) -> Me:
    """The actor with what they are and the active demands they sit in."""
    reply: Me = await call.as_reader(ME)
    return reply
