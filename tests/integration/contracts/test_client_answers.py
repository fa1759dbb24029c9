"""What the client sends, and what it makes of every answer."""

import asyncio
import json
import time
from dataclasses import replace
from uuid import UUID

import msgspec
import pytest
from nats.aio.msg import Msg

from contracts import wire
from contracts.demands import NextDemand, SearchDemands, TakeDemand
from contracts.failures import (
    AtCapacity,
    Forbidden,
    Internal,
    InvalidRequest,
    TooLarge,
)
from contracts.operations.demands import DEMANDS_SEARCH, DEMANDS_TAKE
from integration.contracts.scripted_api import LONG, NOTHING, SHORT, TRACE, Join, Setting


async def test_a_call_carries_actor_key_deadline_and_trace(setting: Setting):
    api = await setting.answering(NOTHING)
    asked = time.time()
    assert await setting.next(LONG, key="telegram:7:1") == NOTHING
    (message,) = api.heard
    assert message.subject == "api.v1.telegram.demands.next"
    assert message.reply.startswith("_INBOX_telegram.")
    assert message.headers == {
        "traceparent": TRACE,
        "Actor": "telegram:1",
        "Idempotency-Key": "telegram:7:1",
        "Api-Deadline": (message.headers or {})["Api-Deadline"],
    }
    assert asked + 25 < int(api.headers("Api-Deadline")[0]) / 1000 <= time.time() + 30


async def test_a_writing_call_without_a_key_gets_one_of_its_own_and_a_reading_one_none(setting: Setting):
    api = await setting.answering(NOTHING)
    await setting.next()
    await setting.next()
    await setting.client.call(replace(SHORT, writes=DEMANDS_SEARCH.writes), NextDemand())
    first, second, third = api.headers("Idempotency-Key")
    assert UUID(first) != UUID(second)
    assert third == ""
    assert api.headers("Actor") == ["telegram:1", "telegram:1", ""]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"type":"Gone"}',
        b'{"type":"Taken"}',
        b'{"type":"Paused","until":"\xff"}',
        b"[" * 100_000,
    ],
)
async def test_an_answer_nobody_understands_is_internal(setting: Setting, body: bytes):
    await setting.answering(body)
    with pytest.raises(Internal) as failure:
        await setting.next()
    assert failure.value == Internal(incident="undecodable reply")


async def test_a_failure_arrives_as_what_it_is_and_is_not_asked_again(setting: Setting):
    for failure in (AtCapacity(held=["4F7K"]), Forbidden(), Internal(incident="8d1f")):
        api = await setting.answering(failure)
        with pytest.raises(type(failure)) as caught_failure:
            await setting.next()
        assert caught_failure.value == failure
        assert len(api.heard) == 1
        await api._connection.close()


async def test_what_cannot_be_sent_unharmed_is_refused_and_not_sent(setting: Setting):
    api = await setting.answering(NOTHING)
    call = setting.client.call
    demand = json.loads('"01920000-dffc-7177-8fd0-bbfd67490676"')
    for key in ("", " x", "x\r\nActor: operator:me", "ключ", "x" * 201):
        with pytest.raises(InvalidRequest, match="the key is 1 to 200 printable ASCII characters"):
            await setting.next(key=key)
    for actor in ("", "telegram:1\n", "operator:имя"):
        with pytest.raises(InvalidRequest, match="the actor"):
            await call(SHORT, NextDemand(), actor=actor)
    search = replace(DEMANDS_SEARCH, name="demands.next")
    with pytest.raises(InvalidRequest, match="half a character"):
        await call(search, SearchDemands(query="\ud83d"))
    with pytest.raises(TooLarge):
        await call(search, SearchDemands(query="x" * wire.REQUEST_LIMIT))
    taken = replace(DEMANDS_TAKE, name="demands.next")
    with pytest.raises(Internal):
        await call(taken, TakeDemand(demand=msgspec.convert(demand, UUID)))  # type: ignore[arg-type]
    assert len(api.heard) == 1, "only the one that could be sent"


async def test_a_thousand_calls_at_once_each_get_their_own_answer(setting: Setting, join: Join):
    api = await join("api")

    async def echo(message: Msg) -> None:
        asked = json.loads(message.data)["query"]
        await message.respond(wire.encode({"items": [], "more": asked == "more", "asked": asked}))

    await api.subscribe("api.v1.*.demands.search", queue="api", cb=echo)
    await api.flush()
    async with asyncio.TaskGroup() as group:
        calls = [
            group.create_task(setting.client.call(DEMANDS_SEARCH, SearchDemands(query="more" if number % 2 else "")))
            for number in range(1000)
        ]
    assert [call.result().more for call in calls] == [bool(number % 2) for number in range(1000)]
