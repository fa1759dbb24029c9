"""The comparisons: ours beside the bare thing, in one run, several rounds in turn, as ratios."""

import asyncio
import itertools
import json
import os
import re
import statistics
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rig import Load, Rig, closed_loop

from api.ledger import HOT_SESSION
from contracts.demands import CreateDemand, NextDemand, Taken
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_NEXT
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.system import SYSTEM_HEALTH
from contracts.shapes import DemandId, ScenarioId
from contracts.system import GetHealth
from local_servers.programs import postgres_program

ROUNDS = 3
SCENARIOS, VOLUNTEERS = 200, 2_000
# So many that what one run asks for leaves nobody with more open demands than the five a person may have.
REQUESTERS = 20_000
CLAIMERS = 8
WRITERS = 32
PLANNING = ("plan_cache_mode", "enable_seqscan", "jit")
"""What of the product's sessions decides how a statement is run, so that pgbench runs it alike."""
IN_FLIGHT = 64


@dataclass(frozen=True)
class Row:
    """One line of the table; `budget` is the least the ratio should be, None for a figure without one."""

    what: str
    ours: str
    beside: str
    ratio: float | None
    budget: float | None


async def echo(rig: Rig) -> list[Row]:
    """The whole way of a call that does nothing, beside a bare nats-py echo with a request of the same length."""

    async def bare(_: int) -> object:
        return await rig.bare.request("bare.echo", b"{}", timeout=5)

    async def ours(_: int) -> object:
        return await rig.operator.call(SYSTEM_HEALTH, GetHealth())

    rounds = await _in_turn(ours, bare, callers=IN_FLIGHT)
    return [_row(f"contract echo, {IN_FLIGHT} in flight", rounds, budget=0.6)]


