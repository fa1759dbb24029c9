"""Claims while everything breaks: api processes killed, PostgreSQL crashed, connections cut at any byte.

What people were told has to fit one order of events, and the ledger has to agree with it.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from chaos.api.crowd import LONG, chance, contradictions, rounds
from chaos.ground import broken_world
from chaos.history import Call, impossible
from chaos.processes import herd
from chaos.proxy import proxy
from chaos.volunteers import RELEASE, Records, Volunteer, resolve
from contracts.demands import CreateDemand
from contracts.operations.demands import DEMANDS_CREATE
from local_servers import Servers
from service_kit.broker import Connection, drain
from world import World, connection_of

pytestmark = pytest.mark.chaos

PEOPLE, DEMANDS, CLAIMS = rounds(16, 40), rounds(24, 500), rounds(200, 10_000)
PAUSE = 0.8 if LONG else 0.2  # s at most between two acts of one person
KILL_EVERY, CRASH_EVERY = (2.0, 20.0) if LONG else (2.5, 3.0)
KILLS, CRASHES = rounds(2, 10**6), rounds(1, 10**6)
CUT_LEDGER, CUT_CALLERS = ((4_000, 800_000), (1_000, 120_000)) if LONG else ((4_000, 80_000), (500, 30_000))
ANSWERED = 0.995
STRANGERS = """
    SELECT p.id FROM participants p JOIN demands d ON d.id = p.demand_id WHERE p.role = 'provider' AND NOT EXISTS (
      SELECT FROM memberships m WHERE m.user_id = p.user_id AND m.scenario_id = d.scenario_id AND m.kind = 'provider')
