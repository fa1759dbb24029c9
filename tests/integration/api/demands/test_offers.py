"""Alerts to a waiting demand: what they say, who gets one, and what becomes of those that were shown."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.demands import CloseDemand, DeclineDemand, TakeDemand, UpdateDemand
from contracts.kinds import DeliveryKind, MembershipKind, OfferState, Urgency
from contracts.memberships import UnassignMembership, UpdateMembership
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, DEMANDS_TAKE, DEMANDS_UPDATE
from contracts.operations.scenarios import MEMBERSHIPS_UNASSIGN, MEMBERSHIPS_UPDATE
from contracts.operations.users import USERS_UPDATE_ME
from contracts.shapes import DemandId
from contracts.users import UpdateMe
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


@pytest.mark.parametrize("change", ["taken", "closed", "declined", "removed", "paused", "quiet", "late"])
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
        case "quiet":
            await quiet(helper, -30, 30)
        case _:
            await world.ledger.execute("UPDATE deliveries SET expires_at = now() WHERE expires_at IS NOT NULL")
    assert await receive(helper) == []
    status = await world.ledger.fetchval("SELECT status FROM deliveries WHERE notice = 'offered'")
    assert status == "withdrawn"


async def quiet(person: Person, first: int, last: int, zone: str = "Asia/Tbilisi") -> None:
    """Quiet hours from so many minutes from now to so many minutes from now, by the clock of a zone."""
    now = datetime.now(ZoneInfo(zone))
    ends = [(at.hour * 60 + at.minute) for at in (now + timedelta(minutes=first), now + timedelta(minutes=last))]
    await person.call(USERS_UPDATE_ME, UpdateMe(time_zone=zone, quiet_from=ends[0], quiet_to=ends[1]))


async def test_in_quiet_hours_nobody_is_alerted_and_afterwards_they_are_again(world: World) -> None:
    scenario = await world.scenario(payload={"emergency_number": "+995 032"})
    demand = await world.demand(await world.person(), scenario)
    helper, awake = await world.member(scenario), await world.member(scenario)
    for person in (helper, awake):
        await receive(person)
    await quiet(helper, -30, 30)
    assert await offer(demand.id, helper, awake) == 1
    assert [one.notice for one in await receive(awake)] == ["offered"]
    assert await receive(helper) == []
    await quiet(helper, -30, -1)
    assert await receive(helper) == [], "nothing was kept for the morning: who waits then is told of then"
    assert await offer(demand.id, helper) == 1
    [alert] = await receive(helper)
    assert alert.demand is not None
    assert (alert.notice, alert.data["number"], alert.demand.emergency) == ("offered", demand.number, "+995 032")
    # What was shown is followed at any hour: its buttons would be wrong, and an edit wakes nobody.
    await quiet(helper, -30, 30)
    await awake.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    assert [card.data["state"] for card in await receive(helper)] == [OfferState.TAKEN]


@pytest.mark.parametrize(
    ("zone", "first", "last", "at", "is_quiet"),
    [
        ("Asia/Tbilisi", "22:00", "08:00", "2026-01-10 17:59+00", False),
        ("Asia/Tbilisi", "22:00", "08:00", "2026-01-10 18:00+00", True),
        ("Asia/Tbilisi", "22:00", "08:00", "2026-01-11 03:59+00", True),
        ("Asia/Tbilisi", "22:00", "08:00", "2026-01-11 04:00+00", False),
        ("Europe/Kyiv", "13:00", "14:00", "2026-01-10 11:00+00", True),
        ("Europe/Kyiv", "13:00", "14:00", "2026-07-10 11:00+00", False),
        ("Europe/Kyiv", "13:00", "14:00", "2026-07-10 10:59:59+00", True),
        (None, "22:00", "08:00", "2026-01-10 23:00+00", True),
        ("Mars/Olympus", "22:00", "08:00", "2026-01-10 21:59+00", False),
    ],
)
async def test_quiet_hours_are_read_by_the_clock_of_whoever_named_them(
    world: World, zone: str | None, first: str, last: str, at: str, *, is_quiet: bool
) -> None:
    person = await world.person()
    ends = [int(one[:2]) * 60 + int(one[3:]) for one in (first, last)]
    await world.ledger.execute(
        "UPDATE users SET time_zone = $2, quiet_from = $3, quiet_to = $4 WHERE id = $1", person.user, zone, *ends
    )
    assert await world.ledger.fetchval(f"SELECT is_quiet_v1($1, '{at}')", person.user) is is_quiet
    await person.call(USERS_UPDATE_ME, UpdateMe(quiet_from=None, quiet_to=None))
    assert await world.ledger.fetchval(f"SELECT is_quiet_v1($1, '{at}')", person.user) is False


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
