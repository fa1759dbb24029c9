"""Next, while others have what comes first: what is most urgent goes first in whichever queue it waits."""

from contracts.demand_life import SetUrgency
from contracts.demands import Created, NextDemand, Taken
from contracts.kinds import Urgency
from contracts.operations.demands import DEMANDS_NEXT, DEMANDS_SET_URGENCY
from contracts.scenarios import Scenario
from world import OPERATOR, World

BUSY = "SELECT FROM demands WHERE id = ANY ($1) FOR NO KEY UPDATE"


async def waiting(world: World, scenario: Scenario, urgency: Urgency = Urgency.NORMAL) -> Created:
    made = await world.demand(await world.person(), scenario)
    await world.operator.call(DEMANDS_SET_URGENCY, SetUrgency(demand=made.id, urgency=urgency), actor=OPERATOR)
    return made


async def next_beside(world: World, scenarios: list[Scenario], busy: list[Created]) -> object:
    """Which demand a provider of all these is given while others have some of them."""
    helper = await world.member(scenarios[0])
    for scenario in scenarios[1:]:
        await world.assign(helper, scenario)
    async with world.ledger.acquire() as others, others.transaction():
        await others.execute(BUSY, [demand.id for demand in busy])
        taken = await helper.call(DEMANDS_NEXT, NextDemand())
    assert isinstance(taken, Taken)
    return taken.id


async def test_the_head_of_another_queue_comes_before_what_is_left_of_this_one(world: World) -> None:
    one, two, three = [await world.scenario() for _ in range(3)]
    taken_first = await waiting(world, one, Urgency.CRITICAL)
    await waiting(world, one)
    critical = await waiting(world, two, Urgency.CRITICAL)
    await waiting(world, three, Urgency.URGENT)
    assert await next_beside(world, [one, two, three], [taken_first]) == critical.id


async def test_where_every_head_is_busy_what_waits_longest_behind_them_comes_first(world: World) -> None:
    one, two = await world.scenario(), await world.scenario()
    busy = [await waiting(world, scenario, Urgency.CRITICAL) for scenario in (one, two)]
    first = await waiting(world, one)
    await waiting(world, two)
    assert await next_beside(world, [one, two], busy) == first.id
    second, third = await waiting(world, two, Urgency.URGENT), await waiting(world, one)
    assert await next_beside(world, [one, two], busy) == second.id
    assert third.id != second.id
