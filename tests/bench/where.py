"""Where the time of each hot call goes: one caller, one call at a time, so that nothing waits for anything else.

The api says how long it worked on each call and how long the ledger took; the rest of a call is the broker and the two ends of
it. A second run with a stopwatch in the functions says which statement of the ledger's share takes how long.
"""

import itertools
import time
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from measures import REQUESTERS, fill
from prometheus_client.parser import text_string_to_metric_families
from rig import Rig
from statements import CALLS_OTHERS, Lap, install, laps

from contracts import wire
from contracts.deliveries import BeginDeliveries, Delivery, Result, SettleDeliveries
from contracts.demands import CreateDemand, NextDemand
from contracts.kinds import SendOutcome
from contracts.messages import SendMessage
from contracts.operations import Operation
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_NEXT
from contracts.operations.messages import DELIVERIES_BEGIN, DELIVERIES_SETTLE, MESSAGES_SEND
from contracts.shapes import DemandId, DestinationId, ScenarioId

CALLS = 120
TOGETHER = 5
SHOWN = 6
PREPARING = {"deliveries.begin": "deliveries_settle", "deliveries.settle": "deliveries_begin"}
"""What has to be called before a call can be made, and is none of it."""


@dataclass(frozen=True)
class Share:
    """Microseconds of one call of one caller: all of it, and its parts."""

    operation: str
    whole: float
    encode: float
    broker: float
    api: float
    postgres: float
    decode: float
    statements: list[Lap]


