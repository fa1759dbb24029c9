"""Alerts to a waiting demand: what they say, who gets one, and what becomes of those that were shown."""

import pytest

from contracts.demands import CloseDemand, DeclineDemand, TakeDemand, UpdateDemand
from contracts.kinds import DeliveryKind, MembershipKind, OfferState, Urgency
from contracts.memberships import UnassignMembership, UpdateMembership
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, DEMANDS_TAKE, DEMANDS_UPDATE
from contracts.operations.scenarios import MEMBERSHIPS_UNASSIGN, MEMBERSHIPS_UPDATE
from contracts.shapes import DemandId
from integration.api.town import begin, receive, settle
from world import Person, World

OFFER = "SELECT owe_offer_v1($1, $2, interval '10 minutes', '')"


async def offer(demand: DemandId, *people: Person) -> int:
    """Alert these people; how many it will reach."""
    reached: int = await people[0].world.ledger.fetchval(OFFER, demand, [person.user for person in people])
    return reached


async def test_an_alert_says_what_one_needs_to_decide_and_no_more(world: World) -> None:
    scenario = await world.scenario("Vake")
    olga = await world.person("Olga", locale="uk")
    demand = await world.demand(olga, scenario, "for my mother", title="Insulin", urgency=Urgency.URGENT)
    helper = await world.member(scenario)
    await receive(helper)
    await world.ledger.execute("UPDATE demands SET submitted_at = now() - interval '12 minutes 40 s'")
    assert await offer(demand.id, helper) == 1
    alert = await begin(helper)
    assert alert is not None
    assert (alert.kind, alert.notice) == (DeliveryKind.SEND, "offered")
    assert alert.data == {
        "state": "open", "number": demand.number, "place": "Vake", "resource": scenario.resource, "urgency": "urgent",
        "language": "uk", "minutes": 12, "title": "Insulin", "description": "for my mother",
    }  # fmt: skip
    assert alert.demand is not None
    assert (alert.demand.id, alert.demand.viewer_role, alert.alias) == (demand.id, None, None)


@pytest.mark.parametrize("change", ["taken", "closed", "declined", "removed", "paused", "late"])
async def test_an_alert_that_comes_too_late_is_not_sent(world: World, change: str) -> None:
    scenario = await world.scenario()
    olga = await world.person("Olga")
    demand = await world.demand(olga, scenario)
    helper, other = await world.member(scenario), await world.member(scenario)
    await receive(helper)
    await offer(demand.id, helper)
    match change:
        case "taken":
            await other.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
        case "closed":
            await olga.call(DEMANDS_CLOSE, CloseDemand(demand=demand.id))
        case "declined":
            await helper.call(DEMANDS_DECLINE, DeclineDemand(demand=demand.id))
        case "removed":
            gone = UnassignMembership(scenario=scenario.id, kind=MembershipKind.PROVIDER)
            await helper.call(MEMBERSHIPS_UNASSIGN, gone)
        case "paused":
            until = await world.ledger.fetchval("SELECT now() + interval '1 h'")
            await helper.call(MEMBERSHIPS_UPDATE, UpdateMembership(scenario=scenario.id, paused_until=until))
        case _:
            await world.ledger.execute("UPDATE deliveries SET expires_at = now() WHERE expires_at IS NOT NULL")
    assert await receive(helper) == []
    status = await world.ledger.fetchval("SELECT status FROM deliveries WHERE notice = 'offered'")
    assert status == "withdrawn"


async def test_what_was_shown_is_brought_up_to_date_without_words_once_it_is_gone(world: World) -> None:
    scenario = await world.scenario()
    olga = await world.person("Olga")
    demand = await world.demand(olga, scenario, "bread")
    helper, waiting, taker = [await world.member(scenario) for _ in range(3)]
    for person in (helper, waiting, taker):
        await receive(person)
    await offer(demand.id, helper, waiting)
    shown = await begin(helper)
    assert shown is not None
    await settle(world, shown, parts=["77"])

    await olga.call(
        DEMANDS_UPDATE, UpdateDemand(demand=demand.id, version=demand.version, description="bread and milk")
    )
    [fresh] = await receive(helper)
    assert (fresh.kind, [target.channel_message_id for target in fresh.targets]) == (DeliveryKind.CARD, ["77"])
    assert (fresh.data["state"], fresh.data["description"]) == (OfferState.OPEN, "bread and milk")

    await taker.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    [gone] = await receive(helper)
    assert "77" in [target.channel_message_id for target in gone.targets]
    assert (gone.data["state"], gone.data["title"], gone.data["description"]) == (OfferState.TAKEN, "", "")
    assert await receive(waiting) == [], "who was not told of it hears nothing of its end"

    await taker.call(DEMANDS_DECLINE, DeclineDemand(demand=demand.id))
    assert [card.data["state"] for card in await receive(helper)] == [OfferState.OPEN]
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    assert [card.data["state"] for card in await receive(helper) if card.notice == "offered"] == [OfferState.YOURS]
    await olga.call(DEMANDS_CLOSE, CloseDemand(demand=demand.id))
    assert [card.data["state"] for card in await receive(helper) if card.notice == "offered"] == [OfferState.CLOSED]
