"""Deliveries: what is owed to people, and what their channels say became of it."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from contracts.attachments import Contact, Location, SentAttachment, Venue
from contracts.kinds import Audience, DeliveryKind, DeliveryStatus, EntryKind, Notice, SendOutcome
from contracts.messages import Entity
from contracts.shapes import (
    DeliveryId,
    DemandId,
    DestinationId,
    ExternalId,
    Limit,
    MessageId,
    Moment,
    Offset,
    Outcome,
    Payload,
    Reason,
    Reply,
    Request,
    UserId,
)


class BeginDeliveries(Request):
    """What each of these destinations is owed next; each item begun must be settled.

    `holder` is an opaque id of the process that asks: an answer that was lost on its way is given to the same one again,
    as the same attempt and no repeat.
    """

    destinations: Annotated[list[DestinationId], Meta(min_length=1, max_length=100)]
    holder: Annotated[str, Meta(max_length=64)] = ""


class DemandTag(Reply):
    """What a delivery says of the demand it belongs to: enough for a heading and for buttons.

    `emergency` is its scenario's own `emergency_number`, where that names one.
    """

    id: DemandId
    number: str
    place: str
    resource: str
    version: int
    is_active: bool
    viewer_role: str | None
    status: str | None = None
    emergency: str | None = None


class Target(Reply):
    """A message of the chat that a delivery changes: which part of the original it is, and the channel's id of it."""

    part: int
    channel_message_id: str


class Delivery(Reply):
    """One thing to do in one chat now. `repeat` says that an earlier attempt may have arrived already.

    `edit`, `delete` and `react` act on `targets`; `emoji` is the reaction to show, none takes it away.

    `kind`, `entry`, `notice`, `audience` and the roles are words of `contracts.kinds`, kept as text: deliveries come in
    lists, and one word of a newer api must not make a whole list unreadable. What a sender does not know it refuses, alone.
    """

    id: DeliveryId
    destination: DestinationId
    address: str
    locale: str
    kind: str
    entry: str
    notice: str | None
    data: Payload
    demand: DemandTag | None
    author_role: str | None
    alias: str | None
    text: str
    entities: list[Entity]
    reply_to: str | None
    repeat: bool
    reference: str
    attempt: int
    owed_at: datetime
    traceparent: str
    audience: str | None = None
    targets: list[Target] = []
    emoji: str | None = None
    attachments: list[SentAttachment] = []
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None


class Begun(Reply):
    """At most one delivery per destination, the oldest it is owed; a destination that is owed nothing has none.

    Nor has one whose delivery did not fit into the answer beside the others: it is rung for again.
    """

    items: list[Delivery]


class Result(Request):
    """What became of one attempt at a delivery; `parts` are the channel's ids of the messages it became, in order.

    `attempt` is the one that `begin` named: the late word of a sender that was taken for dead does not touch the attempt
    after it, unless it says that the delivery arrived.
    """

    delivery: DeliveryId
    attempt: Annotated[int, Meta(ge=1)]
    outcome: SendOutcome
    parts: Annotated[list[ExternalId], Meta(max_length=100)] = []
    reason: Reason = ""
    retry_after: Annotated[float, Meta(ge=0, le=86_400)] = 0.0
    migrated_to: ExternalId | None = None


class SettleDeliveries(Request):
    """Tell what became of deliveries that were begun."""

    results: Annotated[list[Result], Meta(min_length=1, max_length=100)]


class Settled(Reply):
    """How many of them this call brought to a final state or put back in line; settling twice changes nothing."""

    count: int


class LocateDelivery(Request):
    """Which message of which demand a message of a chat is."""

    address: ExternalId
    channel_message_id: ExternalId


class Located(Reply):
    """The demand and the line of it, if the chat's message is one of ours; `is_own`: its person wrote it themselves.

    `kind` says what the line is, and `audience` of a note whom it is for: nobody else may read what answers it.
    `notice` is what the system said by it, also where no demand is named: what answers a report is for staff alone.
    `is_over`: the chat is a topic that mirrors its conversation no more, and nothing in it belongs to a demand.
    """

    demand: DemandId | None = None
    message: MessageId | None = None
    is_own: bool = False
    kind: EntryKind | None = None
    audience: Audience | None = None
    is_over: bool = False
    notice: str | None = None


class SearchDeliveries(Request):
    """Find deliveries, the latest first; `since` is the earliest moment at which they were owed."""

    status: DeliveryStatus | None = None
    destination: DestinationId | None = None
    demand: DemandId | None = None
    since: Moment | None = None
    limit: Limit = 20
    offset: Offset = 0


class DeliveryLine(Reply):
    """How a delivery stands; of what it says only which line of which demand it is.

    `supersedes` is the failed one it stands in for, `superseded_by` the one that was owed in its place.
    """

    id: DeliveryId
    destination: DestinationId
    recipient: UserId | None
    demand: DemandId | None
    message: MessageId | None
    kind: DeliveryKind
    notice: Notice | None
    status: DeliveryStatus
    reason: str | None
    attempts: int
    doubts: int
    supersedes: DeliveryId | None
    superseded_by: DeliveryId | None
    owed_at: datetime
    began_at: datetime | None
    settled_at: datetime | None


class DeliveryPage(Reply):
    """Deliveries, the latest first; `more` says that another page follows."""

    items: list[DeliveryLine]
    more: bool


class RetryDelivery(Request):
    """Owe anew what was parked or refused."""

    delivery: DeliveryId


class Retried(Outcome):
    """A new delivery stands in its place, at the end of what its destination is owed."""

    delivery: DeliveryId


class NotRetried(Outcome):
    """There is nothing to retry: it is neither parked nor refused, was retried before, or its chat is unreachable."""

    status: DeliveryStatus
    is_reachable: bool


Retry = Retried | NotRetried
