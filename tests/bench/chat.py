"""The chat as people feel it: from accepting a message to calling Telegram, and what an update costs the bot."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bare_telegram import TOKEN, BareTelegram, bare_telegram
from measures import Row
from rig import Rig, free_port

from contracts.demands import CreateDemand, NextDemand
from contracts.kinds import MembershipKind
from contracts.memberships import AssignMembership
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_NEXT
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.scenarios import MEMBERSHIPS_ASSIGN, SCENARIOS_CREATE
from contracts.operations.users import USERS_ENTER
from contracts.scenarios import CreateScenario, Scenario
from contracts.shapes import DemandId
from contracts.users import EnterUser

OPERATOR = "operator:bench"
PAIRS = 300
MESSAGES = 400
PER_SECOND = 40
UPDATES_PER_SECOND = 300
UPDATE_SECONDS = 20
P50_MS, P99_MS = 10.0, 100.0
CPU_MS = 2.5


@dataclass(frozen=True)
class Pair:
    """Somebody who asked and the one who helps, in one held demand; people by their number in Telegram."""

    requester: int
    provider: int
    demand: DemandId


async def chat(rig: Rig) -> list[Row]:
    """Latency at an easy pace, then the bot's processor time and how far it falls behind at a hard one."""
    async with bare_telegram() as telegram, _bot(rig, telegram) as bot_pid:
        pairs = await _pairs(rig)
        return [await _latency(rig, telegram, pairs), *await _cost(telegram, pairs, bot_pid)]


async def _latency(rig: Rig, telegram: BareTelegram, pairs: list[Pair]) -> Row:
    accepted: dict[str, float] = {}
    telegram.listen_for({_tag(number) for number in range(MESSAGES)})
    for number in range(MESSAGES):
        pair = pairs[number % len(pairs)]
        request = SendMessage(demand=pair.demand, text=_tag(number))
        await rig.telegram.call(MESSAGES_SEND, request, actor=f"telegram:{pair.requester}")
        accepted[_tag(number)] = time.time()
        await asyncio.sleep(1 / PER_SECOND)
    await telegram.heard_all(within=60)
    took = sorted(1000 * (at - accepted[tag]) for tag, at in telegram.said.items())
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    return Row(
        f"message accepted -> sendMessage called, {PER_SECOND}/s",
        f"p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        f"budget p50 {P50_MS:.0f} ms, p99 {P99_MS:.0f} ms",
        None,
        None,
    )


async def _cost(telegram: BareTelegram, pairs: list[Pair], bot_pid: int) -> list[Row]:
    total = UPDATES_PER_SECOND * UPDATE_SECONDS
    telegram.listen_for({_tag(number) for number in range(total)})
    before, began = _cpu(bot_pid), time.time()
    for number in range(total):
        due = began + number / UPDATES_PER_SECOND
        await asyncio.sleep(max(0.0, due - time.time()))
        telegram.write(pairs[number % len(pairs)].provider, _tag(number))
    await telegram.heard_all(within=120)
    each = 1000 * (_cpu(bot_pid) - before) / total
    lags = [1000 * (telegram.said[_tag(number)] - began - number / UPDATES_PER_SECOND) for number in range(total)]
    # The first second warms up.
    fifth = total // 5
    early, late = statistics.median(lags[UPDATES_PER_SECOND:fifth]), statistics.median(lags[-fifth:])
    done = total / (max(telegram.said.values()) - began)
    offered = f"{UPDATES_PER_SECOND}/s offered for {UPDATE_SECONDS} s"
    return [
        Row(f"one update in and one message out, {offered}", f"{each:.2f} ms of the bot's CPU", f"budget {CPU_MS} ms", None, None),
        Row(
            f"lag of the same, {UPDATES_PER_SECOND}/s",
            f"median {early:.0f} ms in the first fifth, {late:.0f} ms in the last, {done:.0f}/s done",
            "budget: no growth",
            None,
            None,
        ),
    ]  # fmt: skip


def _tag(number: int) -> str:
    return f"tag-{number}-end"


@asynccontextmanager
async def _bot(rig: Rig, telegram: BareTelegram) -> AsyncIterator[int]:
    rig.environment |= {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": telegram.url,
        "NATS_SEED_FILE": str(rig.servers.nats_seeds["telegram"]),
        "SENDS_PER_SECOND": "0",
        "CHAT_SENDS_PER_SECOND": "100",
        "PERSON_UPDATES_PER_SECOND": "0",
        "HEALTH_PORT": str(free_port()),
    }
    bot = rig.spawn("-m", "telegram_bot")
    try:
        yield bot.pid
    finally:
        bot.terminate()
        await asyncio.to_thread(bot.wait, 30)


async def _pairs(rig: Rig) -> list[Pair]:
    scenario: Scenario = await rig.operator.call(
        SCENARIOS_CREATE, CreateScenario(place="Bench", resource="Company"), actor=OPERATOR
    )
    made = []
    for number in range(PAIRS):
        requester, provider = 10_000 + number, 20_000 + number
        for person in (requester, provider):
            me = await rig.telegram.call(USERS_ENTER, EnterUser(display_name=f"P{person}"), actor=f"telegram:{person}")
        assign = AssignMembership(user=me.user.id, scenario=scenario.id, kind=MembershipKind.PROVIDER)
        await rig.operator.call(MEMBERSHIPS_ASSIGN, assign, actor=OPERATOR)
        ask = CreateDemand(scenario=scenario.id, description="Somebody to talk to")
        demand = await rig.telegram.call(DEMANDS_CREATE, ask, actor=f"telegram:{requester}")
        await rig.telegram.call(DEMANDS_NEXT, NextDemand(), actor=f"telegram:{provider}")
        made.append(Pair(requester, provider, demand.id))
    return made


def _cpu(pid: int) -> float:
    """Processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
