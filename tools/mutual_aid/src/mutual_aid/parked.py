"""What was put aside in the stream of parked items: look at it, and put it back when its reason is gone."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext
from rich.console import Console
from rich.table import Table

from contracts.events import PARKED_FROM, PARKED_REASON, RETRIED_AS
from contracts.permissions import inbox_of
from mutual_aid.stack.backing import seed_in
from mutual_aid.trouble import Trouble
from service_kit import broker

STREAM = "PARKED"
WITHIN = 5.0  # s for one answer of JetStream


@dataclass(frozen=True)
class Parked:
    """One item: its number in the stream, what it is (an update, a signal), since when, why, and where it came by."""

    number: int
    what: str
    at: datetime | None
    reason: str
    came_by: str
    traceparent: str
    body: bytes

    @property
    def service(self) -> str:
        """The service that put it aside, which alone may put it back."""
        return self.what.partition(".")[0]


async def show(environment: dict[str, str], console: Console) -> int:
    """Print what is parked, without any words of people; returns how many there are."""
    lines = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("number", "what", "since", "reason", "bytes", "correlation id"):
        lines.add_column(title)
    count = 0
    async with _stream(environment, "migrate") as jetstream:
        async for item in items(jetstream):
            count += 1
            since = item.at.strftime("%Y-%m-%d %H:%M:%S") if item.at else ""
            trace = item.traceparent.split("-")[1] if item.traceparent.count("-") > 1 else ""
            lines.add_row(str(item.number), item.what, since, item.reason, str(len(item.body)), trace)
    if count:
        console.print(lines)
    return count


async def body(environment: dict[str, str], number: int) -> str:
    """What one item says, as it came; raises Trouble when it is not there."""
    async with _stream(environment, "migrate") as jetstream:
        async for item in items(jetstream, {number}):
            return item.body.decode(errors="backslashreplace")
    raise _not_there(number)


async def retry(environment: dict[str, str], numbers: Collection[int]) -> tuple[int, int]:
    """Put items back where they came by, all when no number is given; returns how many went back and how many cannot.

    Each leaves the parked ones only once its stream has it; what fails again is parked again under a new number.
    """
    back = stuck = 0
    missing = set(numbers)
    async with _stream(environment, "migrate") as keeper:
        # Read first: what fails at once is parked again while this goes on.
        found = [item async for item in items(keeper, set(numbers) or None)]
        for item in found:
            missing.discard(item.number)
            if not item.came_by:
                stuck += 1
                continue
            name = f"{item.number}-{uuid4().hex[:8]}"
            headers = {RETRIED_AS: name, "Nats-Msg-Id": f"retry:{name}"}
            headers |= {"traceparent": item.traceparent} if item.traceparent else {}
            async with _stream(environment, _user_of(item)) as theirs:
                await theirs.publish(item.came_by, item.body, timeout=WITHIN, headers=headers)
            await keeper.delete_msg(STREAM, item.number)
            back += 1
    if missing:
        raise _not_there(min(missing))
    return back, stuck


async def items(jetstream: JetStreamContext, numbers: Collection[int] | None = None) -> AsyncIterator[Parked]:
    """What is parked now, oldest first; only these numbers when some are given."""
    state = (await jetstream.stream_info(STREAM)).state
    number = state.first_seq
    while state.messages and number <= state.last_seq:
        try:
            found = await jetstream.get_msg(STREAM, seq=number, subject="parked.v1.>", next=True)
        except nats.js.errors.NotFoundError:
            return
        number = (found.seq or number) + 1
        if numbers is not None and found.seq not in numbers:
            continue
        headers = found.headers or {}
        what = (found.subject or "").removeprefix("parked.v1.")
        yield Parked(
            found.seq or 0,
            what,
            found.time,
            headers.get(PARKED_REASON, ""),
            headers.get(PARKED_FROM, ""),
            headers.get("traceparent", ""),
            found.data or b"",
        )


def _user_of(item: Parked) -> str:
    """The broker's user that may publish where an item came by: signals are the publisher's, the rest its service's."""
    return "publisher" if item.came_by.startswith("notify.") else item.service


def _not_there(number: int) -> Trouble:
    return Trouble("parked", f"number {number} is not parked", "See `mutual-aid parked list`.")


@asynccontextmanager
async def _stream(environment: dict[str, str], user: str) -> AsyncIterator[JetStreamContext]:
    """The streams as one of the broker's users; raises Trouble when NATS or the user's seed cannot be had."""
    try:
        connection = await broker.connect(
            environment["NATS_URL"],
            name=f"mutual-aid parked {user}",
            inbox_prefix=inbox_of(user),
            seed=seed_in(environment, user),
            within=WITHIN,
        )
    except (broker.BrokerUnavailable, OSError) as gone:
        raise Trouble("nats", str(gone), "Start NATS, or correct NATS_URL and NATS_SEEDS_DIR.") from gone
    try:
        yield connection.jetstream(timeout=WITHIN)
    except (TimeoutError, nats.errors.Error) as refused:
        raise Trouble(
            "nats", f"JetStream said {type(refused).__name__}", "Try again, or run `mutual-aid doctor`."
        ) from refused
    finally:
        await broker.drain(connection, within=2.0)
