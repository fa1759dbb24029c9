"""What the actor is to a person, and who may not be taken away."""

import msgspec
from sqlalchemy import text

from api.call import Call
from api.rights import Relation
from contracts.failures import Forbidden, LastAdmin, NotFound
from contracts.people import PersonLine
from contracts.shapes import UserId

MODERATES = text("SELECT EXISTS (SELECT moderated_v1(:me))")
LOOKS_AFTER = text("SELECT looks_after_v1(:me, :user)")
PERSON = text("""
    SELECT json_build_object('is_admin', is_admin, 'banned', banned_at IS NOT NULL, 'erased', erased_at IS NOT NULL,
      'merged', merged_into IS NOT NULL)::text
    FROM users WHERE id = :user
""")
LINE = text("SELECT person_line_v1(u)::text FROM users u WHERE u.id = :user")
# Held by whatever could leave the installation without an admin, so that two such calls are one after the other.
HOLD_ADMINS = text("SELECT pg_advisory_xact_lock(7201013)")
ANOTHER_ADMIN = text("SELECT EXISTS (SELECT FROM users WHERE is_admin AND banned_at IS NULL AND id <> :user)")


class Standing(msgspec.Struct, frozen=True):
    """What staff decisions about a person depend on."""

    is_admin: bool
    banned: bool
    erased: bool
    merged: bool


async def require_moderator(call: Call) -> None:
    """Go on for admins, operators and whoever moderates a scenario; `Forbidden` for everybody else."""
    moderates = not call.is_admin and await call.value(MODERATES, me=call.me)
    call.require({Relation.MODERATOR} if moderates else ())


async def require_right_over(call: Call, user: UserId) -> None:
    """Go on for admins, operators and moderators with whom the person has to do.

    `NotFound` for a moderator of other scenarios, just as for a person who does not exist; `Forbidden` for non-staff.
    """
    if not call.is_admin:
        await require_moderator(call)
        if not await call.value(LOOKS_AFTER, me=call.me, user=user):
            raise NotFound
    call.require({Relation.MODERATOR} if not call.is_admin else ())


async def standing_of(call: Call, user: UserId) -> Standing:
    """How the person stands now; `NotFound` for nobody."""
    found = await call.one(PERSON, Standing, user=user)
    if found is None:
        raise NotFound
    return found


async def line_of(call: Call, user: UserId) -> PersonLine:
    """The person as staff see them in a list; `NotFound` for nobody."""
    line = await call.one(LINE, PersonLine, user=user)
    if line is None:
        raise NotFound
    return line


async def require_person(call: Call, user: UserId) -> Standing:
    """How a person stands who is still somebody; `NotFound` for who was erased or is another user by now, too."""
    found = await standing_of(call, user)
    if found.erased or found.merged:
        raise NotFound
    return found


async def require_below(call: Call, person: Standing) -> None:
    """Go on unless a moderator would decide about an admin, which is `Forbidden`."""
    if person.is_admin and not call.is_admin:
        raise Forbidden


async def hold_admins(call: Call) -> None:
    """Nobody else bans, demotes or erases an admin until this transaction ends; to be taken before any other lock."""
    await call.value(HOLD_ADMINS)


async def require_another_admin(call: Call, user: UserId) -> None:
    """Go on when there is an admin besides this one; `LastAdmin` otherwise. Needs `hold_admins`."""
    if not await call.value(ANOTHER_ADMIN, user=user):
        raise LastAdmin
