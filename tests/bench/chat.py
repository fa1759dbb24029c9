"""The chat as people feel it: from accepting a message to calling Telegram, and what an update costs the bot."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from measures import Row
from rig import Rig, free_port

from contracts.demands import CreateDemand, NextDemand
from contracts.kinds import MembershipKind
from contracts.memberships import AssignMembership
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_NEXT
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.scenarios import MEMBERSHIPS_ASSIGN, SCENARIOS_CREATE
from contracts.operations.users import USERS_ME
from contracts.scenarios import CreateScenario, Scenario
from contracts.shapes import DemandId
from contracts.users import GetMe
from telegram_simulator import DEMO_TOKEN, Person, Simulator

OPERATOR = "operator:bench"
PAIRS = 40
MESSAGES = 400
PER_SECOND = 40
UPDATES_PER_SECOND = 300
UPDATE_SECONDS = 5
P50_MS, P99_MS = 10.0, 100.0
CPU_MS = 2.5


@dataclass(frozen=True)
class Pair:
    """Somebody who asked and the one who helps, in one held demand."""

    requester: Person
    provider: Person
    demand: DemandId


async def chat(rig: Rig) -> list[Row]:
    """Latency at an easy pace, then the bot's processor time at a hard one."""
    async with _bot(rig) as (simulator, bot_pid):
        pairs = await _pairs(rig, simulator)
        return [await _latency(rig, simulator, pairs), await _cost(simulator, pairs, bot_pid)]


async def _latency(rig: Rig, simulator: Simulator, pairs: list[Pair]) -> Row:
    since = (await simulator.status())["journal"]["number"]
    accepted: dict[str, float] = {}
    for number in range(MESSAGES):
        pair = pairs[number % len(pairs)]
        tag = f"tag-{number}-end"
        request = SendMessage(demand=pair.demand, text=tag)
        await rig.telegram.call(MESSAGES_SEND, request, actor=f"telegram:{pair.requester.id}")
        accepted[tag] = time.time()
        await asyncio.sleep(1 / PER_SECOND)
    took = sorted(1000 * (at - accepted[tag]) for tag, at in (await _called(simulator, since, set(accepted))).items())
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    return Row(
        f"message accepted -> sendMessage called, {PER_SECOND}/s",
        f"p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        f"budget p50 {P50_MS:.0f} ms, p99 {P99_MS:.0f} ms",
        None,
        None,
    )


async def _cost(simulator: Simulator, pairs: list[Pair], bot_pid: int) -> Row:
    since = (await simulator.status())["journal"]["number"]
    before, began = _cpu(bot_pid), time.perf_counter()
    total = UPDATES_PER_SECOND * UPDATE_SECONDS
    tags = {f"tag-u{number}-end" for number in range(total)}
    async with asyncio.TaskGroup() as tasks:
        for number, tag in enumerate(sorted(tags)):
            tasks.create_task(pairs[number % len(pairs)].provider.say(tag))
            await asyncio.sleep(max(0.0, began + number / UPDATES_PER_SECOND - time.perf_counter()))
    arrived = await _called(simulator, since, tags)
    took = time.perf_counter() - began
    each = 1000 * (_cpu(bot_pid) - before) / total
    return Row(
        f"one update in and one message out, {UPDATES_PER_SECOND}/s offered",
        f"{each:.2f} ms of the bot's CPU, {len(arrived) / took:.0f}/s done",
        f"budget {CPU_MS} ms an update",
        None,
        None,
    )


async def _called(simulator: Simulator, since: int, tags: set[str]) -> dict[str, float]:
    """When each tagged text was first sent; waits up to two minutes for all of them."""
    found: dict[str, float] = {}
    async with asyncio.timeout(120):
        while len(found) < len(tags):
            entries = await simulator.journal(since, method="sendMessage", seconds=5)
            for entry in entries:
                since = entry.number
                tag = str(entry.params.get("text", "")).rpartition("\n")[2]
                if tag in tags:
                    found.setdefault(tag, entry.at)
    return found


@asynccontextmanager
async def _bot(rig: Rig) -> AsyncIterator[tuple[Simulator, int]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    simulated = rig.spawn("-m", "telegram_simulator", "--port", str(port), "--token", DEMO_TOKEN)
    rig.environment |= {
        "BOT_TOKEN": DEMO_TOKEN,
        "BOT_API_URL": url,
        "NATS_SEED_FILE": str(rig.servers.nats_seeds["telegram"]),
        "SENDS_PER_SECOND": "0",
        "PERSON_UPDATES_PER_SECOND": "0",
        "HEALTH_PORT": str(free_port()),
    }
    bot = rig.spawn("-m", "telegram_bot")
    try:
        async with Simulator(url) as simulator:
            for _ in range(100):
                try:
                    await simulator.status()
                    break
                except OSError:
                    await asyncio.sleep(0.1)
            yield simulator, bot.pid
    finally:
        for process in (bot, simulated):
            process.terminate()
            process.wait(30)


async def _pairs(rig: Rig, simulator: Simulator) -> list[Pair]:
    scenario: Scenario = await rig.operator.call(
        SCENARIOS_CREATE, CreateScenario(place="Bench", resource="Company"), actor=OPERATOR
    )
    made = []
    for number in range(PAIRS):
        requester = await simulator.person(f"R{number}")
        provider = await simulator.person(f"P{number}")
        for person in (requester, provider):
            await person.start()
            await person.wait_for("", seconds=30)
        who = f"telegram:{provider.id}"
        me = await rig.telegram.call(USERS_ME, GetMe(), actor=who)
        assign = AssignMembership(user=me.user.id, scenario=scenario.id, kind=MembershipKind.PROVIDER)
        await rig.operator.call(MEMBERSHIPS_ASSIGN, assign, actor=OPERATOR)
        ask = CreateDemand(scenario=scenario.id, description="Somebody to talk to")
        demand = await rig.telegram.call(DEMANDS_CREATE, ask, actor=f"telegram:{requester.id}")
        await rig.telegram.call(DEMANDS_NEXT, NextDemand(), actor=who)
        made.append(Pair(requester, provider, demand.id))
    return made


def _cpu(pid: int) -> float:
    """Processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
