"""Writing in the same instant as somebody comes, goes or ends it: nobody is owed too much or too little."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chaos.api.crowd import at_once, contradictions, kinds, outcome, rounds
from contracts.demands import CloseDemand, DeclineDemand, NextDemand
from contracts.failures import AlreadyClosed, NotFound
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, DEMANDS_NEXT, PARTICIPANTS_ADD
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.users import USERS_ENTER, USERS_SET_REACHABLE
from contracts.participants import AddParticipant
from contracts.users import EnterUser, SetReachable
from integration.api.town import Seated, receive, seated, words
from world import Person, World, until

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("patient_locks")]

WAITING = """
    SELECT count(*) >= $1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND application_name LIKE 'api%'
"""


@asynccontextmanager
async def held_still(world: World, statement: str, *values: Any) -> AsyncIterator[None]:
    """A row locked by somebody else for as long as the block takes, for which `patient_locks` let the api wait."""
    async with world.ledger.acquire() as connection, connection.transaction():
        await connection.execute(statement, *values)
        yield


async def blocked(world: World, many: int) -> None:
    await until(lambda: world.ledger.fetchval(WAITING, many))


CONVERSATION = "SELECT FROM conversations WHERE demand_id = $1 FOR UPDATE"


async def in_this_order(world: World, demand: object, first: Any, second: Any) -> list[Any]:
    """Two calls that wait for one conversation in this order; each must be at its lock before the next comes."""
    async with asyncio.TaskGroup() as group, held_still(world, CONVERSATION, demand):
        tasks = [group.create_task(outcome(first))]
        await blocked(world, 1)
        tasks.append(group.create_task(outcome(second)))
        await blocked(world, 2)
    return [task.result() for task in tasks]


def send(person: Person, at: Seated, text: str) -> Any:
    return person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))


async def test_who_comes_while_something_is_being_said_hears_it_once(world: World) -> None:
    at = await seated(world)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    helper = await world.member(at.scenario)
    await receive(helper)
    said, taken = await in_this_order(
        world, at.demand, send(at.requester, at, "before"), helper.call(DEMANDS_NEXT, NextDemand())
    )
    assert kinds([said, taken]) == {"Sent": 1, "Taken": 1}
    assert words(await receive(helper)) == ["you_took_it", "before"]
    assert await contradictions(world.ledger) == []


async def test_who_speaks_while_somebody_comes_is_heard_by_them_once(world: World) -> None:
    at = await seated(world)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    helper = await world.member(at.scenario)
    await receive(helper)
    taken, said = await in_this_order(
        world, at.demand, helper.call(DEMANDS_NEXT, NextDemand()), send(at.requester, at, "after")
    )
    assert kinds([taken, said]) == {"Taken": 1, "Sent": 1}
    assert said.recipients == 1
    assert words(await receive(helper)) == ["you_took_it", "after"]
    assert await contradictions(world.ledger) == []


async def test_who_leaves_while_something_is_being_said_does_not_hear_it(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    declined, said = await in_this_order(
        world, at.demand,
        at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand)), send(at.requester, at, "secret"),
    )  # fmt: skip
    assert kinds([declined, said]) == {"Declined": 1, "Sent": 1}
    assert said.recipients == 0
    assert await receive(at.provider) == []
    assert await contradictions(world.ledger) == []


async def test_who_has_left_by_the_time_it_is_their_turn_says_nothing_more(world: World) -> None:
    at = await seated(world)
    async with asyncio.TaskGroup() as group, held_still(world, CONVERSATION, at.demand):
        leaving = group.create_task(at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand)))
        await blocked(world, 1)
        speaking = group.create_task(outcome(send(at.provider, at, "one more thing")))
        await blocked(world, 2)
    assert leaving.result().was_held
    assert isinstance(speaking.result(), NotFound)
    assert await contradictions(world.ledger) == []


async def test_nothing_is_said_after_the_end(world: World) -> None:
    at = await seated(world)
    closed, said = await in_this_order(
        world, at.demand, at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand)), send(at.provider, at, "late")
    )
    assert closed.reason == "fulfilled"
    assert isinstance(said, AlreadyClosed)
    assert await contradictions(world.ledger) == []


async def test_a_chat_that_comes_back_while_it_is_written_to_loses_nothing(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    address = str(at.requester.telegram_id)
    for number in range(rounds(8, 300)):
        reachable = number % 2 == 1
        await world.bot.call(USERS_SET_REACHABLE, SetReachable(address=address, reachable=not reachable))
        if reachable:
            change: Any = at.requester.call(USERS_ENTER, EnterUser(display_name="Back"))
        else:
            change = world.bot.call(USERS_SET_REACHABLE, SetReachable(address=address, reachable=False))
        got = await at_once([change, *(send(at.provider, at, f"{number}.{n}") for n in range(6))])
        assert set(kinds(got)) == {"Me" if reachable else "Done", "Sent"}
        assert await contradictions(world.ledger) == []
    await at.requester.call(USERS_ENTER, EnterUser(display_name="Back"))
    heard = [delivery.text for delivery in await receive(at.requester)]
    assert sorted(heard) == sorted(f"{number}.{n}" for number in range(rounds(8, 300)) for n in range(6))


async def test_random_crossings_leave_nobody_owed_too_much_or_too_little(world: World) -> None:
    for _ in range(rounds(3, 80)):
        at = await seated(world)
        helper = await world.member(at.scenario)
        calls = [
            *(send(at.requester, at, f"r{n}") for n in range(5)),
            *(send(at.provider, at, f"p{n}") for n in range(5)),
            at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand)),
            at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand)),
            *(helper.call(DEMANDS_NEXT, NextDemand()) for _ in range(2)),
        ]
        if random.random() < 0.5:  # noqa: S311
            calls.append(at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand)))
        random.shuffle(calls)
        got = await at_once(calls)
        assert not {"Internal", "Busy", "DeadlineExceeded"} & set(kinds(got)), kinds(got)
        assert await contradictions(world.ledger) == []
        for person in (at.requester, helper, at.moderator):
            heard = [delivery.text for delivery in await receive(person) if delivery.notice is None]
            assert len(heard) == len(set(heard))
        assert await receive(at.provider) is not None
