"""Participants: users in a demand, each with a role and an alias."""

from datetime import datetime

from contracts.kinds import Role
from contracts.shapes import DemandId, Reply, Request, UserId, Version


class Participant(Reply):
    """Somebody in a demand; `user` is shown to staff only, `phone` as it was shared to staff, the requester and the holder."""

    role: Role
    alias: str
    is_me: bool
    joined_at: datetime
    left_at: datetime | None
    declined_at: datetime | None
    user: UserId | None
    phone: str | None


class Participants(Reply):
    """Everybody in a demand in the order they came; records of who left or declined are for staff."""

    items: list[Participant]


class GetParticipant(Request):
    """The one live participant with this role; or, for staff, this user."""

    demand: DemandId
    role: Role | None = None
    user: UserId | None = None


class ListParticipants(Request):
    """Everybody in a demand."""

    demand: DemandId


class AddParticipant(Request):
    """A moderator joins a demand: the actor, or the user named here."""

    demand: DemandId
    user: UserId | None = None


class RemoveParticipant(Request):
    """A moderator leaves a demand: the actor, or the user named here."""

    demand: DemandId
    user: UserId | None = None


class ResetDeclined(Request):
    """Let a demand be offered again to the user named here, or to everybody who declined it."""

    demand: DemandId
    user: UserId | None = None


class Reset(Reply):
    """How many records of declining were reset."""

    count: int


class ShareContact(Request):
    """Show the actor's own phone to their counterparts in this demand, now and from now on.

    With `version`, only if those are still the ones it had then.
    """

    demand: DemandId
    version: Version | None = None