async def claims(rig: Rig, waiting: int) -> tuple[list[Row], float]:
    """`demands.next` with so many demands waiting, beside pgbench running the same function with as many clients."""
    await fill(rig, waiting)
    actor = itertools.cycle(range(1, VOLUNTEERS + 1))

    async def ours(_: int) -> object:
        taken = await rig.telegram.call(DEMANDS_NEXT, NextDemand(), actor=f"telegram:{next(actor)}")
        if not isinstance(taken, Taken):
            raise TypeError(taken)
        return taken

    # As many as leave the queue about as long as it was: the short one is filled up again after each round.
    claimed = min(waiting * 2 // 5, 4_000)
    speeds, ratios, last = [], [], None
    for _ in range(ROUNDS):
        bare = _pgbench(rig, claimed)
        await _requeue(rig)
        last = await closed_loop(ours, callers=CLAIMERS, seconds=60, most=claimed)
        speeds.append(last.per_second)
        ratios.append(last.per_second / bare)
        await _requeue(rig)
    if last is None:
        raise RuntimeError("no round")
    speed = statistics.median(speeds)
    beside = f"pgbench {speed / statistics.median(ratios):,.0f}/s"
    what = f"demands.next, {waiting:,} waiting, {CLAIMERS} clients"
    return [Row(what, _told(last, speed), beside, statistics.median(ratios), 0.4)], speed


async def writes(rig: Rig) -> list[Row]:
    """`demands.create` and `messages.send` beside the prototype that writes the same rows."""
    await fill(rig, 2 * REQUESTERS)  # two open demands a person, as in life
    scenario = await rig.ledger.fetchval("SELECT id FROM scenarios ORDER BY id LIMIT 1")
    requester = itertools.cycle(range(1_000_001, 1_000_001 + REQUESTERS))

    async def create(_: int) -> object:
        request = CreateDemand(scenario=ScenarioId(scenario), description="Need insulin for two")
        return await rig.telegram.call(DEMANDS_CREATE, request, actor=f"telegram:{next(requester)}")

    async def bare_create(_: int) -> object:
        ask = {"actor": str(next(requester)), "scenario": str(scenario), "description": "Need insulin for two"}
        return await rig.bare.request("bare.create", json.dumps(ask).encode(), timeout=5)

    created = await _in_turn(create, bare_create, callers=WRITERS, between=lambda: _published(rig))
    for volunteer in range(1, 301):
        await rig.telegram.call(DEMANDS_NEXT, NextDemand(), actor=f"telegram:{volunteer}")
    held = await rig.ledger.fetch("""
        SELECT d.id, i.external_id FROM demands d JOIN identities i ON i.user_id = d.requester_id
        WHERE d.status = 'held' LIMIT 500""")
    talk = itertools.cycle(held)

    async def send(_: int) -> object:
        demand, who = next(talk)
        request = SendMessage(demand=DemandId(demand), text="On my way, ten minutes")
        return await rig.telegram.call(MESSAGES_SEND, request, actor=f"telegram:{who}")

    async def bare_send(_: int) -> object:
        ask = {"demand": str(next(talk)[0]), "text": "On my way, ten minutes"}
        return await rig.bare.request("bare.send", json.dumps(ask).encode(), timeout=5)

    sent = await _in_turn(send, bare_send, callers=WRITERS, between=lambda: _published(rig))
    return [
        _row(f"demands.create, {WRITERS} callers", created, budget=0.6),
        _row(f"messages.send, {WRITERS} callers", sent, budget=0.6),
    ]


Call = Callable[[int], Awaitable[object]]


async def _in_turn(
    ours: Call, bare: Call, *, callers: int, between: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
) -> list[tuple[Load, Load]]:
    rounds = []
    for _ in range(ROUNDS):
        await between()
        one = await closed_loop(ours, callers=callers, seconds=2)
        await between()
        rounds.append((one, await closed_loop(bare, callers=callers, seconds=2)))
    return rounds


async def _published(rig: Rig) -> None:
    """Both sides write into the outbox: what one of them leaves there must not be published on the other's time."""
    async with asyncio.timeout(120):
        while await rig.ledger.fetchval("SELECT EXISTS (SELECT FROM outbox)"):  # noqa: ASYNC110 - the publisher is another process
            await asyncio.sleep(0.05)


def _row(what: str, rounds: list[tuple[Load, Load]], budget: float) -> Row:
    ratio = statistics.median(ours.per_second / bare.per_second for ours, bare in rounds)
    speed = statistics.median(ours.per_second for ours, _ in rounds)
    bare = statistics.median(bare.per_second for _, bare in rounds)
    return Row(what, _told(rounds[-1][0], speed), f"bare {bare:,.0f}/s", ratio, budget)


def _told(load: Load, per_second: float) -> str:
    failed = f", {load.failures} refused" if load.failures else ""
    return f"{per_second:,.0f}/s, p50 {load.p50:.1f} ms, p99 {load.p99:.1f} ms{failed}"


async def fill(rig: Rig, waiting: int) -> None:
    """A ledger with a long queue; 30 % of it in one scenario. Written in bulk, the way rows look after real calls."""
    await rig.ledger.execute(
        "TRUNCATE users, identities, destinations, scenarios, memberships, demands, participants, conversations,"
        " messages, deliveries, delivery_parts, message_origins, outbox, idempotency CASCADE"
    )
    await rig.ledger.execute(FILL.format(
        scenarios=SCENARIOS, volunteers=VOLUNTEERS, requesters=REQUESTERS, waiting=waiting
    ), timeout=600)  # fmt: skip
    await rig.ledger.execute("VACUUM ANALYZE", timeout=600)


async def _requeue(rig: Rig) -> None:
    """What was claimed waits again, and what it left behind is gone, so that the next round starts alike."""
    await rig.ledger.execute(
        """
        DELETE FROM delivery_parts; DELETE FROM deliveries; DELETE FROM messages; DELETE FROM outbox;
        DELETE FROM participants WHERE role = 'provider';
        UPDATE demands SET status = 'waiting', provider_id = NULL, held_at = NULL WHERE status = 'held';
        UPDATE conversations c SET last_seq = 0, seats = ARRAY[seats[1]] WHERE last_seq > 0;""",
        timeout=120,
    )
    await rig.ledger.execute("VACUUM ANALYZE demands, participants, conversations, deliveries, outbox", timeout=300)


def _pgbench(rig: Rig, claimed: int) -> float:
    script = rig.servers.state.folder / "claim.sql"
    script.write_text(
        f"\\set who random(1, {VOLUNTEERS})\n"
        "SELECT failure, body FROM demands_next_v1('telegram', (:who)::text, gen_random_uuid()::text, 1, '', NULL);\n"
    )
    program = postgres_program().path.with_name("pgbench")
    ran = subprocess.run(
        [program, "-n", "-M", "prepared", "-c", str(CLAIMERS), "-j", "2", "-t", str(claimed // CLAIMERS), "-f", script,
         rig.servers.postgres_url],
        env=os.environ | {"PGOPTIONS": " ".join(f"-c {name}={HOT_SESSION[name]}" for name in PLANNING)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", ran.stdout)
    if found is None:
        raise RuntimeError(ran.stdout + ran.stderr)
    return float(found[1])


FILL = """
    SET session_replication_role = replica; DROP INDEX demands_words;
    INSERT INTO scenarios (place, resource) SELECT 'Place ' || n, 'Resource ' || n FROM generate_series(1, {scenarios}) n;
    INSERT INTO users (display_name, capacity) SELECT 'v' || n, 1000000 FROM generate_series(1, {volunteers}) n;
    INSERT INTO users (display_name) SELECT 'r' || n FROM generate_series(1, {requesters}) n;
    INSERT INTO identities (user_id, channel, external_id)
      SELECT id, 'telegram', CASE left(display_name, 1) WHEN 'v' THEN substr(display_name, 2)
        ELSE (1000000 + substr(display_name, 2)::int)::text END FROM users;
    INSERT INTO destinations (channel, address, identity_id) SELECT 'telegram', external_id, id FROM identities;
    INSERT INTO memberships (user_id, kind, scenario_id, state)
      SELECT u.id, 'provider', s.id, 'live' FROM (SELECT id, substr(display_name, 2)::int n FROM users WHERE display_name LIKE 'v%') u
      JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 k FROM scenarios) s
        ON s.k = 0 OR s.k IN ((u.n * 7) % {scenarios}, (u.n * 11 + 1) % {scenarios}, (u.n * 13 + 2) % {scenarios}, (u.n * 17 + 3) % {scenarios});
    INSERT INTO demands (number, scenario_id, requester_id, status, title, description, channel, submitted_at)
      SELECT 'N' || n, s.id, r.id, 'waiting', '', 'Need insulin for two', 'telegram', now() - interval '30 days' + n * interval '1 second'
      FROM generate_series(1, {waiting}) n
      JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 k FROM scenarios) s ON s.k = CASE WHEN n % 10 < 3 THEN 0 ELSE n % {scenarios} END
      JOIN (SELECT id, substr(display_name, 2)::int k FROM users WHERE display_name LIKE 'r%') r ON r.k = n % {requesters} + 1;
    INSERT INTO conversations (demand_id, seats) SELECT id, ARRAY[requester_id] FROM demands;
    INSERT INTO participants (demand_id, user_id, role, alias) SELECT id, requester_id, 'requester', 'AAAAA' FROM demands;
    CREATE INDEX demands_words ON demands USING gin (words); SET session_replication_role = origin;
"""
