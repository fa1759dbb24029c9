"""Deliveries a second time: an answer that was lost on its way, and what was put aside and is tried by hand."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from contracts.deliveries import (
    BeginDeliveries,
    Delivery,
    DeliveryLine,
    NotRetried,
    Retried,
    RetryDelivery,
    SearchDeliveries,
)
from contracts.failures import NotFound
from contracts.kinds import DeliveryStatus, SendOutcome
from contracts.messages import SendMessage
from contracts.operations.messages import DELIVERIES_BEGIN, DELIVERIES_RETRY, DELIVERIES_SEARCH, MESSAGES_SEND
from contracts.shapes import DeliveryId
from integration.api.town import Seated, begin, chat_of, receive, seated, settle, words
from world import OPERATOR, Person, World, made_world, until


async def begun_by(person: Person, holder: str) -> Delivery | None:
    asked = BeginDeliveries(destinations=[await chat_of(person)], holder=holder)
    begun = await person.world.bot.call(DELIVERIES_BEGIN, asked)
    return begun.items[0] if begun.items else None


async def test_an_answer_that_was_lost_is_given_to_the_same_process_again_and_is_no_repeat(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    for text in ("one", "two"):
        await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))
    first = await begun_by(at.requester, "bot a")
    assert first is not None
    for _ in range(7):
        again = await begun_by(at.requester, "bot a")
        assert again is not None
        assert (again.id, again.attempt, again.repeat) == (first.id, 1, False)
    for other in ("bot b", ""):
        assert await begun_by(at.requester, other) is None, "nobody else's"
    assert await settle(world, first) == 1
    assert words(await receive(at.requester)) == ["two"]
    assert await world.ledger.fetchval("SELECT max(doubts) FROM deliveries") == 0


async def test_after_the_lease_even_its_holder_has_to_call_it_a_repeat(servers, broker) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    async with made_world(servers, broker, delivery_lease_seconds=60) as world:
        person = await world.person()
        await world.demand(person, await world.scenario())
        first = await begun_by(person, "bot a")
        await world.ledger.execute("UPDATE deliveries SET began_at = began_at - interval '2 minutes'")
        again = await begun_by(person, "bot b")
        assert first is not None
        assert again is not None
        assert (again.id, again.attempt, again.repeat) == (first.id, 2, True)
        assert await begun_by(person, "bot a") is None, "it is another's now"


async def test_a_lost_answer_is_checked_again_before_it_is_given_again(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="secret"))
    assert await begun_by(at.provider, "bot a") is not None
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", at.provider.user)
    assert await begun_by(at.provider, "bot a") is None


async def looked_up(world: World, **wanted: object) -> list[DeliveryLine]:
    page = await world.operator.call(DELIVERIES_SEARCH, SearchDeliveries(**wanted), actor=OPERATOR)  # type: ignore[arg-type]
    return page.items


async def put_aside(at: Seated, status: str, reason: str) -> DeliveryId:
    """A message to the requester that did not arrive."""
    await receive(at.requester)
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="hello"))
    delivery = await begin(at.requester)
    assert delivery is not None
    await at.world.ledger.execute(
        "UPDATE deliveries SET status = $2, reason = $3, settled_at = now() WHERE id = $1", delivery.id, status, reason
    )
    return delivery.id


async def test_deliveries_are_found_by_what_became_of_them_and_show_no_words(world: World) -> None:
    at, other = await seated(world), await seated(world)
    parked = await put_aside(at, "parked", "unknown too often")
    for wanted in (
        {"status": DeliveryStatus.PARKED},
        {"demand": at.demand, "status": DeliveryStatus.PARKED},
        {"destination": await chat_of(at.requester), "status": DeliveryStatus.PARKED},
        {"since": datetime.now(UTC) - timedelta(minutes=5), "status": DeliveryStatus.PARKED},
    ):
        [line] = await looked_up(world, **wanted)
        assert (line.id, line.recipient, line.demand, line.reason) == (
            parked, at.requester.user, at.demand, "unknown too often"
        )  # fmt: skip
    assert await looked_up(world, demand=other.demand, status=DeliveryStatus.PARKED) == []
    assert await looked_up(world, since=datetime.now(UTC) + timedelta(minutes=5)) == []
    everything = await looked_up(world, limit=100)
    assert "hello" not in str(everything)
    paged = [line for offset in range(0, 100, 3) for line in await looked_up(world, limit=3, offset=offset)]
    assert paged == everything == sorted(everything, key=lambda line: line.id, reverse=True)


@pytest.mark.parametrize(("status", "reason"), [("parked", "unknown too often"), ("refused", "bad_request")])
async def test_what_was_put_aside_is_tried_by_hand_once_and_on_record(world: World, status: str, reason: str) -> None:
    at = await seated(world)
    failed = await put_aside(at, status, reason)
    asked = RetryDelivery(delivery=failed)
    answers = await asyncio.gather(*(world.operator.call(DELIVERIES_RETRY, asked, actor=OPERATOR) for _ in range(5)))
    retried = [answer for answer in answers if isinstance(answer, Retried)]
    assert len(retried) == 1
    assert {type(answer) for answer in answers} == {Retried, NotRetried}
    [delivery] = await receive(at.requester)
    assert (delivery.id, delivery.text, delivery.repeat) == (retried[0].delivery, "hello", False)
    rows = await world.ledger.fetch("SELECT actor, subject_id FROM audit WHERE operation = 'deliveries.retry'")
    assert [tuple(row) for row in rows] == [(OPERATOR, at.demand)]
    assert await world.ledger.fetchval("SELECT supersedes FROM deliveries WHERE id = $1", delivery.id) == failed
    done = await world.operator.call(DELIVERIES_RETRY, RetryDelivery(delivery=delivery.id), actor=OPERATOR)
    assert done == NotRetried(status=DeliveryStatus.SENT, is_reachable=True)


async def test_what_somebody_who_comes_back_is_owed_anyway_is_not_owed_by_hand_too(world: World) -> None:
    at = await seated(world)
    failed = await put_aside(at, "parked", "unknown too often")
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as other, other.transaction():
        await other.execute("SELECT owe_history_v1($1, $2, '')", at.requester.user, at.demand)
        asked = world.operator.call(DELIVERIES_RETRY, RetryDelivery(delivery=failed), actor=OPERATOR)
        by_hand = group.create_task(asked)
        await until(lambda: world.ledger.fetchval(waits))
    assert by_hand.result() == NotRetried(status=DeliveryStatus.PARKED, is_reachable=True)
    assert words(await receive(at.requester)) == ["hello"]


async def test_a_chat_nobody_can_write_to_is_not_tried(world: World) -> None:
    at = await seated(world)
    failed = await put_aside(at, "refused", "unreachable")
    await world.ledger.execute("UPDATE destinations SET reachable = false WHERE id = $1", await chat_of(at.requester))
    answer = await world.operator.call(DELIVERIES_RETRY, RetryDelivery(delivery=failed), actor=OPERATOR)
    assert answer == NotRetried(status=DeliveryStatus.REFUSED, is_reachable=False)
    unknown = RetryDelivery(delivery=DeliveryId(uuid4()))
    with pytest.raises(NotFound):
        await world.operator.call(DELIVERIES_RETRY, unknown, actor=OPERATOR)


async def test_a_refused_change_is_no_lost_message(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    sent = await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="hello"))
    await receive(at.requester)
    await receive(at.provider)
    await world.ledger.execute(
        "SELECT owe_change_v1(m, 'react', ARRAY[$2::uuid], '') FROM messages m WHERE m.id = $1",
        sent.id, at.requester.user,
    )  # fmt: skip
    change = await begin(at.requester)
    assert change is not None
    await settle(world, change, SendOutcome.REFUSED, reason="bad_request")
    assert await receive(at.provider) == [], "its author is not told that the message did not arrive"
