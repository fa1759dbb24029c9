"""Thousands of requests as nobody should send them: each gets a typed answer, none costs much, and memory stays flat."""

import asyncio
import collections
import contextlib
import time
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from nats.aio.msg import Msg

from chaos.api.alone import Alone, alone, tell
from chaos.api.crowd import LONG, at_once, bound, kinds, rounds
from chaos.api.malformed import Call, Known, calls, is_typed, untouched, with_nul
from contracts import wire
from contracts.accounts import SignIn
from contracts.client import Client
from contracts.failures import Failure, Internal
from contracts.kinds import Caller
from contracts.operations import BY_NAME
from contracts.operations.system import SYSTEM_HEALTH
from contracts.operations.users import USERS_SIGN_IN
from contracts.system import GetHealth
from integration.api.town import chat_of, seated
from integration.api.users.visitors import signed_up
from local_servers import Addresses, Servers
from world import OPERATOR, World, made_world

pytestmark = pytest.mark.chaos

AT_ONCE = 4
SLOW = 0.05  # s; nothing malformed may cost more where nobody else is at work
TRIES = 25  # one quick answer to a call acquits its handler: what is slow by itself is slow each time, a busy machine is not
HASHING = 0.5  # s; what compares a password costs that on purpose
HASH = frozenset({"users.sign_in", "users.sign_up", "users.change_password", "users.totp_start"})
# Refusals that a call may meet before its handler hears of it.
AT_THE_DOOR = frozenset(
    {"InvalidRequest", "NotSignedIn", "Forbidden", "Banned", "Busy", "DeadlineExceeded", "NotAvailableYet"}
)
SWITCHED_OFF = frozenset({"users.sign_in_telegram"})  # refuses in the words of the door
ASKED_AGAIN = 5  # times; the api may be too busy, whoever makes it so
GROWTH = 8 << 20  # bytes that fragments of memory may come to; all of a leak that is worth the name is more


async def known_in(world: World) -> Known:
    """People and things for requests to name."""
    at, admin, visitor = await seated(world), await world.person("Admin"), await signed_up(world)
    staff = [admin.user, visitor.user]
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = ANY ($1::uuid[])", staff)
    people = (at.requester, at.provider, at.moderator, admin)
    waiting = await world.demand(at.requester, at.scenario)
    ids = (at.scenario.id, at.demand, waiting.id, *(person.user for person in people), await chat_of(at.provider))
    return Known((*(person.actor for person in people), visitor.actor, OPERATOR), ids)


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


@dataclass
class Asked:
    """What a run of calls came to."""

    world: World
    outcomes: collections.Counter[str] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)
    late: list[Call] = field(default_factory=list)
    # Operations whose handler answered for certain, and whether it was late.
    inside: set[tuple[str, bool]] = field(default_factory=set)

    async def ask(self, call: Call) -> None:
        """Make the call; keep what kind of answer it got, and whether that was typed and in time."""
        began = time.monotonic()
        answer = await self.request(call)
        is_late = time.monotonic() - began > allowed(call)
        failure = (answer.headers or {}).get(wire.ERROR)
        if is_late:
            self.late.append(call)
        if failure not in AT_THE_DOOR:
            self.inside.add((call.operation.name, is_late))
        self.outcomes[failure or "a reply"] += 1
        if not is_typed(call, answer.data, refused=failure is not None):
            self.wrong.append(f"{call.operation.name}: {answer.data[:200]!r} to {call.body[:300]!r} {call.headers}")

    async def all(self, made: list[Call]) -> None:
        """Make these calls, a few at a time."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(call: Call) -> None:
            async with gate:
                await self.ask(call)

        await asyncio.gather(*(one(call) for call in made))

    async def request(self, call: Call) -> Msg:
        subject = wire.subject_of(call.operation, call.caller)
        return await self.world.connections[call.caller.value].request(
            subject, call.body, timeout=10, headers=call.headers
        )

    async def slow(self, api: Alone) -> list[str]:
        """Of the calls answered late those whose handler takes too long each time, by the api's own clock."""
        return [
            f"{call.operation.name} {call.body[:200]!r}" for call in self.late if not await self._acquitted(call, api)
        ]

    async def never_in_time(self, api: Alone) -> list[str]:
        """Operations whose handler was late every time, and is so each time it is asked again."""
        doubted = {call.operation.name: call for call in self.late if (call.operation.name, False) not in self.inside}
        return [name for name, call in doubted.items() if not await self._acquitted(call, api)]

    async def _acquitted(self, call: Call, api: Alone) -> bool:
        for _ in range(TRIES):
            if wire.IDEMPOTENCY_KEY in call.headers:  # an answer that is kept would be none of the handler's
                call = replace(call, headers=call.headers | {wire.IDEMPOTENCY_KEY: str(uuid4())})
            if call.operation.name == "users.erase_me":  # whoever was forgotten is nobody the handler would hear of
                actor = (await self.world.person()).actor
                call = replace(call, caller=Caller.TELEGRAM, headers=call.headers | {wire.ACTOR: actor})
            before, _ = await api.slower_than(allowed(call))
            await self.request(call)
            after, _ = await api.slower_than(allowed(call))
            if after == before:
                return True
        return False


