"""A chat goes away or comes back in the same instant as it is written to: nothing owed is stranded, nothing comes twice."""

import asyncio
import random
from typing import Any

import pytest

from chaos.api.crowd import at_once, contradictions, kinds, outcome, rounds
from chaos.api.test_sends import blocked
from contracts.demands import DeclineDemand, NextDemand
from contracts.kinds import SendOutcome
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_DECLINE, DEMANDS_NEXT
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.users import USERS_ENTER, USERS_SET_REACHABLE
from contracts.users import EnterUser, SetReachable
from integration.api.town import Seated, begin, chat_of, receive, seated, settle, words
from world import Person, World, until

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("patient_locks")]


async def says(at: Seated, text: str) -> Any:
    return await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))


async def goes(person: Person) -> Any:
    request = SetReachable(address=str(person.telegram_id), reachable=False)
    return await person.world.bot.call(USERS_SET_REACHABLE, request)


async def comes(person: Person) -> Any:
    return await person.call(USERS_ENTER, EnterUser(display_name="Back"))


async def test_who_goes_waits_for_what_is_being_said_and_the_bot_does_not(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as other, other.transaction():
        owed = "SELECT owe_v1(ARRAY[$1::uuid], $2, NULL, 'received', '{\"ahead\": 0}', '')"
        assert await other.fetchval(owed, at.requester.user, at.demand) == 1
        going = group.create_task(outcome(goes(at.requester)))
        await blocked(world, 1)
        assert await begin(at.requester) is None, "not committed yet, and not waited for"
    assert kinds([going.result()]) == {"Done": 1}
    assert await contradictions(world.ledger) == []
    assert await world.ledger.fetchval("SELECT reason FROM deliveries ORDER BY position DESC LIMIT 1") == "unreachable"


@pytest.mark.parametrize("change", ["destination_unreachable_v1($1)", "destination_reachable_v1($1, '')"])
async def test_what_is_said_while_a_chat_changes_waits_and_is_written_as_the_chat_is_then(
    world: World, change: str
) -> None:
    at = await seated(world)
    await receive(at.requester)
    leaves = "unreachable" in change
    if not leaves:
        await goes(at.requester)
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as other, other.transaction():
        await other.execute(f"SELECT {change}", await chat_of(at.requester))
        saying = group.create_task(outcome(says(at, "now")))
        await blocked(world, 1)
    assert saying.result().recipients == (0 if leaves else 1)
    assert await contradictions(world.ledger) == []
    await comes(at.requester)
    assert words(await receive(at.requester)) == ["now"]


async def test_what_was_written_before_waits_too_for_a_chat_that_changes(world: World) -> None:
    at = await seated(world)
    await says(at, "before")
    late = await world.person("Late")
    waits = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%owe_history_v1%' AND wait_event_type = 'Lock'"
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as other, other.transaction():
        await other.execute("SELECT destination_unreachable_v1($1)", await chat_of(late))
        history = "SELECT owe_history_v1($1, $2, '')"
        group.create_task(world.ledger.execute(history, late.user, at.demand))
        await until(lambda: world.ledger.fetchval(waits))
    assert await contradictions(world.ledger) == []
    told = "SELECT status FROM deliveries WHERE recipient_id = $1"
    assert await world.ledger.fetchval(told, late.user) == "refused"


async def test_what_is_put_back_in_line_for_a_chat_that_has_gone_comes_when_it_is_back(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    await says(at, "slow")
    begun = await begin(at.requester)
    assert begun is not None
    await goes(at.requester)
    assert await settle(world, begun, SendOutcome.LATER, retry_after=0.0) == 1
    assert await contradictions(world.ledger) == []
    await comes(at.requester)
    assert words(await receive(at.requester)) == ["slow"]


async def test_a_refusal_of_the_time_before_a_chat_came_back_does_not_send_it_away_again(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    await says(at, "hello")
    begun = await begin(at.requester)
    assert begun is not None
    back = SetReachable(address=str(at.requester.telegram_id), reachable=True)
    await world.bot.call(USERS_SET_REACHABLE, back)
    assert await settle(world, begun, SendOutcome.UNREACHABLE) == 1
    again = await begin(at.requester)
    assert again is not None, "tried once more, without anybody having to write first"
    assert await settle(world, again, SendOutcome.UNREACHABLE) == 1
    assert await begin(at.requester) is None, "this one speaks of now"


async def test_a_chat_that_changes_while_it_is_written_to_gets_everything_once(world: World) -> None:
    at = await seated(world)
    helper = await world.member(at.scenario)
    for person in (at.requester, at.provider, helper):
        await receive(person)
    said: list[str] = []
    heard: list[str] = []

    async def hears() -> None:
        # The bot at work in the same instant: what it sends is heard, now and then the chat has gone under its hands.
        for _ in range(3):
            delivery = await begin(at.requester)
            if delivery is None:
                return
            gone = random.random() < 0.2  # noqa: S311
            result = SendOutcome.UNREACHABLE if gone else SendOutcome.SENT
            if await settle(world, delivery, result) == 1 and not gone:
                heard.append(delivery.notice or delivery.text)

    for number in range(rounds(50, 1000)):
        texts = [f"{number}.{n}" for n in range(3)]
        said += texts
        changes = [random.choice([goes, comes])(at.requester) for _ in range(2)]  # noqa: S311
        calls = [*changes, hears(), *(says(at, text) for text in texts)]
        random.shuffle(calls)
        got = kinds(await at_once(calls))
        assert set(got) <= {"Done", "Me", "Sent", "NoneType"}, got
        if number % 10 == 0:
            assert await contradictions(world.ledger) == []
            # Or what is put back and forth with every change would grow without end.
            await comes(at.requester)
            heard += words(await receive(at.requester))
    await comes(at.requester)
    heard += words(await receive(at.requester))
    assert sorted(text for text in heard if text != "message_refused") == sorted(said)
    assert await contradictions(world.ledger) == []


async def test_somebody_seated_while_their_chat_changes_is_owed_all_that_was_written_once(world: World) -> None:
    at = await seated(world)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    for number in range(rounds(10, 100)):
        text = f"line {number}"
        await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))
        helper = await world.member(at.scenario)
        await receive(helper)
        if number % 2:
            await goes(helper)
        calls = [helper.call(DEMANDS_NEXT, NextDemand()), (comes if number % 2 else goes)(helper)]
        random.shuffle(calls)
        got = kinds(await at_once(calls))
        assert got.get("Taken") == 1, got
        assert await contradictions(world.ledger) == []
        await comes(helper)
        assert words(await receive(helper)) == ["you_took_it", *(f"line {n}" for n in range(number + 1))]
        await helper.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
