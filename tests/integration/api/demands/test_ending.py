"""How a demand ends, and what becomes of those of a kind of help that went out of use."""

import pytest

from contracts.demands import CloseDemand, DeclineDemand, GetDemand, NextDemand, NotAProvider, TakeDemand
from contracts.failures import AlreadyClosed, Forbidden, NotFound
from contracts.kinds import DemandStatus
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, DEMANDS_GET, DEMANDS_NEXT, DEMANDS_TAKE
from contracts.operations.scenarios import SCENARIOS_RETIRE
from contracts.scenarios import RetireScenario
from integration.api.town import receive, seated, words
from world import OPERATOR, World

HELD = "SELECT held FROM users WHERE id = $1"


@pytest.mark.parametrize("who", ["requester", "provider", "moderator", "admin", "operator"])
@pytest.mark.parametrize("was", ["waiting", "held"])
async def test_whoever_may_close_closes_once_for_all(world: World, who: str, was: str) -> None:
    at = await seated(world, provider_may_close=True)
    if was == "waiting":
        if who == "provider":
            return
        await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    admin = await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    people = {"requester": at.requester, "provider": at.provider, "moderator": at.moderator, "admin": admin}
    for person in people.values():
        await receive(person)
    request = CloseDemand(demand=at.demand, reason="cancelled")
    for attempt in (1, 2):
        try:
            if who == "operator":
                closed = await world.operator.call(DEMANDS_CLOSE, request, actor=OPERATOR)
            else:
                closed = await people[who].call(DEMANDS_CLOSE, request)
        except AlreadyClosed:
            assert attempt == 2
        else:
            assert (attempt, closed.number, closed.reason) == (1, at.number, "cancelled")
    row = await world.ledger.fetchrow(
        "SELECT status, closed_by, close_reason, closed_at FROM demands WHERE id = $1", at.demand
    )
    assert (row["status"], row["close_reason"]) == ("closed", "cancelled")
    assert row["closed_by"] == (None if who == "operator" else people[who].user)
    assert await world.ledger.fetchval(HELD, at.provider.user) == 0
    seats = {"requester", "provider"} if was == "held" else {"requester"}
    told = {name for name, person in people.items() if "closed" in words(await receive(person))}
    assert told == seats - {who}


async def test_a_retired_scenario_offers_nothing_and_its_held_demands_go_on(world: World) -> None:
    at = await seated(world)
    waiting = await world.demand(await world.person(), at.scenario)
    helper = await world.member(at.scenario)
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=at.scenario.id), actor=OPERATOR)
    assert await helper.call(DEMANDS_NEXT, NextDemand()) == NotAProvider()
    with pytest.raises(Forbidden):
        await helper.call(DEMANDS_TAKE, TakeDemand(demand=waiting.id))
    with pytest.raises(NotFound):
        await world.demand(await world.person(), at.scenario)
    closed = await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    assert closed.reason == "fulfilled"
    shown = await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))
    assert (shown.status, shown.role) == (DemandStatus.CLOSED, "requester")
