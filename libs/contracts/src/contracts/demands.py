"""Demands: one request for help in one scenario."""

from datetime import datetime
from typing import Literal

from msgspec import UNSET, UnsetType

from contracts.kinds import Channel, CloseReason, DemandStatus, Role, Urgency
from contracts.shapes import (
    DemandId,
    Limit,
    Offset,
    Outcome,
    Payload,
    Query,
    Reason,
    Reply,
    Request,
    ScenarioId,
    Title,
    UserId,
    Version,
    Words,
)


class DemandLine(Reply):
    """A demand in a list: enough to choose by, and what the viewer is in it (`None` for staff looking on).

    `submitted_at` of a draft is when it was begun.
    """

    id: DemandId
    number: str
    scenario: ScenarioId
    place: str
    resource: str
    title: str
    status: DemandStatus
    urgency: Urgency
    role: Role | None
    version: int
    submitted_at: datetime


class Demand(Reply):
    """A demand as the viewer may see it; people in it appear by role and alias, never by name."""

    id: DemandId
    number: str
    scenario: ScenarioId
    place: str
    resource: str
    title: str
    description: str
    payload: Payload
    status: DemandStatus
    urgency: Urgency
    channel: Channel
    role: Role | None
    version: int
    last_seq: int
    submitted_at: datetime
    held_at: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason | None
    waiting_since: datetime | None = None
    first_held_at: datetime | None = None
    first_response_at: datetime | None = None
    merged_into: DemandId | None = None


class DemandPage(Reply):
    """Demands, best match first and then oldest first; `more` says that another page follows."""

    items: list[DemandLine]
    more: bool


class CreateDemand(Request):
    """Ask for help. A requester may say it is urgent; critical is for moderators and crisis triage.

    A `draft` is seen by nobody else until it is submitted; it counts among the demands a person may have open.
    """

    scenario: ScenarioId
    description: Words
    title: Title = ""
    payload: Payload = {}
    urgency: Literal["normal", "urgent"] = "normal"
    draft: bool = False


class SimilarDemand(Reply):
    """Another open demand of the same person and scenario, in much the same words."""

    id: DemandId
    number: str


class Created(Reply):
    """The demand waits, or is a draft; `ahead` demands of its scenario wait before it.

    `similar` is one the person may have forgotten, pointed out and no obstacle.
    """

    id: DemandId
    number: str
    status: DemandStatus
    version: int
    ahead: int
    similar: SimilarDemand | None = None


class SubmitDemand(Request):
    """Put a draft into the queue."""

    demand: DemandId


class DiscardDemand(Request):
    """Forget a draft and all it has."""

    demand: DemandId


class UpdateDemand(Request):
    """Change what is named here and nothing else; `version` is the one that was read, a payload is replaced whole."""

    demand: DemandId
    version: Version
    scenario: ScenarioId | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    description: Words | UnsetType = UNSET
    payload: Payload | UnsetType = UNSET
    urgency: Literal["normal", "urgent"] | UnsetType = UNSET


class GetDemand(Request):
    """One demand by its id."""

    demand: DemandId


class SearchDemands(Request):
    """Find demands; `mine` means any live role of the actor, and only staff may look further.

    Every word of three letters or more has to begin a word of the demand, its number or its scenario. An empty query
    is everything; one without a letter or digit finds nothing.
    """

    query: Query = ""
    id: DemandId | None = None
    mine: bool | None = None
    scenario: ScenarioId | None = None
    requester: UserId | None = None
    status: DemandStatus | None = None
    is_active: bool | None = True
    limit: Limit = 20
    offset: Offset = 0


class CountDemands(Request):
    """How many demands a search with the same filter finds on all its pages together."""

    query: Query = ""
    id: DemandId | None = None
    mine: bool | None = None
    scenario: ScenarioId | None = None
    requester: UserId | None = None
    status: DemandStatus | None = None
    is_active: bool | None = True


class NextDemand(Request):
    """Seat the actor in the demand that waits longest for them; `instead_of` is declined in the same breath."""

    instead_of: DemandId | None = None


class TakeDemand(Request):
    """Seat the actor in this very demand."""

    demand: DemandId


class Taken(Outcome):
    """The actor holds it now. `last_seq` is the last line of the conversation so far, which they are owed."""

    id: DemandId
    number: str
    scenario: ScenarioId
    place: str
    resource: str
    title: str
    description: str
    payload: Payload
    urgency: Urgency
    version: int
    submitted_at: datetime
    last_seq: int


class NothingWaiting(Outcome):
    """No demand the actor could take waits now; what they hold they keep."""


class NotAProvider(Outcome):
    """The actor is no provider of any scenario yet."""


class Paused(Outcome):
    """The actor paused in every scenario where they are a provider, at least until then."""

    until: datetime | None


Next = Taken | NothingWaiting | NotAProvider | Paused


class DeclineDemand(Request):
    """Hand a held demand back, or say no to an offered one, for good."""

    demand: DemandId
    reason: Reason = ""


class Declined(Reply):
    """It will not be offered to the actor again; `was_held` says whether they had it."""

    id: DemandId
    number: str
    was_held: bool


class CloseDemand(Request):
    """End a demand as of `version`, or as it is now; `moderated` and `duplicate` are for staff."""

    demand: DemandId
    reason: Literal["fulfilled", "cancelled", "moderated", "duplicate"] = "fulfilled"
    version: Version | None = None


class Closed(Reply):
    """The demand is closed."""

    id: DemandId
    number: str
    reason: CloseReason
