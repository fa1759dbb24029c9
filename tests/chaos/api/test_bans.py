"""Somebody is banned, or loses a membership, in the very instant in which they claim, write, hand back or close."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chaos.api.crowd import at_once, kinds, outcome, rounds
from chaos.api.put_out import Cast, broken
from chaos.api.test_sends import blocked, held_still
from contracts.demands import CloseDemand, NextDemand
from contracts.kinds import MembershipKind
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_NEXT,
)
from contracts.operations.users import (
    USERS_UNBAN,
    USERS_UPDATE_ME,
)
from contracts.people import UnbanUser
from contracts.scenarios import Scenario
from contracts.users import UpdateMe
from world import OPERATOR, World

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("patient_locks")]

Race = Callable[[Cast], list[Awaitable[Any]]]
WHILE_IT_WAITS: dict[str, Race] = {
    "ban and take": lambda c: [c.ban(c.helper), c.take()],
    "ban and next": lambda c: [c.next(), c.ban(c.helper)],
    "unassign and take": lambda c: [c.unassign(c.helper), c.take()],
    "unassign and next": lambda c: [c.next(), c.unassign(c.helper)],
    "ban of who asks and take": lambda c: [c.ban(c.requester), c.take()],
    "ban of who asks and next": lambda c: [c.next(), c.ban(c.requester)],
    "ban of who asks, close and take": lambda c: [c.ban(c.requester), c.close(c.requester), c.take()],
    "ban of a moderator and join": lambda c: [c.join(), c.ban(c.moderator)],
    "unassign of a moderator and join": lambda c: [c.unassign(c.moderator, MembershipKind.MODERATOR), c.join()],
}
WHILE_IT_IS_HELD: dict[str, Race] = {
    "ban and their words": lambda c: [c.ban(c.helper), c.send(c.helper), c.send(c.requester)],
    "unassign and their words": lambda c: [c.send(c.helper), c.unassign(c.helper), c.send(c.requester)],
    "ban and decline": lambda c: [c.ban(c.helper), c.decline()],
    "unassign and decline": lambda c: [c.decline(), c.unassign(c.helper)],
    "ban and close": lambda c: [c.ban(c.helper), c.close(c.requester)],
    "unassign and close": lambda c: [c.close(c.requester), c.unassign(c.helper)],
    "ban of who asks and words": lambda c: [c.ban(c.requester), c.send(c.requester), c.send(c.helper)],
    "ban of who asks, decline and close": lambda c: [c.decline(), c.ban(c.requester), c.close(c.requester)],
    "ban of both": lambda c: [c.ban(c.requester), c.ban(c.helper), c.send(c.helper)],
    "ban and unassign": lambda c: [c.ban(c.helper), c.unassign(c.helper), c.decline()],
}


AT_ONCE = 5
# In the long run each race a thousand times in two forms (a claim is a take or a next), on a new ledger every so often:
# everything that was ever kept is looked at after each round.
PARTS = rounds(1, 10)
TURNS = rounds(50, 500 // PARTS * len(WHILE_IT_IS_HELD))
OVER = """
    WITH over AS (UPDATE demands SET status = 'closed', provider_id = NULL, closed_at = now(), close_reason = 'inactive'
      WHERE status <> 'closed' RETURNING id),
    told AS (INSERT INTO messages (demand_id, seq, kind, notice) SELECT c.demand_id, c.last_seq + 1, 'notice', 'closed'
      FROM conversations c JOIN over ON over.id = c.demand_id)
    UPDATE conversations SET open = false, last_seq = last_seq + 1 WHERE demand_id IN (SELECT id FROM over)
