"""What still waits where nobody takes anything any more: its moderators hear of it, and whoever waits."""

import asyncio

import pytest

from chaos.api.crowd import outcome
from chaos.api.test_sends import blocked, held_still
from contracts.deliveries import Delivery
from contracts.demand_life import ReleaseDemand
from contracts.demands import DeclineDemand, NextDemand, TakeDemand, Taken
from contracts.failures import Forbidden
from contracts.operations.demands import DEMANDS_DECLINE, DEMANDS_NEXT, DEMANDS_RELEASE, DEMANDS_TAKE
from contracts.operations.scenarios import SCENARIOS_RETIRE
from contracts.scenarios import RetireScenario, Scenario
from integration.api.town import receive, seated, words
from world import OPERATOR, Person, World

RETIRED = "UPDATE scenarios SET retired_at = now() WHERE id = $1"


async def retire(world: World, scenario: Scenario) -> None:
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=scenario.id), actor=OPERATOR)


async def left_waiting(person: Person) -> list[Delivery]:
    return [one for one in await receive(person) if one.notice == "left_waiting"]


async def test_moderators_hear_once_of_all_that_waits_and_each_requester_of_their_own(world: World) -> None:
    scenario, elsewhere = await world.scenario("Riverside", "Food"), await world.scenario()
    moderators = [await world.member(scenario, "moderator") for _ in range(2)]
    others = [await world.member(scenario), await world.member(elsewhere, "moderator"), await world.person()]
    admin = await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    asking = [await world.person() for _ in range(3)]
    made = [await world.demand(person, scenario) for person in asking]
    await retire(world, scenario)
    for moderator in moderators:
        [told] = await left_waiting(moderator)
        assert told.data == {
            "role": "moderator", "number": made[0].number, "count": 3, "place": "Riverside", "resource": "Food"
        }  # fmt: skip
        assert told.demand is None
    for person, demand in zip(asking, made, strict=True):
        [told] = await left_waiting(person)
        assert told.demand is not None
        assert (told.demand.id, told.data["role"], told.data["number"]) == (demand.id, "requester", demand.number)
    for person in (*others, admin):
        assert await left_waiting(person) == []


async def test_where_there_is_no_moderator_admins_hear_of_it(world: World) -> None:
    scenario, admin = await world.scenario(), await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    demand = await world.demand(await world.person(), scenario)
    await retire(world, scenario)
    assert [told.data["number"] for told in await left_waiting(admin)] == [demand.number]


async def test_what_nobody_waits_in_ends_without_a_word(world: World) -> None:
    scenario = await world.scenario()
    moderator = await world.member(scenario, "moderator")
    await retire(world, scenario)
    assert await left_waiting(moderator) == []


@pytest.mark.parametrize("retired", [True, False])
@pytest.mark.parametrize("who", ["provider", "requester"])
async def test_what_goes_back_to_the_queue_there_is_the_moderators_too(world: World, who: str, retired: bool) -> None:  # noqa: FBT001 - a parameter
    at = await seated(world)
    if retired:
        await retire(world, at.scenario)
    assert await left_waiting(at.moderator) == [], "what is held goes on"
    if who == "provider":
        await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    else:
        await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))
    heard = await receive(at.requester)
    moderators = [one for one in await receive(at.moderator) if one.notice == "left_waiting"]
    told = [*moderators, *(one for one in heard if one.notice == "left_waiting")]
    if who == "provider":
        assert ("looking_for_another" in words(heard)) is not retired, "one or the other"
    assert [one.data["role"] for one in told] == (["moderator", "requester"] if retired else [])
    assert {one.data["number"] for one in told} == ({at.number} if retired else set())


async def test_a_demand_handed_back_in_the_instant_of_retiring_is_told_of(world: World) -> None:
    at = await seated(world)
    async with asyncio.TaskGroup() as group, held_still(world, RETIRED, at.scenario.id):
        declined = group.create_task(at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand)))
        await blocked(world, 1)
    assert declined.result().was_held
    assert [one.data["number"] for one in await left_waiting(at.moderator)] == [at.number]


TAKES = (
    "demands_take_v1('telegram', $1, 'k', 1, '', $2)",
    "demands_next_v1('telegram', $1, 'k', 1, '', nullif($2::uuid, $2))",
)


@pytest.mark.parametrize("takes", TAKES)
async def test_a_demand_taken_in_the_instant_of_retiring_is_not_told_of_as_waiting(world: World, takes: str) -> None:
    scenario = await world.scenario()
    helper, moderator = await world.member(scenario), await world.member(scenario, "moderator")
    asking = await world.person()
    demand = await world.demand(asking, scenario)
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(f"SELECT failure FROM {takes}", str(helper.telegram_id), demand.id)  # noqa: S608 - one of TAKES
        assert row["failure"] is None
        group.create_task(retire(world, scenario))
        await blocked(world, 1)
    assert [*await left_waiting(asking), *await left_waiting(moderator)] == [], "it is held, and goes on"


async def test_nothing_is_taken_from_the_queue_in_the_instant_of_retiring(world: World) -> None:
    scenario = await world.scenario()
    taker, caller = await world.member(scenario), await world.member(scenario)
    demands = [await world.demand(await world.person(), scenario) for _ in range(2)]
    async with asyncio.TaskGroup() as group, held_still(world, RETIRED, scenario.id):
        taken = group.create_task(outcome(taker.call(DEMANDS_TAKE, TakeDemand(demand=demands[1].id))))
        called = group.create_task(outcome(caller.call(DEMANDS_NEXT, NextDemand())))
        await blocked(world, 2)
    assert taken.result() == Forbidden()
    assert not isinstance(called.result(), Taken)
    assert await world.ledger.fetchval("SELECT count(*) FROM demands WHERE status = 'waiting'") == 2


async def test_where_one_kind_of_help_is_being_retired_the_next_comes_from_another(world: World) -> None:
    scenario, other = await world.scenario(), await world.scenario()
    helper = await world.member(scenario)
    await world.assign(helper, other)
    await world.demand(await world.person(), scenario)
    later = await world.demand(await world.person(), other)
    async with asyncio.TaskGroup() as group, held_still(world, RETIRED, scenario.id):
        called = group.create_task(helper.call(DEMANDS_NEXT, NextDemand()))
        await blocked(world, 1)
    taken = called.result()
    assert isinstance(taken, Taken)
    assert taken.id == later.id


QUEUE = """
    WITH people AS (INSERT INTO users (display_name) SELECT 'x' FROM generate_series(1, 9000) RETURNING id),
      known AS (INSERT INTO identities (user_id, channel, external_id) SELECT id, 'telegram', 'x' || id FROM people RETURNING *),
      chats AS (INSERT INTO destinations (channel, address, identity_id) SELECT 'telegram', external_id, id FROM known),
      asked AS (
        INSERT INTO demands (number, scenario_id, requester_id, status, title, description, channel)
        SELECT '0' || row_number() OVER (), $1, id, 'waiting', '', 'x', 'telegram' FROM people RETURNING id, requester_id)
    INSERT INTO conversations (demand_id, seats) SELECT id, ARRAY[requester_id] FROM asked
"""
TOLD = "SELECT count(*) FROM deliveries WHERE notice = 'left_waiting' AND status = 'pending' AND demand_id IS NOT NULL"


async def test_a_queue_of_thousands_is_retired_and_everybody_who_waits_is_told(world: World) -> None:
    scenario = await world.scenario()
    await world.ledger.execute(QUEUE, scenario.id)
    await world.ledger.execute("ANALYZE")
    await retire(world, scenario)
    assert await world.ledger.fetchval(TOLD) == 9000