def allowed(call: Call) -> float:
    return HASHING if call.operation.name in HASH else SLOW


async def hashed(world: World) -> None:
    """Passwords compared as many at once as there may be: the memory that takes is kept by the allocator."""
    web = Client(world.connections["web"], Caller.WEB, lambda: "")
    signing_in = (
        SignIn(source=f"place {n}", login=f"nobody{n}@example.org", password="not this one") for n in range(AT_ONCE)
    )
    assert kinds(await at_once(web.call(USERS_SIGN_IN, each) for each in signing_in)) == {"SignInRefused": AT_ONCE}


async def every_handler(world: World, api: Alone) -> list[str]:
    """Operations whose handler is slow by itself: each is asked for as it should be, by everybody who may."""
    good = Asked(world)
    built = {name for name, row in BY_NAME.items() if row.is_built}
    for _ in range(ASKED_AGAIN):
        await good.all(untouched(await known_in(world)))
        missed = built - {name for name, _ in good.inside} - HASH - SWITCHED_OFF
        if not missed:
            break
    assert not missed, "a handler that nobody gets to is not measured"
    assert not good.wrong, "\n".join(good.wrong[:20])
    return await good.never_in_time(api)


async def test_whatever_arrives_gets_a_typed_answer_soon_and_costs_no_memory(
    servers: Addresses, broker: Servers
) -> None:
    async with made_world(servers, broker, serve=False) as world, alone(world) as api:
        known = await known_in(world)
        made = with_nul(known) + await asyncio.to_thread(generated, known, rounds(300, 5000))
        warm_up = len(made) // 5
        asked = Asked(world)
        await hashed(world)
        await asked.all(made[:warm_up])
        before, began = api.memory(), time.monotonic()
        await asked.all(made[warm_up:])
        took, after = time.monotonic() - began, api.memory()
        outcomes = asked.outcomes
        above, every = await api.slower_than(SLOW)
        slow = await asked.slow(api) + await every_handler(world, api)
        tell(f"{len(made)} malformed calls, {(len(made) - warm_up) / took:.0f}/s: {dict(outcomes.most_common())}")
        dearest = max(min(decoding(call) for _ in range(3)) for call in made)
        tell(f"the dearest body cost {1000 * dearest:.1f} ms of processor time to understand")
        tell(f"above {SLOW} s: {above} of {every} by the api, {len(asked.late)} by the callers, {len(slow)} each time")
        tell(f"memory {before >> 10} KiB after warm-up, {after >> 10} KiB at the end")
        assert not asked.wrong, "\n".join(asked.wrong[:20])
        assert Internal.__name__ not in outcomes
        assert sum(outcomes.values()) == len(made)
        assert outcomes["InvalidRequest"] > len(made) // 4
        inside = sum(number for what, number in outcomes.items() if what not in AT_THE_DOOR)
        assert inside > bound(0, len(made) // 50), "requests that are all refused at the door prove little"
        called = {call.operation.name for call in made}
        built = {name for name, row in BY_NAME.items() if row.is_built}
        assert called == built if LONG else len(called) > len(built) / 2
        assert dearest < SLOW
        assert not slow, "\n".join(slow[:20])
        assert after < before + GROWTH
        assert (await world.bot.call(SYSTEM_HEALTH, GetHealth())).version
