"""How much waits, as the api tells it."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from contracts.client import Client
from contracts.failures import Failure
from contracts.kinds import Caller
from contracts.operations.system import SYSTEM_READY
from contracts.permissions import inbox_of
from contracts.system import GetReady
from mutual_aid.stack.backing import seed_in
from mutual_aid.trouble import Trouble
from service_kit import broker, correlation


@dataclass(frozen=True)
class Figures:
    """Active demands by state, deliveries owed and parked, facts not yet told and the age of the oldest in seconds."""

    waiting: int
    held: int
    owed: int
    parked: int
    outbox: int
    outbox_seconds: float

    def __str__(self) -> str:
        """One line."""
        return (
            f"demands {self.waiting} waiting, {self.held} held · deliveries {self.owed} owed, {self.parked} parked"
            f" · outbox {self.outbox}, oldest {self.outbox_seconds:.1f} s"
        )


def operator() -> str:
    """The actor under whose name the operator's calls are audited."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):
        return "operator:unknown"  # a container's account without a name


@asynccontextmanager
async def client(
    environment: dict[str, str], caller: Caller = Caller.OPERATOR, within: float = 10.0
) -> AsyncIterator[Client]:
    """A client of the api over its own connection; raises Trouble when NATS cannot be reached."""
    try:
        connection = await broker.connect(
            environment["NATS_URL"],
            name=f"mutual-aid {caller}",
            inbox_prefix=inbox_of(caller),
            seed=seed_in(environment, caller),
            within=within,
        )
    except broker.BrokerUnavailable as gone:
        raise Trouble("nats", str(gone), "Start NATS, or correct NATS_URL and NATS_SEEDS_DIR.") from gone
    made = Client(connection, caller, correlation.traceparent)
    stop = connection.on_denied(lambda denied: made.permission_denied(denied.subject))
    try:
        yield made
    finally:
        stop()
        await broker.drain(connection, within=2.0)


async def figures(api: Client) -> Figures | None:
    """What waits now, None when the api does not answer in time."""
    try:
        ready = await api.call(SYSTEM_READY, GetReady())
    except Failure:
        return None
    return Figures(
        waiting=ready.demands_waiting,
        held=ready.demands_held,
        owed=ready.deliveries_owed,
        parked=ready.deliveries_parked,
        outbox=ready.outbox,
        outbox_seconds=ready.outbox_oldest_seconds,
    )
