"""A call cut anywhere on its way and asked again under its key has one effect and one answer."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaos.api.crowd import chance, contradictions, outcome, rounds
from chaos.ground import broken_world
from chaos.processes import herd
from chaos.proxy import Proxy, proxy
from contracts.client import Client
from contracts.failures import Busy, DeadlineExceeded, KeyReused
from contracts.kinds import Caller
from integration.api.case import Case
from integration.api.cases import KEPT, effects, gained
from local_servers import Servers
from service_kit.broker import Connection, drain
from service_kit.correlation import traceparent
from world import OPERATOR, World, connection_of

pytestmark = pytest.mark.chaos

CUT_CALLS, AT_A_TIME = rounds(20, 2000), rounds(20, 40)
# A ledger has one first admin.
ALONE = {"users.bootstrap_admin"}
# Where a call is cut: towards the api at any byte, its answer on the way back, the ledger's word that it is done (of a
# call that is one statement, and of a transaction's end), the api's line to the ledger at any byte.
CUTS = ("request", "answer", "statement", "commit", "ledger")


@dataclass
class Way:
    """A caller's own line to the broker, which may be cut."""

    proxy: Proxy
    clients: dict[str, Client]


async def ways(world: World, stack: AsyncExitStack, many: int) -> list[Way]:
    made = []
    for number in range(many):
        way = await stack.enter_async_context(proxy(world.broker.nats_url, number))
        clients = {}
        for user in ("telegram", "operator"):
            connection: Connection = await connection_of(world.broker, user, way.url)
            stack.push_async_callback(drain, connection, within=1)
            clients[user] = Client(connection, Caller(user), traceparent)
        made.append(Way(way, clients))
    return made


def cut_somewhere(where: str, key: str, way: Way, to_ledger: Proxy, lot: random.Random) -> None:
    match where:
        case "request":
            way.proxy.cut_after(1, 600)
        case "answer":
            way.proxy.lose_answer(key.encode())
        case "statement":
            to_ledger.lose_answer(key.encode())
        case "commit":
            to_ledger.lose_answer(b"COMMIT")
        case "ledger":
            line = lot.choice([*to_ledger.lines])
            line.left = lot.randint(1, 2000)


async def until_answered(client: Client, case: Case, key: str, request: Any = None) -> Any:
    """The answer, asked for under the key again and again; whatever says "perhaps" or "not now" is none."""
    for _ in range(40):
        got = await outcome(client.call(case.operation, request or case.request, actor=case.actor, key=key))
        if not isinstance(got, Busy | DeadlineExceeded):
            return got
    return got


async def cut_and_asked_again(  # noqa: PLR0917 - what, how, on which lines
    case: Case, key: str, where: str, way: Way, to_ledger: Proxy, lot: random.Random
) -> list[str]:
    """What is wrong with a call that is cut, then asked twice more, then misused."""
    client = way.clients["operator" if case.actor == OPERATOR else "telegram"]
    cut_somewhere(where, key, way, to_ledger, lot)
    hasty: Any = None
    try:
        async with asyncio.timeout(lot.choice([0.05, 0.3, 1.0])):
            hasty = await outcome(client.call(case.operation, case.request, actor=case.actor, key=key))
    except TimeoutError:
        hasty = DeadlineExceeded()
    way.proxy.heal()
    first = await until_answered(client, case, key)
    again = await until_answered(client, case, key)
    other = await until_answered(client, case, key, case.other)
    wrong = []
    if isinstance(first, Exception) or again != first:
        wrong.append(f"{first} and then {again}")
    if not isinstance(hasty, Busy | DeadlineExceeded) and hasty != first:
        wrong.append(f"{hasty} at first and then {first}")
    if other != KeyReused():
        wrong.append(f"another request under the same key: {other}")
    return [f"{case.operation.name}, cut: {where}: {what}" for what in wrong]


async def test_a_cut_call_asked_again_has_one_effect_and_one_answer(breakable: Servers, tmp_path: Path) -> None:
    lot = chance()
    async with AsyncExitStack() as stack:
        to_ledger = await stack.enter_async_context(proxy(breakable.postgres_url, lot.randrange(2**32)))
        world = await stack.enter_async_context(broken_world(breakable, postgres=to_ledger))
        await stack.enter_async_context(herd(world.environment(), tmp_path, 2, at_once=True))
        callers = await ways(world, stack, 8)
        names = sorted(set(KEPT) - ALONE)
        lot.shuffle(names)
        names = names[: max(AT_A_TIME // 2, rounds(0, len(names)))]
        usual = {name: await usual_gain(world, name) for name in names}

        began = time.monotonic()
        tried, wrong, cuts = 0, list[str](), 0
        while tried < CUT_CALLS:
            batch: list[tuple[str, Case, str]] = []
            for _ in range(AT_A_TIME // 2):
                name = names[(tried + len(batch)) // 2 % len(names)]
                made = await asyncio.gather(*(KEPT[name](world) for _ in range(2)))
                # Two people may choose the same key; what the operator asks for has one.
                shared = made[0].actor != made[1].actor
                batch += [(name, case, f"{tried}-{len(batch) + (0 if shared else n)}") for n, case in enumerate(made)]
            before = await effects(world.ledger)
            wrong += await one_batch(batch, callers, to_ledger, lot)
            to_ledger.heal()
            expected = {table: sum(usual[name][table] for name, _, _ in batch) for table in before}
            assert not wrong, "\n".join(wrong)
            assert gained(before, await effects(world.ledger)) == expected
            tried += len(batch)
        cuts = to_ledger.cuts + sum(way.proxy.cuts for way in callers)
        print(  # noqa: T201 - the figures of a long run
            f"{tried} calls in {time.monotonic() - began:.0f} s, {cuts} cuts, of them {to_ledger.lost} answers of the ledger lost"
        )
        assert cuts > tried / 3
        assert to_ledger.lost
        assert await contradictions(world.ledger) == []


async def usual_gain(world: World, name: str) -> dict[str, int]:
    """What an operation does when nothing breaks."""
    case = await KEPT[name](world)
    before = await effects(world.ledger)
    await case.ask("usual")
    return gained(before, await effects(world.ledger))


async def one_batch(
    batch: list[tuple[str, Case, str]], callers: list[Way], to_ledger: Proxy, lot: random.Random
) -> list[str]:
    free: asyncio.Queue[Way] = asyncio.Queue()
    for way in callers:
        free.put_nowait(way)
    wrong: list[str] = []

    async def one(number: int, case: Case, key: str) -> None:
        way = await free.get()
        wrong.extend(await cut_and_asked_again(case, key, CUTS[number % len(CUTS)], way, to_ledger, lot))
        free.put_nowait(way)

    async with asyncio.TaskGroup() as group:
        for number, (_, case, key) in enumerate(batch):
            group.create_task(one(number, case, key))
    return wrong
