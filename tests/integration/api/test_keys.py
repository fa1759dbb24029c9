"""A key is one wish: one effect, one answer, and never another's."""

import asyncio

import pytest

from contracts import wire
from contracts.failures import Failure, InvalidRequest, KeyReused
from contracts.kinds import Writes
from contracts.operations import OPERATIONS
from contracts.operations.system import SYSTEM_ANSWER
from contracts.system import GetAnswer
from integration.api.cases import KEPT as FIRST
from integration.api.cases import effects, gained
from integration.api.chat_cases import OF_CHATS
from integration.api.demand_cases import OF_DEMANDS
from integration.api.staff_cases import MORE
from world import OPERATOR, World

KEPT = {**FIRST, **OF_DEMANDS, **OF_CHATS, **MORE}


def test_every_operation_that_keeps_its_answer_is_tried() -> None:
    assert set(KEPT) == {row.name for row in OPERATIONS if row.is_built and row.writes is Writes.STORED}


@pytest.mark.parametrize("name", KEPT)
async def test_a_key_again_gives_the_same_answer_and_no_second_effect(world: World, name: str) -> None:
    case = await KEPT[name](world)
    first = await case.ask("wish")
    done = await effects(world.ledger)
    assert await case.ask("wish") == first
    if case.other is not None:
        with pytest.raises(KeyReused):
            await case.ask("wish", case.other)
    assert await effects(world.ledger) == done
    kept = await case.caller.call(SYSTEM_ANSWER, GetAnswer(operation=name, key="wish"), actor=case.actor)
    assert kept.done
    assert wire.decode_reply(case.operation, wire.encode(kept.reply)) == first
    unknown = await case.caller.call(SYSTEM_ANSWER, GetAnswer(operation=name, key="none"), actor=case.actor)
    assert not unknown.done


@pytest.mark.parametrize("name", KEPT)
async def test_twenty_at_once_under_one_key_are_one(world: World, name: str) -> None:
    lonely, crowd = await KEPT[name](world), await KEPT[name](world)
    before = await effects(world.ledger)
    await lonely.ask("wish")
    between = await effects(world.ledger)
    answers = await asyncio.gather(*(crowd.ask("crowd") for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert gained(between, await effects(world.ledger)) == gained(before, between)


async def test_a_payload_spelled_in_another_order_is_the_same_request(world: World) -> None:
    case = await KEPT["scenarios.create"](world)
    body = wire.encode(case.request)
    other = body.replace(b'{"a":1,"b":2}', b'{"b":2, "a":1}')
    assert other != body
    answers = [
        await world.connections["operator"].request(
            wire.subject_of(case.operation, "operator"),  # type: ignore[arg-type]
            spelled,
            timeout=5,
            headers={wire.ACTOR: case.actor, wire.IDEMPOTENCY_KEY: "wish"},
        )
        for spelled in (body, other)
    ]
    assert answers[0].data == answers[1].data
    assert not (answers[1].headers or {}).get(wire.ERROR)


async def test_no_change_without_a_usable_key(world: World) -> None:
    before = await effects(world.ledger)
    writing = [row for row in OPERATIONS if row.is_built and row.writes != "no"]
    assert len(writing) > len(KEPT)
    for row in writing:
        caller = max(row.callers & {"telegram", "operator"} or row.callers)
        actors = {"operator": OPERATOR, "telegram": "telegram:5", "web": wire.session_actor("nobody's")}
        actor = {} if row.actor == "none" else {wire.ACTOR: actors[caller]}
        for key in ({}, *({wire.IDEMPOTENCY_KEY: key} for key in ("", "x" * 201, "line\tbreak"))):
            answer = await world.connections[caller].request(
                wire.subject_of(row, caller), b"{}", timeout=5, headers={**actor, **key}
            )
            failure: Failure = wire.decode_failure(answer.data)
            assert isinstance(failure, InvalidRequest), row.name
            assert "Idempotency-Key" in failure.problem
    assert await effects(world.ledger) == before


async def test_the_longest_key_is_good(world: World) -> None:
    case = await KEPT["messages.send"](world)
    assert await case.ask("k" * 200) == await case.ask("k" * 200)


async def test_one_person_never_gets_anothers_answer(world: World) -> None:
    one, two = await KEPT["demands.create"](world), await KEPT["demands.create"](world)
    assert (await one.ask("same")).id != (await two.ask("same")).id
