"""Who may say and hear what on the broker: one user per service, allow-lists only, all from the two tables.

There is no `allow_responses`: it would let one service make the api answer into another's subjects. The api publishes to
the inboxes of the known callers and nowhere else.
"""

from dataclasses import dataclass

from contracts.events import OUTBOX_WAKE, STREAMS
from contracts.kinds import Caller
from contracts.operations import OPERATIONS


@dataclass(frozen=True, slots=True)
class BrokerUser:
    """One nkey user; a subscribe entry may name the queue it must use after a blank."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def inbox_of(user: str) -> str:
    """The prefix under which a user's replies arrive; only that user may listen there."""
    return f"_INBOX_{user}"


def calls_of(caller: Caller) -> tuple[str, ...]:
    """The subjects a caller may publish to: exactly the operations whose row names it."""
    return tuple(f"api.v1.{caller}.{operation.name}" for operation in OPERATIONS if caller in operation.callers)


def work_of(user: str) -> tuple[str, ...]:
    """The broker subjects with which a user pulls and settles the work of its own consumers, and no one else's."""
    return tuple(
        subject
        for stream in STREAMS
        for consumer in stream.consumers
        if consumer.user == user
        for subject in (
            f"$JS.API.CONSUMER.MSG.NEXT.{stream.name}.{consumer.name}",
            f"$JS.ACK.{stream.name}.{consumer.name}.>",
        )
    )


def looks() -> tuple[str, ...]:
    """The subjects on which the broker tells how much waits in each stream; looking changes nothing."""
    return tuple(
        subject
        for stream in STREAMS
        for subject in (
            f"$JS.API.STREAM.INFO.{stream.name}",
            *(f"$JS.API.CONSUMER.INFO.{stream.name}.{consumer.name}" for consumer in stream.consumers),
        )
    )


def nats_users() -> tuple[BrokerUser, ...]:
    """Every user of the broker with all it may do."""
    inboxes = tuple(f"{inbox_of(caller)}.>" for caller in Caller)
    return (
        BrokerUser(
            "api",
            (OUTBOX_WAKE, *inboxes),
            ("api.v1.> api", "$SRV.>", f"{inbox_of('api')}.>"),
        ),
        BrokerUser("publisher", ("notify.v1.>", "evt.v1.>", *looks()), (OUTBOX_WAKE, f"{inbox_of('publisher')}.>")),
        BrokerUser(
            "telegram",
            (*calls_of(Caller.TELEGRAM), "intake.v1.telegram.*", "parked.v1.telegram.>", *work_of("telegram")),
            (f"{inbox_of('telegram')}.>",),
        ),
        BrokerUser("web", calls_of(Caller.WEB), ("live.v1.web.*", f"{inbox_of('web')}.>")),
        BrokerUser("operator", (*calls_of(Caller.OPERATOR), "$SRV.>"), (f"{inbox_of('operator')}.>",)),
        BrokerUser("migrate", ("$JS.API.>",), (f"{inbox_of('migrate')}.>",)),
    )