async def where(rig: Rig) -> list[Share]:
    """The shares of every hot call, with two open demands a person."""
    await fill(rig, 2 * REQUESTERS)
    calls = await _calls(rig)
    plain = [await _measured(rig, operation, call) for operation, call in calls]
    async with rig.ledger.acquire() as ledger:
        await install(ledger)
        found = []
        for (_, call), share in zip(calls, plain, strict=True):
            await _many(call, 20)
            await laps(ledger, 1)
            await _many(call, CALLS // 3)
            seen = [
                lap
                for lap in await laps(ledger, CALLS // 3)
                if not lap.label.startswith(PREPARING.get(share.operation, "-"))
            ]
            found.append(Share(**{**vars(share), "statements": seen}))
    return found


def table(shares: list[Share]) -> str:
    """Both tables as Markdown, and the next thing to speed up."""
    lines = [
        "## Where the time goes",
        "",
        "One caller, one call at a time; microseconds of a call (begin and settle: five deliveries each). The second table",
        "runs with a stopwatch around each statement, which takes time of its own: compare within it.",
        "",
        "| call | whole | client encodes | broker and both ends | api: decode, handler, encode | PostgreSQL and its wire | client decodes |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {s.operation} | {s.whole:,.0f} | {s.encode:.1f} | {s.broker:,.0f} | {s.api:,.0f} | {s.postgres:,.0f} | {s.decode:.1f} |"
        for s in shares
    ]
    lines += ["", "| call | statement | times | us |", "| --- | --- | --- | --- |"]
    for share in shares:
        own = [lap for lap in share.statements if CALLS_OTHERS not in lap.label]
        lines += [f"| {share.operation} | {lap.label} | {lap.times:.1f} | {lap.us:,.0f} |" for lap in own[:SHOWN]]
    _, lap = heaviest(shares)
    return "\n".join([*lines, "", f"The next thing to speed up: `{lap.label}`, {lap.us:,.0f} us of `{_}`."])


def heaviest(shares: list[Share]) -> tuple[str, Lap]:
    """The single statement that takes most of any call."""
    every = [(share.operation, lap) for share in shares for lap in share.statements if CALLS_OTHERS not in lap.label]
    return max(every, key=lambda each: each[1].us)


Call = Callable[[], Awaitable[tuple[Any, Any, float]]]
"""One call with all it needs before it: the request, the reply, and how many seconds the call itself took."""


async def _measured(rig: Rig, operation: Operation[Any, Any], call: Call) -> Share:
    await _many(call, 50)
    before = _told(rig, operation.name)
    request, reply, took = await _many(call, CALLS)
    whole = 1e6 * took / CALLS
    after = _told(rig, operation.name)
    api, postgres = (1e6 * (now[0] - then[0]) / (now[1] - then[1]) for now, then in zip(after, before, strict=True))
    body = wire.encode(reply)
    encode = _each(lambda: wire.encode(request))
    decode = _each(lambda: wire.decode_reply(operation, body))
    return Share(operation.name, whole, encode, whole - api - encode - decode, api - postgres, postgres, decode, [])


def _told(rig: Rig, operation: str) -> list[tuple[float, float]]:
    """Seconds and calls the api has counted for an operation: of its own, and of the ledger."""
    with urllib.request.urlopen(f"http://127.0.0.1:{rig.environment['HEALTH_PORT']}/metrics") as answer:
        samples = [s for f in text_string_to_metric_families(answer.read().decode()) for s in f.samples]
    return [
        tuple(
            sum(
                s.value for s in samples
                if s.name == f"mutual_aid_call_seconds_{figure}"
                and (s.labels["system"], s.labels["operation"]) == (system, operation)
            )
            for figure in ("sum", "count")
        )
        for system in ("api", "postgres")
    ]  # type: ignore[misc]  # fmt: skip


async def _many(call: Call, times: int) -> tuple[Any, Any, float]:
    """The last request and reply, and the seconds of all."""
    request, reply, took = await call()
    for _ in range(times - 1):
        request, reply, seconds = await call()
        took += seconds
    return request, reply, took


def _each(work: Callable[[], object], times: int = 2_000) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return 1e6 * (time.perf_counter() - began) / times


async def _calls(rig: Rig) -> list[tuple[Operation[Any, Any], Call]]:
    scenario = ScenarioId(await rig.ledger.fetchval("SELECT id FROM scenarios ORDER BY id LIMIT 1"))
    requester = itertools.cycle(range(1_000_001, 1_000_001 + REQUESTERS))
    volunteer = itertools.cycle(range(1, 301))
    held: list[tuple[DemandId, str]] = []
    begun: list[Delivery] = []
    turn = itertools.count()

    async def ask(operation: Operation[Any, Any], request: Any, actor: str | None = None) -> tuple[Any, Any, float]:
        began = time.perf_counter()
        reply = await rig.telegram.call(operation, request, actor=actor)
        return request, reply, time.perf_counter() - began

    async def create() -> tuple[Any, Any, float]:
        request = CreateDemand(scenario=scenario, description="Need insulin for two")
        return await ask(DEMANDS_CREATE, request, f"telegram:{next(requester)}")

    async def claim() -> tuple[Any, Any, float]:
        who = f"telegram:{next(volunteer)}"
        asked = await ask(DEMANDS_NEXT, NextDemand(), who)
        held.append((asked[1].id, who))
        return asked

    async def send() -> tuple[Any, Any, float]:
        demand, who = held[next(turn) % len(held)]
        return await ask(MESSAGES_SEND, SendMessage(demand=demand, text="On my way, ten minutes"), who)

    async def end(outcome: SendOutcome) -> tuple[Any, Any, float]:
        results = [Result(delivery=each.id, attempt=each.attempt, outcome=outcome, parts=["1"]) for each in begun]
        begun.clear()
        return await ask(DELIVERIES_SETTLE, SettleDeliveries(results=results))

    async def begin() -> tuple[Any, Any, float]:
        if begun:
            await end(SendOutcome.LATER)  # back in line, so that there is always something to begin
        at = next(turn) % 100 * TOGETHER
        asked = await ask(DELIVERIES_BEGIN, BeginDeliveries(destinations=owed[at : at + TOGETHER]))
        begun.extend(asked[1].items)
        return asked

    async def settle() -> tuple[Any, Any, float]:
        await begin()
        return await end(SendOutcome.LATER)

    for _ in range(100 * TOGETHER):
        await create()
    owed = [
        DestinationId(row[0])
        for row in await rig.ledger.fetch("SELECT DISTINCT destination_id FROM deliveries WHERE status = 'pending'")
    ][: 100 * TOGETHER]
    return [
        (DEMANDS_CREATE, create), (DEMANDS_NEXT, claim), (MESSAGES_SEND, send),
        (DELIVERIES_BEGIN, begin), (DELIVERIES_SETTLE, settle),
    ]  # fmt: skip