"""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    ("races", "held"), [(WHILE_IT_WAITS, False), (WHILE_IT_IS_HELD, True)], ids=["waiting", "held"]
)
async def test_put_out_in_the_instant_in_which_they_act(
    world: World, races: dict[str, Race], held: object, part: int
) -> None:
    del part
    # One kind of help each: who asks for the next demand must find the one of this round.
    scenarios = [await world.scenario() for _ in range(AT_ONCE)]

    async def one(turn: int, scenario: Scenario) -> tuple[str, list[Any]]:
        name = list(races)[turn % len(races)]
        requester, helper = await world.person("Requester"), await world.member(scenario)
        moderator = await world.member(scenario, "moderator")
        demand = (await world.demand(requester, scenario)).id
        cast = Cast(world, scenario, requester, helper, moderator, demand)
        if held:
            await cast.take()
        calls = races[name](cast)
        # Whoever is first to be sent has a head start; it goes round.
        start = turn // len(races) % len(calls)
        got = await at_once(calls[start:] + calls[:start])
        assert not {"Internal", "DeadlineExceeded", "Busy"} & kinds(got).keys(), (name, got)
        return name, got

    for first in range(0, TURNS, AT_ONCE):
        met = await asyncio.gather(*(one(first + n, scenario) for n, scenario in enumerate(scenarios)))
        assert await broken(world) == [], met
        await world.ledger.execute(OVER)


USER = "SELECT FROM users WHERE id = $1 FOR UPDATE"
BY_US = "SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE"  # as a call holds it: what is owed to the person goes on


async def test_a_claim_that_waited_for_a_ban_is_refused_and_one_before_it_is_undone(world: World) -> None:
    scenario = await world.scenario()
    for first in ("claim", "ban"):
        helper, requester = await world.member(scenario), await world.person()
        demand = (await world.demand(requester, scenario)).id
        cast = Cast(world, scenario, requester, helper, helper, demand)
        calls = [cast.take(), cast.ban(helper)]
        async with asyncio.TaskGroup() as group, held_still(world, USER, helper.user):
            tasks = []
            for call in calls if first == "claim" else reversed(calls):
                tasks.append(group.create_task(outcome(call)))
                await blocked(world, len(tasks))
        got = {type(task.result()).__name__ for task in tasks}
        assert got == ({"Taken", "PersonLine"} if first == "claim" else {"Banned", "PersonLine"})
        assert await broken(world) == []
        await outcome(requester.call(DEMANDS_CLOSE, CloseDemand(demand=demand)))


async def test_who_takes_it_while_its_requester_is_being_banned_is_waited_for_before_it_is_held(world: World) -> None:
    scenario = await world.scenario()
    helper, requester = await world.member(scenario), await world.person()
    cast = Cast(world, scenario, requester, helper, helper, (await world.demand(requester, scenario)).id)
    async with asyncio.TaskGroup() as group:
        async with held_still(world, BY_US, requester.user):
            ban = group.create_task(outcome(cast.ban(requester)))  # it has looked, and nobody held it yet
            await blocked(world, 1)
            await cast.take()
            free = held_still(world, BY_US, helper.user)
            await free.__aenter__()
        try:
            await blocked(world, 1)
            # People come before demands: whoever waits for a helper must not sit on what the helper may want.
            async with world.ledger.acquire() as connection, connection.transaction():
                await connection.execute("SELECT FROM demands WHERE id = $1 FOR UPDATE NOWAIT", cast.demand)
        finally:
            await free.__aexit__(None, None, None)
    assert type(ban.result()).__name__ == "PersonLine"
    assert await broken(world) == []


async def test_banned_and_let_in_again_while_everything_goes_on(world: World) -> None:
    scenario = await world.scenario()
    helper, requester = await world.member(scenario), await world.person()
    await world.capacity(helper, 3)
    for _ in range(rounds(50, 1000) // 10):
        demands = [(await world.demand(requester, scenario)).id for _ in range(3)]
        cast = Cast(world, scenario, requester, helper, helper, demands[0])
        got = await at_once(
            [
                *(helper.call(DEMANDS_NEXT, NextDemand()) for _ in range(4)),
                cast.ban(helper),
                helper.call(USERS_UPDATE_ME, UpdateMe(alias="Lark")),
                world.operator.call(USERS_UNBAN, UnbanUser(user=helper.user), actor=OPERATOR),
                *(requester.call(DEMANDS_CLOSE, CloseDemand(demand=demand)) for demand in demands[:2]),
            ]
        )
        assert "Internal" not in kinds(got)
        assert await broken(world) == [], got
        for demand in demands:
            await outcome(requester.call(DEMANDS_CLOSE, CloseDemand(demand=demand)))
        await outcome(world.operator.call(USERS_UNBAN, UnbanUser(user=helper.user), actor=OPERATOR))
