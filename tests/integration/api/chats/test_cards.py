"""One card a demand in each staff chat: sent once, edited with every change, and silent about who anybody is."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest

from contracts.demand_life import AssignDemand, MergeDemand, ReleaseDemand, ReopenDemand, SetUrgency
from contracts.demands import (
    CloseDemand,
    CreateDemand,
    DeclineDemand,
    NextDemand,
    SubmitDemand,
    TakeDemand,
    UpdateDemand,
)
from contracts.kinds import Decision, DemandStatus, SendOutcome, Urgency
from contracts.operations.demands import (
    DEMANDS_ASSIGN,
    DEMANDS_CLOSE,
    DEMANDS_CREATE,
    DEMANDS_DECLINE,
    DEMANDS_MERGE,
    DEMANDS_NEXT,
    DEMANDS_RELEASE,
    DEMANDS_REOPEN,
    DEMANDS_REPORT,
    DEMANDS_SET_URGENCY,
    DEMANDS_SUBMIT,
    DEMANDS_TAKE,
    DEMANDS_UPDATE,
    REPORTS_RESOLVE,
)
from contracts.operations.users import USERS_BAN, USERS_ERASE_ME
from contracts.own_data import EraseMe
from contracts.people import BanUser
from contracts.reports import ReportDemand, ResolveReport
from integration.api.chat_cases import begin_in, bound, card, new_group, place_of, shown_in
from integration.api.town import Seated, seated, settle
from world import OPERATOR, World

OWED = "SELECT count(*) FROM deliveries WHERE kind = 'card' AND demand_id = $1"


async def test_a_demand_is_one_card_from_the_call_for_help_to_the_end(world: World) -> None:
    scenario = await world.scenario("Riverside", "Insulin")
    chat = await bound(world, scenario, locale="uk")
    requester, provider = await world.person("Olena"), await world.member(scenario, name="Daniel")
    demand = await world.demand(requester, scenario, "My phone is +995555123456", title="Secret")
    [sent] = await shown_in(world, chat)
    assert (sent.address, sent.locale, sent.targets, sent.repeat) == (chat.address, "uk", [], False)
    first = card(sent)
    assert (first.number, first.place, first.resource) == (demand.number, "Riverside", "Insulin")
    assert (first.status, first.urgency, first.provider, first.reports) == ("waiting", "normal", None, 0)
    said = str(sent)
    assert not any(
        word in said for word in ("Olena", "Daniel", "+995", "Secret", str(requester.user), str(requester.telegram_id))
    )

    await provider.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    [edited] = await shown_in(world, chat)
    assert [target.channel_message_id for target in edited.targets] == [f"m-{sent.id}"]
    alias = await world.ledger.fetchval("SELECT alias FROM participants WHERE role = 'provider'")
    assert (card(edited).status, card(edited).provider) == ("held", alias)
    await requester.call(DEMANDS_CLOSE, CloseDemand(demand=demand.id))
    [closed] = await shown_in(world, chat)
    assert closed.targets == edited.targets
    assert (card(closed).status, card(closed).close_reason, card(closed).provider) == ("closed", "fulfilled", None)


async def test_several_changes_of_one_moment_are_one_edit(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario)
    assert len(await shown_in(world, chat)) == 1
    await at.moderator.call(DEMANDS_SET_URGENCY, SetUrgency(demand=at.demand, urgency=Urgency.URGENT))
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    await at.moderator.call(DEMANDS_SET_URGENCY, SetUrgency(demand=at.demand, urgency=Urgency.CRITICAL))
    [edit] = await shown_in(world, chat)
    assert (card(edit).status, card(edit).urgency) == ("waiting", "critical")
    rows = await world.ledger.fetch(
        "SELECT status, coalesce(reason, '') FROM deliveries WHERE kind = 'card' ORDER BY position"
    )
    assert [tuple(row) for row in rows] == [
        ("sent", ""), ("withdrawn", "overtaken"), ("withdrawn", "overtaken"), ("sent", "")
    ]  # fmt: skip


async def test_a_change_while_the_card_is_on_its_way_follows_it(world: World) -> None:
    at = await seated(world)
    place = await place_of(world, await bound(world, at.scenario))
    first = await begin_in(world, place)
    assert first is not None
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert await begin_in(world, place) is None, "one at a time"
    await settle(world, first, parts=["77"])
    second = await begin_in(world, place)
    assert second is not None
    assert [target.channel_message_id for target in second.targets] == ["77"]
    assert card(second).status is DemandStatus.WAITING


async def test_a_card_that_may_have_arrived_comes_again_as_a_repeat(world: World) -> None:
    at = await seated(world)
    place = await place_of(world, await bound(world, at.scenario))
    first = await begin_in(world, place)
    assert first is not None
    await settle(world, first, SendOutcome.UNKNOWN)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    again = await begin_in(world, place)
    assert again is not None
    assert (again.id, again.repeat, card(again).status) == (first.id, True, "waiting")


async def released(at: Seated) -> None:
    await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))


async def taken_over(at: Seated) -> None:
    await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand))


async def reworded(at: Seated) -> None:
    await at.requester.call(DEMANDS_UPDATE, UpdateDemand(demand=at.demand, version=2, description="More"))


async def reported(at: Seated) -> None:
    await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="threats"))


async def merged(at: Seated) -> None:
    other = await at.world.demand(at.requester, at.scenario)
    await at.moderator.call(DEMANDS_MERGE, MergeDemand(demand=at.demand, into=other.id))


async def swapped(at: Seated) -> None:
    await at.world.demand(await at.world.person(), at.scenario)
    await at.provider.call(DEMANDS_NEXT, NextDemand(instead_of=at.demand))


async def provider_banned(at: Seated) -> None:
    await at.world.operator.call(USERS_BAN, BanUser(user=at.provider.user, reason="x"), actor=OPERATOR)


async def requester_banned(at: Seated) -> None:
    await at.world.operator.call(USERS_BAN, BanUser(user=at.requester.user, reason="x"), actor=OPERATOR)


async def forgotten(at: Seated) -> None:
    await at.requester.call(USERS_ERASE_ME, EraseMe(confirm="erase"))


CHANGES: dict[Callable[[Seated], Awaitable[None]], dict[str, object]] = {
    released: {"status": "waiting", "provider": None},
    taken_over: {"status": "held"},
    reworded: {"version": 3},
    reported: {"reports": 1},
    merged: {"status": "closed", "close_reason": "duplicate"},
    swapped: {"status": "waiting"},
    provider_banned: {"status": "waiting", "provider": None},
    requester_banned: {"status": "closed", "close_reason": "moderated"},
    forgotten: {"status": "closed", "close_reason": "cancelled"},
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_every_change_is_seen_on_the_card(world: World, change: Callable[[Seated], Awaitable[None]]) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario)
    [before] = await shown_in(world, chat)
    await change(at)
    [after] = [one for one in await shown_in(world, chat) if one.demand and one.demand.id == at.demand]
    assert [target.channel_message_id for target in after.targets] == [f"m-{before.id}"]
    now = msgspec.to_builtins(card(after))
    assert {name: now[name] for name in CHANGES[change]} == CHANGES[change]


async def test_a_report_decided_about_and_a_demand_taken_up_again_are_seen(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario)
    made = await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="threats"))
    [one] = await shown_in(world, chat)
    assert card(one).reports == 1
    await at.moderator.call(REPORTS_RESOLVE, ResolveReport(report=made.id, decision=Decision.ACTED))
    [two] = await shown_in(world, chat)
    assert card(two).reports == 0
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    await shown_in(world, chat)
    await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand))
    [three] = await shown_in(world, chat)
    assert (card(three).status, card(three).close_reason, len(three.targets)) == ("waiting", None, 1)


async def test_a_draft_is_shown_to_nobody_until_it_is_submitted(world: World) -> None:
    scenario, person = await world.scenario(), await world.person()
    chat = await bound(world, scenario)
    draft = await person.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="x", draft=True))
    await person.call(DEMANDS_UPDATE, UpdateDemand(demand=draft.id, version=1, description="y"))
    assert await world.ledger.fetchval(OWED, draft.id) == 0
    await person.call(DEMANDS_SUBMIT, SubmitDemand(demand=draft.id))
    [sent] = await shown_in(world, chat)
    assert card(sent).number == draft.number


async def test_what_was_over_before_anybody_saw_it_is_not_shown(world: World) -> None:
    scenario, person = await world.scenario(), await world.person()
    chat = await bound(world, scenario)
    demand = await world.demand(person, scenario)
    await person.call(DEMANDS_CLOSE, CloseDemand(demand=demand.id, reason="cancelled"))
    assert await shown_in(world, chat) == []
    assert (
        await world.ledger.fetchval("SELECT reason FROM deliveries WHERE kind = 'card' ORDER BY position DESC LIMIT 1")
        == "never sent"
    )


async def test_a_demand_that_moves_to_another_scenario_moves_its_card(world: World) -> None:
    one, two, person = await world.scenario("Riverside"), await world.scenario("Hillside"), await world.person()
    here, there, both = await bound(world, one), await bound(world, two), new_group()
    for scenario in (one, two):
        shared = await bound(world, scenario, both)
    demand = await world.demand(person, one)
    for chat in (here, shared):
        await shown_in(world, chat)
    await person.call(DEMANDS_UPDATE, UpdateDemand(demand=demand.id, version=1, scenario=two.id))
    [left] = await shown_in(world, here)
    assert (card(left).is_moved, len(left.targets)) == (True, 1)
    [come] = await shown_in(world, there)
    assert (card(come).is_moved, card(come).place, come.targets) == (False, "Hillside", [])
    [edited] = await shown_in(world, shared)
    assert (card(edited).is_moved, card(edited).place, len(edited.targets)) == (False, "Hillside", 1)


async def test_other_scenarios_and_people_are_owed_no_card(world: World) -> None:
    at = await seated(world)
    await bound(world, await world.scenario())
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert await world.ledger.fetchval("SELECT count(*) FROM deliveries WHERE kind = 'card'") == 0