"""
# Somebody above what they can hold, for however short a time: noted by the ledger itself, with whatever made it so.
WATCH = (
    "CREATE TABLE overloaded (id uuid, held integer, capacity integer)",
    """CREATE FUNCTION note_overload() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN INSERT INTO overloaded VALUES (NEW.id, NEW.held, NEW.capacity); RETURN NEW; END $$""",
    """CREATE TRIGGER noting_overload AFTER UPDATE ON users FOR EACH ROW
       WHEN (NEW.held > NEW.capacity AND NEW.held > OLD.held) EXECUTE FUNCTION note_overload()""",
)
BACKEND = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'api%' LIMIT 1"


async def crash_now_and_then(world: World, breakable: Servers, lot: random.Random, crashes: Counter[str]) -> None:
    """Kill one session, upon which PostgreSQL drops all it has in memory, or all its processes; again and again."""
    while crashes.total() < CRASHES:
        await asyncio.sleep(CRASH_EVERY * lot.uniform(0.5, 1.5))
        pid = None
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # still recovering
            pid = await world.ledger.fetchval(BACKEND)
        if pid is not None and lot.random() < 0.5:
            os.kill(pid, signal.SIGKILL)
            crashes["session"] += 1
        else:
            await breakable.kill("postgres")
            await breakable.restart("postgres")
            crashes["server"] += 1


async def test_claims_survive_kills_crashes_and_cuts(breakable: Servers, tmp_path: Path) -> None:
    lot, records, crashes = chance(), Records(), Counter[str]()
    async with AsyncExitStack() as stack:
        to_ledger = await stack.enter_async_context(proxy(breakable.postgres_url, lot.randrange(2**32)))
        to_broker = await stack.enter_async_context(proxy(breakable.nats_url, lot.randrange(2**32)))
        world = await stack.enter_async_context(broken_world(breakable, postgres=to_ledger))
        apis = await stack.enter_async_context(
            herd(world.environment(), tmp_path, 2, lot.randrange(2**32), at_once=True)
        )
        people = await volunteers(world, stack, to_broker.url, lot, records)
        for statement in WATCH:
            await world.ledger.execute(statement)

        def is_over() -> bool:
            return records.claims >= CLAIMS and all((apis.kills, crashes, to_ledger.cuts, to_broker.cuts))

        to_ledger.cut_after(*CUT_LEDGER)
        to_broker.cut_after(*CUT_CALLERS)
        began = time.monotonic()
        async with asyncio.TaskGroup() as faults:
            breaking = [
                faults.create_task(apis.keep_killing(KILL_EVERY, KILLS, records.go_on)),
                faults.create_task(crash_now_and_then(world, breakable, lot, crashes)),
            ]
            async with asyncio.TaskGroup() as working:
                for person in people:
                    working.create_task(person.work(is_over))
            for task in breaking:
                task.cancel()
        took = time.monotonic() - began
        to_ledger.heal()
        to_broker.heal()
        if "postgres" not in breakable.processes():
            await breakable.restart("postgres")
        await apis.recover()

        waited = sorted(call.ended - call.began for call in records.calls)
        await resolve(records, world.bot)
        calls = records.calls + [
            Call("ledger", "see", str(row[0]), time.monotonic(), time.monotonic(), row[1], row[2] and str(row[2]))
            for row in await world.ledger.fetch("SELECT id, status, provider_id FROM demands")
        ]
        asked = sum(person.asked for person in people)
        overloaded = await world.ledger.fetch("SELECT * FROM overloaded")
        print(  # noqa: T201 - the figures of a long run
            f"{records.claims} claims, {asked} calls in {took:.0f} s; {apis.kills} kills, {dict(crashes)} crashes, "
            f"{to_ledger.cuts} + {to_broker.cuts} cuts; {len(records.vanished)} vanished, {records.unanswered} unanswered; "
            f"{len(overloaded)} overloaded; half answered within {waited[len(waited) // 2]:.2f} s, "
            f"99 of 100 within {waited[len(waited) * 99 // 100]:.1f} s; {dict(records.kinds)}"
        )
        assert not overloaded, f"somebody above capacity: {overloaded[:5]}"
        wrong = impossible(calls)
        assert not wrong, "\n".join(map(str, next(iter(wrong.values()))))
        assert await contradictions(world.ledger) == []
        assert await world.ledger.fetch(STRANGERS) == []
        assert "AtCapacity" in {kind.rpartition(" ")[2] for kind in records.kinds}, "nobody reached their capacity"
        assert await effects_of(world) == Counter(call.what for call in calls if call.answer in {"ok", "was_held"})
        assert not [kind for kind in records.kinds if kind.endswith(("Internal", "Forbidden", "NotFound", "KeyReused"))]
        assert asked - records.unanswered >= ANSWERED * asked


async def volunteers(
    world: World, stack: AsyncExitStack, by: str, lot: random.Random, records: Records
) -> list[Volunteer]:
    """People of a scenario full of waiting demands, some with room for more than one, sixteen to two connections."""
    scenario = await world.scenario()
    requesters = [await world.person() for _ in range((DEMANDS + 3) // 4)]
    made = [
        (await requesters[number // 4].call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="x"))).id
        for number in range(DEMANDS)
    ]
    asks = {demand: requesters[number // 4] for number, demand in enumerate(made)}
    people: list[Volunteer] = []
    lines: list[Connection] = []
    for number in range(PEOPLE):
        # Every other one is the one before, on a second device: they race for their own capacity.
        person = people[-1].person if number % 2 else await world.member(scenario)
        held = people[-1].held if number % 2 else []
        await world.capacity(person, 1 + number // 2 % 3)
        if number % 16 == 0:
            lines = [await connection_of(world.broker, "telegram", by) for _ in range(2)]
            for line in lines:
                stack.push_async_callback(drain, line, within=1)
        one, other = lines if number % 2 else lines[::-1]
        own = random.Random(lot.randrange(2**32))  # noqa: S311 - breaks things, guards nothing
        people.append(Volunteer(f"{number}", person, one, other, own, records, made, asks, PAUSE, held))
    return people


async def effects_of(world: World) -> Counter[str]:
    """How often each thing happened, by what the ledger wrote down about it with the deed."""
    notices = {"provider_joined": "claim", "closed": "close"}
    rows = await world.ledger.fetch("SELECT notice, count(*) FROM messages WHERE kind = 'notice' GROUP BY notice")
    found = Counter({notices[row[0]]: row[1] for row in rows if row[0] in notices})
    left = "SELECT count(*) FROM participants WHERE role = 'provider' AND left_at <> joined_at AND NOT EXISTS (SELECT FROM demands d WHERE d.id = demand_id AND d.status = 'closed' AND d.closed_at = left_at)"
    handed_back = await world.ledger.fetchval(left)
    released = await world.ledger.fetchval("SELECT count(*) FROM idempotency WHERE operation = $1", RELEASE.name)
    found["release"], found["hand_back"] = released, handed_back - released
    return +found
