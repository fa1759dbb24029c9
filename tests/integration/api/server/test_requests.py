"""Whatever arrives gets a typed answer, and the next call is served as if nothing had been."""

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

import nats
import pytest

from contracts import wire
from contracts.failures import (
    Busy,
    DeadlineExceeded,
    Failure,
    Forbidden,
    InvalidRequest,
    NotAvailableYet,
    NotFound,
    NotSignedIn,
    TooLarge,
)
from contracts.kinds import Lane
from contracts.operations import OPERATIONS
from contracts.operations.system import SYSTEM_HEALTH
from contracts.system import GetHealth
from integration.api.cases import effects
from local_servers import Addresses, Servers
from world import OPERATOR, World, made_world, until

SEND = "api.v1.telegram.messages.send"


async def ask(world: World, subject: str, body: bytes, caller: str = "telegram", **headers: str) -> Failure | None:
    """What a raw request is refused with; None when it is answered."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await world.connections[caller].request(subject, body, timeout=8, headers=named or None)
    if not (answer.headers or {}).get(wire.ERROR):
        return None
    failure = wire.decode_failure(answer.data)
    assert (answer.headers or {})[wire.ERROR] == type(failure).__name__
    assert (answer.headers or {})[wire.ERROR_CODE] == str(failure.status)
    return failure


def message(**fields: Any) -> bytes:
    return json.dumps({"demand": str(uuid4()), "text": "x", **fields}).encode()


BODIES = {
    "nothing": b"",
    "no JSON": b"\xff\xfe\x00",
    "raw NUL": b"\x00",
    "half": b'{"demand": "',
    "another type": b"[]",
    "a null": b"null",
    "no fields": b"{}",
    "an unknown field": message(is_admin=True),
    "an id that is none": message(demand="1"),
    "a number for a text": message(text=1),
    "an empty text": message(text=""),
    "a text too long": message(text="x" * 8193),
    "a NUL in a text": message(text="a\x00b"),
    "a NUL in a key": b'{"demand": "' + str(uuid4()).encode() + b'", "text": "x", "ent\\u0000": 1}',
    "half a surrogate": b'{"demand": "' + str(uuid4()).encode() + b'", "text": "\\ud83d"}',
    "an unknown style": message(entities=[{"type": "mention", "offset": 0, "length": 1}]),
    "a negative offset": message(entities=[{"type": "bold", "offset": -1, "length": 1}]),
    "too many entities": message(entities=[{"type": "bold", "offset": 0, "length": 1}] * 101),
    "nested without end": b'{"demand":' + b"[" * 5000,
    "a number without end": b'{"demand": 1e999999999999}',
}


async def test_bodies_that_are_none_are_refused_with_a_reason_that_repeats_nothing(world: World) -> None:
    person = await world.person()
    before = await effects(world.ledger)
    for what, body in BODIES.items():
        got = await ask(world, SEND, body, Actor=person.actor, Idempotency_Key="k")
        assert isinstance(got, InvalidRequest), what
        assert got.problem, what
        assert "is_admin" not in got.problem
    large = await ask(world, SEND, message(text="x" * wire.REQUEST_LIMIT), Actor=person.actor, Idempotency_Key="k")
    assert large == TooLarge(limit=wire.REQUEST_LIMIT)
    with pytest.raises(nats.errors.MaxPayloadError):
        await ask(world, SEND, b" " * 10_000_000, Actor=person.actor, Idempotency_Key="k")
    assert isinstance(await ask(world, SEND, message(), Actor=person.actor, Idempotency_Key="k"), NotFound)
    assert await effects(world.ledger) == before


async def test_payloads_that_postgres_cannot_keep_are_refused_not_broken(world: World) -> None:
    scenario, person = await world.scenario(), await world.person()
    subject = "api.v1.telegram.demands.create"
    for number, payload in enumerate(
        ('{"a\\u0000": 1}', '{"a": ["\\u0000"]}', '{"a": 1e400}', '{"a": "\\ud800"}', "[" * 900 + "]" * 900)
    ):
        body = f'{{"scenario": "{scenario.id}", "description": "x", "payload": {payload}}}'.encode()
        got = await ask(world, subject, body, Actor=person.actor, Idempotency_Key=f"k{number}")
        assert isinstance(got, InvalidRequest), payload[:20]
    deep = "[" * 20 + "]" * 20
    body = f'{{"scenario": "{scenario.id}", "description": "x", "payload": {{"a": {deep}}}}}'.encode()
    assert await ask(world, subject, body, Actor=person.actor, Idempotency_Key="deep") is None


ACTORS = {
    "": InvalidRequest,
    "telegram": InvalidRequest,
    "telegram:": InvalidRequest,
    "telegram:0": InvalidRequest,
    "telegram:-5": InvalidRequest,
    "telegram:05": InvalidRequest,
    "telegram:5 ": InvalidRequest,
    "telegram:5;operator:x": InvalidRequest,
    "telegram:12345678901234567": InvalidRequest,
    "telegram:٥": InvalidRequest,
    "Telegram:5": InvalidRequest,
    "user:5": InvalidRequest,
    "operator:root": Forbidden,
    f"session:{'0' * 64}": Forbidden,
    "telegram:4503599627370496": NotSignedIn,
}


async def test_nobody_speaks_for_whom_they_may_not(world: World) -> None:
    for actor, expected in ACTORS.items():
        got = await ask(world, "api.v1.telegram.users.me", b"{}", Actor=actor)
        # A blank at the end is no part of a header's value.
        assert type(got) is (NotSignedIn if actor == "telegram:5 " else expected), actor
    assert isinstance(await ask(world, "api.v1.telegram.users.me", b"{}"), NotSignedIn)
    for actor in ("telegram:5", f"session:{'0' * 64}"):
        assert isinstance(await ask(world, "api.v1.operator.demands.get", b"{}", "operator", Actor=actor), Forbidden)
    nobody = await ask(world, "api.v1.telegram.deliveries.begin", b"{}", Actor="telegram:5", Idempotency_Key="k")
    assert isinstance(nobody, InvalidRequest)


async def test_a_deadline_is_kept_and_never_stretched(world: World) -> None:
    person = await world.person()
    before = await effects(world.ledger)
    for late in (0, int(time.time() * 1000) - 1, -5):
        got = await ask(
            world,
            "api.v1.telegram.users.update_me",
            b'{"locale": "ru"}',
            Actor=person.actor,
            Idempotency_Key="k",
            Api_Deadline=str(late),
        )
        assert isinstance(got, DeadlineExceeded)
    assert await effects(world.ledger) == before
    for odd in ("", "soon", "1e9", "nan", "9" * 400, "9" * 5000):
        assert await ask(world, "api.v1.telegram.users.me", b"{}", Actor=person.actor, Api_Deadline=odd) is None, odd


async def nobody_waits(ledger: Any) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await ledger.fetchval(waiting) == 0)


async def test_a_call_that_waits_beyond_its_deadline_has_no_effect(world: World) -> None:
    scenario, requester = await world.scenario(), await world.person()
    demand = await world.demand(requester, scenario)
    soon = {"Actor": requester.actor, "Idempotency_Key": "k"}
    async with world.ledger.acquire() as holder, holder.transaction():
        await holder.execute("SELECT FROM demands WHERE id = $1 FOR UPDATE", demand.id)
        await holder.execute("SELECT FROM conversations WHERE demand_id = $1 FOR UPDATE", demand.id)
        for name, body in (("demands.close", {}), ("messages.send", {"text": "x"})):
            began = time.monotonic()
            got = await ask(
                world, f"api.v1.telegram.{name}", json.dumps({"demand": str(demand.id), **body}).encode(),
                Api_Deadline=str(int(time.time() * 1000) + 150), **soon,
            )  # fmt: skip
            assert isinstance(got, DeadlineExceeded), name
            assert time.monotonic() - began < 2
        # What was given up is cancelled, or gives up waiting itself, before the locks are let go.
        await until(lambda: nobody_waits(holder))
    assert await world.ledger.fetchval("SELECT status FROM demands") == "waiting"
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'") == 0


async def test_every_promised_operation_says_that_it_is_not_built_yet(world: World) -> None:
    person = await world.person()
    # The web's session is not looked at: there is nothing yet that it could open.
    named = {"telegram": person.actor, "operator": OPERATOR, "web": f"session:{'0' * 64}"}
    promised = {row.name for row in OPERATIONS if not row.is_built}
    tried = set()
    for row in OPERATIONS:
        for caller in row.callers if row.name in promised else ():
            actor = {} if row.actor == "none" else {"Actor": named[caller]}
            got = await ask(world, f"api.v1.{caller}.{row.name}", b"{}", caller, **actor)
            assert isinstance(got, NotAvailableYet), (row.name, caller)
            tried.add(row.name)
    assert tried == promised


async def test_over_the_bound_calls_are_told_to_come_back_at_once(servers: Addresses, broker: Servers) -> None:
    async with made_world(servers, broker) as world:
        scenario = await world.scenario()
        body = json.dumps({"id": str(scenario.id)}).encode()
        table = "LOCK TABLE scenarios IN ACCESS EXCLUSIVE MODE"
        async with world.ledger.acquire() as holder, holder.transaction():
            await holder.execute(table)
            began = time.monotonic()
            got = await asyncio.gather(
                *(
                    ask(
                        world,
                        "api.v1.operator.scenarios.retire",
                        body,
                        "operator",
                        Actor=OPERATOR,
                        Idempotency_Key=f"k{n}",
                    )
                    for n in range(60)
                )
            )
            refused = [each for each in got if isinstance(each, Busy)]
            assert time.monotonic() - began < 8
            assert len(refused) >= 60 - 32
            assert all(0 < each.retry_after < 5 for each in refused)
            # Staff work stands still; others are served.
            assert (await world.bot.call(SYSTEM_HEALTH, GetHealth())).version
        assert Lane.STAFF in {row.lane for row in OPERATIONS}
