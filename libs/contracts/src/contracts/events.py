"""THE OTHER TABLE: what travels over JetStream, and the streams that keep it.

Subjects carry opaque ids only; who needs more than an id asks the api, where rights are checked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.kinds import CloseReason, MembershipKind, MembershipState, ReportStatus, Role
from contracts.shapes import DeliveryId, DemandId, DestinationId, MessageId, Reply, ReportId, ScenarioId, UserId


class Fact(Reply):
    """Something happened; `at` is when it was committed by the database's clock."""

    at: datetime


class DemandFact(Fact):
    """A demand was created, changed, taken, declined, put back in the queue or taken up again."""

    demand: DemandId
    scenario: ScenarioId
    by: UserId | None


class DemandClosed(DemandFact):
    """A demand was closed."""

    reason: CloseReason


class ReportFact(Fact):
    """A report was made or resolved."""

    report: ReportId
    demand: DemandId
    status: ReportStatus


class MessageSent(Fact):
    """A participant wrote."""

    demand: DemandId
    message: MessageId
    seq: int


class MessageFact(Fact):
    """A message was edited, taken back or reacted to."""

    demand: DemandId
    message: MessageId


class ParticipantFact(Fact):
    """Somebody joined or left a demand."""

    demand: DemandId
    user: UserId
    role: Role


class MembershipFact(Fact):
    """A user's standing in a scenario changed."""

    user: UserId
    scenario: ScenarioId
    kind: MembershipKind
    state: MembershipState


class ScenarioFact(Fact):
    """A scenario was created, updated, retired or restored."""

    scenario: ScenarioId


class DeliveryRefused(Fact):
    """A channel refused a delivery for good."""

    delivery: DeliveryId


class Owed(Reply):
    """A signal, not a letter: something is owed to this destination; `deliveries.begin` says what."""

    destination: DestinationId


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of fact: `<noun>.<past participle>`, published as `evt.v1.<noun>.<id>.<past participle>`."""

    name: str
    payload: type[Reply]
    summary: str


EVENTS: tuple[Event, ...] = (
    Event("demand.created", DemandFact, "somebody asked for help"),
    Event("demand.taken", DemandFact, "a provider holds it"),
    Event("demand.declined", DemandFact, "a provider handed it back or said no"),
    Event("demand.released", DemandFact, "it waits again because the requester or staff wanted another provider"),
    Event("demand.updated", DemandFact, "its words, its scenario or its urgency changed"),
    Event("demand.reopened", DemandFact, "a closed one waits again"),
    Event("demand.closed", DemandClosed, "it is over"),
    Event("report.made", ReportFact, "somebody says that something is wrong in a demand"),
    Event("report.resolved", ReportFact, "moderators decided about it"),
    Event("message.sent", MessageSent, "a participant wrote"),
    Event("message.edited", MessageFact, "its author changed the words"),
    Event("message.taken_back", MessageFact, "its author took it back"),
    Event("message.reacted", MessageFact, "somebody reacted to it, or took that back"),
    Event("participant.joined", ParticipantFact, "a moderator joined"),
    Event("participant.left", ParticipantFact, "a moderator left or was removed"),
    Event("membership.changed", MembershipFact, "a user's standing in a scenario changed"),
    Event("scenario.changed", ScenarioFact, "a kind of help was opened, changed, retired or restored"),
    Event("delivery.refused", DeliveryRefused, "a channel will not take it"),
)


@dataclass(frozen=True, slots=True)
class Consumer:
    """A durable pull consumer of a stream, made by `migrate` and read by one service."""

    name: str
    user: str
    filter_subject: str
    ack_wait: timedelta
    max_ack_pending: int


@dataclass(frozen=True, slots=True)
class Stream:
    """A JetStream stream, made by `migrate` and by nobody else."""

    name: str
    subjects: tuple[str, ...]
    retention: str
    max_age: timedelta
    max_bytes: int
    consumers: tuple[Consumer, ...] = ()
    max_msgs_per_subject: int = -1
    discard_new: bool = False
    duplicate_window: timedelta = timedelta(minutes=2)


DAY = timedelta(days=1)
GIB = 1 << 30
INTAKE_PARTITIONS = 8

# What a bot may have in hand at once: enough for its lanes, little enough to be handled again soon after a crash.
TELEGRAM_OWED = Consumer("telegram_owed", "telegram", "notify.v1.telegram.*", timedelta(seconds=5), 4096)
TELEGRAM_INTAKE = Consumer("telegram_intake", "telegram", "intake.v1.telegram.*", timedelta(seconds=6), 1024)

STREAMS: tuple[Stream, ...] = (
    # Facts for others; a listener that was away for a week starts from the ledger, not from here.
    Stream("EVENTS", ("evt.v1.>",), "limits", 7 * DAY, 4 * GIB),
    # One signal per destination: signalling again replaces, a bot that was away returns to one signal per person.
    Stream("NOTIFY", ("notify.v1.>",), "workqueue", 7 * DAY, GIB, (TELEGRAM_OWED,), max_msgs_per_subject=1),
    # Telegram keeps an update for 24 h when it is not confirmed; a confirmed one we keep as long. A full stream
    # refuses (discard new): then nothing is confirmed and Telegram goes on keeping it.
    Stream("INTAKE", ("intake.v1.>",), "workqueue", DAY, 2 * GIB, (TELEGRAM_INTAKE,), discard_new=True,
           duplicate_window=timedelta(hours=1)),
    # Put aside with its reason, to be looked at by hand.
    Stream("PARKED", ("parked.v1.>",), "limits", 30 * DAY, GIB),
)  # fmt: skip

OUTBOX_WAKE = "sys.outbox.wake"

# Headers of what is parked: why, and the subject it came by; and of what an operator puts back from there, under an id
# of its own, to be worked on although it counts as done.
PARKED_REASON = "Reason"
PARKED_FROM = "Came-By"
RETRIED_AS = "Retried-As"
