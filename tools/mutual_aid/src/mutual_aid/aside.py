"""Everything that was put aside, wherever it lies: in the stream of parked items, or in the ledger.

An item of the stream has a number; a fact or a delivery in the ledger has its id, and its way back is an operation of the
api, which puts it on record.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
from rich.console import Console
from rich.table import Table

from contracts.client import Client
from contracts.deliveries import DeliveryLine, Retried, RetryDelivery, SearchDeliveries
from contracts.facts import FactLine, RetryFact, SearchFacts
from contracts.failures import Failure, NotFound
from contracts.kinds import DeliveryStatus
from contracts.operations.messages import DELIVERIES_RETRY, DELIVERIES_SEARCH
from contracts.operations.system import FACTS_RETRY, FACTS_SEARCH
from contracts.shapes import DeliveryId, FactId
from mutual_aid import parked
from mutual_aid.stack.figures import client, operator
from mutual_aid.trouble import Trouble

PAGE = 100
MOST = 10_000
"""Items of a kind that are looked at in one go; what is above that comes the next time."""


async def show(environment: dict[str, str], console: Console) -> int:
    """Print all that is put aside, without any words of people; returns how many there are."""
    count = await parked.show(environment, console)
    async with _api(environment) as api:
        facts, deliveries = await _facts(api), await _deliveries(api)
    lines = [(str(one.id), one.subject, f"{one.parked_at:%Y-%m-%d %H:%M:%S}", one.reason) for one in facts]
    for owed in deliveries:
        since = f"{owed.settled_at:%Y-%m-%d %H:%M:%S}" if owed.settled_at else ""
        lines.append((str(owed.id), f"delivery.{owed.notice or owed.kind}", since, owed.reason or ""))
    if lines:
        table = Table(box=None, pad_edge=False, header_style="dim")
        # An id that is cut off is of no use to `show` and `retry`.
        table.add_column("id", no_wrap=True)
        for title in ("what", "since", "reason"):
            table.add_column(title)
        for line in lines:
            table.add_row(*line)
        console.print(table)
    elif not count:
        console.print("Nothing is parked.")
    return count + len(lines)


async def body(environment: dict[str, str], name: str) -> str:
    """What one item says; of a delivery how it stands, as its words belong to its people. Raises Trouble without it."""
    if name.isdecimal():
        return await parked.body(environment, int(name))
    item = _id(name)
    async with _api(environment) as api:
        page = await api.call(FACTS_SEARCH, SearchFacts(fact=FactId(item)), actor=operator())
        for fact in page.items:
            cut = "" if fact.size == len(fact.body.encode()) else f"\n... {fact.size} bytes in all"
            return f"{fact.subject}\n{fact.body}{cut}"
        for delivery in await _deliveries(api):
            if delivery.id == item:
                return msgspec.json.format(msgspec.json.encode(delivery)).decode()
    raise _not_there(name)


async def retry(environment: dict[str, str], names: Sequence[str]) -> tuple[int, int]:
    """Put items back, all when none is named; returns how many went back and how many cannot."""
    numbers = [int(name) for name in names if name.isdecimal()]
    wanted = [_id(name) for name in names if not name.isdecimal()]
    back, stuck = await parked.retry(environment, numbers) if numbers or not names else (0, 0)
    if wanted or not names:
        async with _api(environment) as api:
            # Read first: what fails at once is put aside again while this goes on.
            ids = wanted or [*(one.id for one in await _facts(api)), *(one.id for one in await _deliveries(api))]
            for item in ids:
                went = await _put_back(api, item)
                back, stuck = back + went, stuck + (not went)
    return back, stuck


async def _put_back(api: Client, item: UUID) -> bool:
    """Whether it went back; raises Trouble when there is no such item."""
    try:
        await api.call(FACTS_RETRY, RetryFact(fact=FactId(item)), actor=operator())
    except NotFound:
        try:
            answer = await api.call(DELIVERIES_RETRY, RetryDelivery(delivery=DeliveryId(item)), actor=operator())
        except NotFound:
            raise _not_there(str(item)) from None
        return isinstance(answer, Retried)
    return True


async def _facts(api: Client) -> list[FactLine]:
    found: list[FactLine] = []
    while len(found) < MOST:
        page = await api.call(FACTS_SEARCH, SearchFacts(limit=PAGE, offset=len(found)), actor=operator())
        found += page.items
        if not page.more:
            break
    return found


async def _deliveries(api: Client) -> list[DeliveryLine]:
    """Those parked and not retried yet; the record of one that was stays parked, and another stands in its place."""
    found: list[DeliveryLine] = []
    offset = 0
    while offset < MOST:
        asked = SearchDeliveries(status=DeliveryStatus.PARKED, limit=PAGE, offset=offset)
        page = await api.call(DELIVERIES_SEARCH, asked, actor=operator())
        found += [line for line in page.items if line.superseded_by is None]
        offset += len(page.items)
        if not page.more:
            break
    return found


def _id(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        raise Trouble("parked", f"{name} is neither a number nor an id", "See `mutual-aid parked list`.") from None


def _not_there(name: str) -> Trouble:
    return Trouble("parked", f"{name} is not parked", "See `mutual-aid parked list`.")


@asynccontextmanager
async def _api(environment: dict[str, str]) -> AsyncIterator[Client]:
    try:
        async with client(environment) as api:
            yield api
    except Failure as failure:
        raise Trouble(
            "api", f"the ledger was not looked at: {type(failure).__name__}", "Try again, or run `mutual-aid doctor`."
        ) from failure
