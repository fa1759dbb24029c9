"""Change what the actor says of themselves."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from msgspec import UNSET
from sqlalchemy import text

from api.call import Call
from api.users.alias import usable_alias
from contracts.failures import InvalidRequest, NotSignedIn
from contracts.users import UpdateMe, User

FIELDS = ("display_name", "locale", "phone", "time_zone", "quiet_from", "quiet_to", "alias")
UPDATE = """
    UPDATE users u SET {} WHERE u.id = :me RETURNING user_reply_v1(u)::text
"""
HANDLES = text("""
    SELECT username FROM identities WHERE user_id = :me AND username IS NOT NULL
    UNION ALL SELECT external_id FROM identities WHERE user_id = :me AND channel = 'web'
""")


async def update_me(call: Call, request: UpdateMe) -> User:
    """The user as they are now.

    `InvalidRequest` when nothing is named, for quiet hours without both ends, for a time zone nobody keeps, and for an
    alias that could tell who they are.
    """
    named: dict[str, Any] = {name: value for name in FIELDS if (value := getattr(request, name)) is not UNSET}
    if not named:
        raise InvalidRequest(problem="nothing to change")
    _check_quiet_hours(named)
    if named.get("time_zone") is not None and named["time_zone"] not in _time_zones():
        raise InvalidRequest(problem="no such time zone")
    if named.get("alias") is not None:
        named["alias"] = usable_alias(named["alias"])
        handles = (await call.db.execute(HANDLES, {"me": call.me})).scalars()
        if named["alias"].casefold() in {handle.casefold() for handle in handles}:
            raise InvalidRequest(problem="an alias must not be a name the actor is found by")
    changes = ", ".join(f"{name} = :{name}" for name in named)  # names of this file, never of the request
    if "display_name" in named:
        changes += ", chose_name = true"
    user = await call.one(text(UPDATE.format(changes)), User, me=call.me, **named)
    if user is None:
        raise NotSignedIn
    return user


def _check_quiet_hours(named: dict[str, Any]) -> None:
    ends = [named[name] for name in ("quiet_from", "quiet_to") if name in named]
    if len(ends) == 1 or (ends and (ends[0] is None) != (ends[1] is None)):
        raise InvalidRequest(problem="quiet hours have two ends, or none")
    if ends and ends[0] is not None and ends[0] == ends[1]:
        raise InvalidRequest(problem="quiet hours begin and end at different minutes")


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
