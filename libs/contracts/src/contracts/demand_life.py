"""What becomes of a demand between its call for help and its end, and what moderators can do about it."""

from typing import Annotated, Literal

from msgspec import Meta

from contracts.kinds import DemandStatus, Urgency
from contracts.shapes import DemandId, Outcome, Reply, Request, UserId, Version


class AssignDemand(Request):
    """Give a demand to the user named here; to the actor, who takes over, when nobody is named.

    With `version`, as the demand was when whoever acts looked at it.
    """

    demand: DemandId
    user: UserId | None = None
    version: Version | None = None


class Assigned(Reply):
    """That user holds it now; `instead_of` is who held it before."""

    id: DemandId
    number: str
    user: UserId
    instead_of: UserId | None
    version: int


class ReleaseDemand(Request):
    """Someone else, please: the requester wants another provider; with `version`, the one they had before them then."""

    demand: DemandId
    version: Version | None = None


class Released(Reply):
    """It waits again where it stood in the queue, and is not offered to the former provider."""

    id: DemandId
    number: str


class DemandDone(Request):
    """The provider says that the help has arrived."""

    demand: DemandId


class RequesterAsked(Outcome):
    """The requester is asked whether it has."""

    id: DemandId
    number: str


class AskedAlready(Outcome):
    """The requester was asked a short while ago and has not answered yet; nobody is asked twice for that."""

    id: DemandId
    number: str
    minutes: int


DoneAsked = RequesterAsked | AskedAlready


class ConfirmDemand(Request):
    """What the requester answers: the help was `received`, or `not_yet`, or is `still_needed`; to the demand as of `version`."""

    demand: DemandId
    answer: Literal["received", "not_yet", "still_needed"]
    version: Version | None = None


class Confirmed(Reply):
    """How the demand stands after the answer: closed, or as it was."""

    id: DemandId
    number: str
    status: DemandStatus


class SetUrgency(Request):
    """Say how soon help is needed; a requester says at most urgent, and leaves critical as it is."""

    demand: DemandId
    urgency: Urgency


class UrgencySet(Reply):
    """How soon help is needed now."""

    id: DemandId
    number: str
    urgency: Urgency
    version: int


class ReopenDemand(Request):
    """Take up a closed demand again; with `version`, only after that very end."""

    demand: DemandId
    version: Version | None = None


class Reopened(Reply):
    """It waits with the age it had; its `number` is a new one where somebody else has the old one by now."""

    id: DemandId
    number: str
    ahead: int
    version: int


class FeedbackDemand(Request):
    """Say after the end whether it helped, and perhaps how; words may follow once where there were none."""

    demand: DemandId
    helped: bool
    words: Annotated[str, Meta(max_length=1000)] = ""


class MergeDemand(Request):
    """Close a demand as a duplicate of another one of the same requester; nothing moves."""

    demand: DemandId
    into: DemandId


class Merged(Reply):
    """The demand is closed; the one named by `into` and `into_number` goes on."""

    id: DemandId
    number: str
    into: DemandId
    into_number: str
