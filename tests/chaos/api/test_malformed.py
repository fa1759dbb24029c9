"""Thousands of requests as nobody should send them: each gets a typed answer, none costs much, and memory stays flat."""

import asyncio
import collections
import contextlib
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from chaos.api.alone import alone, tell
from chaos.api.crowd import LONG, rounds
from chaos.api.malformed import Call, Known, calls, is_typed
from contracts import wire
from contracts.failures import Failure, Internal
from contracts.operations import BY_NAME
from contracts.operations.system import SYSTEM_HEALTH
from contracts.system import GetHealth
from integration.api.town import chat_of, seated
from local_servers import Addresses, Servers
from world import OPERATOR, World, made_world

pytestmark = pytest.mark.chaos

AT_ONCE = 4
SLOW = 0.05  # s; nothing malformed may cost more where nobody else is at work
BROKEN = 2.5  # s; on a machine that is busy with other things as well
GROWTH = 1.25


async def known_in(world: World) -> Known:
    """People and things for requests to name."""
    at, admin = await seated(world), await world.person("Admin")
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    people = (at.requester, at.provider, at.moderator, admin)
    waiting = await world.demand(at.requester, at.scenario)
    ids = (at.scenario.id, at.demand, waiting.id, *(person.user for person in people), await chat_of(at.provider))
    return Known((*(person.actor for person in people), OPERATOR), ids)


def generated(known: Known, count: int) -> list[Call]:
    """So many calls, other ones in each run."""
    made: list[Call] = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(calls(known))
    def collect(call: Call) -> None:
        made.append(call)

    collect()
    return made


def decoding(call: Call) -> float:
    """Seconds of processor time that understanding a body takes, whoever else is at work on the machine."""
    began = time.thread_time()
    with contextlib.suppress(Failure):
        wire.decode_request(call.operation, call.body)
    return time.thread_time() - began


async def test_whatever_arrives_gets_a_typed_answer_soon_and_costs_no_memory(
    servers: Addresses, broker: Servers
) -> None:
    async with made_world(servers, broker, serve=False) as world, alone(world) as api:
        known = await known_in(world)
        made = await asyncio.to_thread(generated, known, rounds(500, 5000))
        warm_up = len(made) // 5
        outcomes = collections.Counter[str]()
        wrong: list[str] = []
        gate = asyncio.Semaphore(AT_ONCE)

        async def ask(call: Call) -> None:
            async with gate:
                subject = wire.subject_of(call.operation, call.caller)
                connection = world.connections[call.caller.value]
                answer = await connection.request(subject, call.body, timeout=10, headers=call.headers)
            failure = (answer.headers or {}).get(wire.ERROR)
            outcomes[failure or "a reply"] += 1
            if not is_typed(call, answer.data, refused=failure is not None):
                wrong.append(f"{call.operation.name}: {answer.data[:200]!r} to {call.body[:300]!r} {call.headers}")

        await asyncio.gather(*(ask(call) for call in made[:warm_up]))
        before, began = api.memory(), time.monotonic()
        await asyncio.gather(*(ask(call) for call in made[warm_up:]))
        took, after = time.monotonic() - began, api.memory()
        slow, every = await api.slower_than(SLOW)
        broken, _ = await api.slower_than(BROKEN)
        tell(f"{len(made)} malformed calls, {(len(made) - warm_up) / took:.0f}/s: {dict(outcomes.most_common())}")
        dearest = max(decoding(call) for call in made)
        tell(f"the dearest body cost {1000 * dearest:.1f} ms of processor time to understand")
        tell(
            f"slower than {SLOW} s: {slow} of {every}; memory {before >> 20} MiB after warm-up, {after >> 20} MiB at the end"
        )
        assert not wrong, "\n".join(wrong[:20])
        assert Internal.__name__ not in outcomes
        assert sum(outcomes.values()) == len(made)
        assert outcomes["InvalidRequest"] > len(made) // 4
        assert outcomes["a reply"] > len(made) // 50, "requests that are all refused at the door prove little"
        called = {call.operation.name for call in made}
        built = {name for name, row in BY_NAME.items() if row.is_built}
        assert called == built if LONG else len(called) > len(built) / 2
        assert dearest < SLOW
        assert broken == 0
        assert after < before * GROWTH
        assert (await world.bot.call(SYSTEM_HEALTH, GetHealth())).version
