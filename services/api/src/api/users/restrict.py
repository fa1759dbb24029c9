"""Let a person go on with what they have, and begin nothing new."""

from datetime import UTC, datetime

from sqlalchemy import text

from api.call import Call
from api.leaving import lock_people
from api.outbox import owe
from api.users.standing import line_of, require_below, require_person, require_right_over
from contracts.failures import InvalidRequest
from contracts.kinds import Notice
from contracts.notices import RestrictedUntil
from contracts.people import PersonLine, RestrictUser

RESTRICT = text("""
    UPDATE users SET restricted_until = coalesce(CAST(:until AS timestamptz), 'infinity') WHERE id = :user
""")


async def restrict_user(call: Call, request: RestrictUser) -> PersonLine:
    """The restricted person, told so; again with another `until` changes it. `InvalidRequest` for a time gone by."""
    if request.until is not None and request.until <= datetime.now(UTC):
        raise InvalidRequest(problem="until has to be in the future")
    await lock_people(call, request.user)
    await require_right_over(call, request.user)
    await require_below(call, await require_person(call, request.user))
    await call.run(RESTRICT, user=request.user, until=request.until)
    await owe(call, [request.user], Notice.RESTRICTED, RestrictedUntil(until=request.until))
    await call.audit(request.user, reason=request.reason, until=request.until)
    return await line_of(call, request.user)
