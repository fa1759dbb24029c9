"""Lift a restriction."""

from sqlalchemy import text

from api.call import Call
from api.leaving import lock_people
from api.outbox import owe
from api.users.standing import line_of, require_below, require_person, require_right_over
from contracts.failures import AlreadyExists
from contracts.kinds import Notice
from contracts.notices import NoData
from contracts.people import PersonLine, UnrestrictUser

UNRESTRICT = text("UPDATE users SET restricted_until = NULL WHERE id = :user AND restricted_until > now()")


async def unrestrict_user(call: Call, request: UnrestrictUser) -> PersonLine:
    """The person, told so; `AlreadyExists` when no restriction lasts."""
    await lock_people(call, request.user)
    await require_right_over(call, request.user)
    await require_below(call, await require_person(call, request.user))
    if not await call.run(UNRESTRICT, user=request.user):
        raise AlreadyExists
    await owe(call, [request.user], Notice.UNRESTRICTED, NoData())
    await call.audit(request.user, reason=request.reason)
    return await line_of(call, request.user)
