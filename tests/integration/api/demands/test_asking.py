"""What a channel needs to ask for help in: buttons of an older version do nothing, a phone where one is needed, words later."""

import asyncio
from typing import Any

import pytest

from contracts.demand_life import ConfirmDemand, FeedbackDemand, ReleaseDemand, ReopenDemand
from contracts.demands import CloseDemand, GetDemand, TakeDemand
from contracts.failures import AlreadyExists, NotSignedIn, VersionConflict
from contracts.operations import Operation
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_CONFIRM,
    DEMANDS_FEEDBACK,
    DEMANDS_GET,
    DEMANDS_RELEASE,
    DEMANDS_REOPEN,
    DEMANDS_TAKE,
    PARTICIPANTS_SHARE_CONTACT,
)
from contracts.operations.scenarios import SCENARIOS_GET, SCENARIOS_SEARCH, SCENARIOS_UPDATE
from contracts.operations.users import USERS_HIDE_HISTORY, USERS_UPDATE_ME
from contracts.own_data import HideHistory
from contracts.participants import ShareContact
from contracts.scenarios import GetScenario, SearchScenarios, UpdateScenario
from contracts.users import UpdateMe
from integration.api.town import begin, receive, seated, settle
from world import OPERATOR, World

ENDS = (
    (DEMANDS_CLOSE, CloseDemand),
    (DEMANDS_RELEASE, ReleaseDemand),
    (DEMANDS_CONFIRM, lambda **of: ConfirmDemand(answer="received", **of)),
    (DEMANDS_CONFIRM, lambda **of: ConfirmDemand(answer="not_yet", **of)),
)


@pytest.mark.parametrize(("operation", "request_of"), ENDS)
async def test_what_was_meant_for_an_older_version_changes_nothing(
    world: World, operation: Operation[Any, Any], request_of: Any
) -> None:
    at = await seated(world)
    now = (await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))).version
    before = await world.ledger.fetchrow("SELECT * FROM demands")
    with pytest.raises(VersionConflict) as refused:
        await at.requester.call(operation, request_of(demand=at.demand, version=now - 1))
    assert refused.value.version == now
    assert await world.ledger.fetchrow("SELECT * FROM demands") == before
    await at.requester.call(operation, request_of(demand=at.demand, version=now))


async def test_of_two_presses_at_once_one_releases_and_the_other_hears_of_it(world: World) -> None:
    at = await seated(world)
    now = (await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))).version
    asked = ReleaseDemand(demand=at.demand, version=now)
    found = await asyncio.gather(*(at.requester.call(DEMANDS_RELEASE, asked) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, BaseException) for one in found) == 1
    helper = await world.member(at.scenario)
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    with pytest.raises(VersionConflict):
        await at.requester.call(DEMANDS_RELEASE, asked)
    assert await world.ledger.fetchval("SELECT provider_id FROM demands") == helper.user


async def test_a_demand_is_reopened_only_after_the_end_that_was_meant(world: World) -> None:
    at = await seated(world)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    first = (await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))).version
    await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand, version=first))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    with pytest.raises(VersionConflict):
        await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand, version=first))
    assert await world.ledger.fetchval("SELECT status FROM demands") == "closed"


async def test_words_may_follow_a_verdict_once(world: World) -> None:
    at = await seated(world)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    await receive(at.provider)
    await at.requester.call(DEMANDS_FEEDBACK, FeedbackDemand(demand=at.demand, helped=True))
    for late in (
        FeedbackDemand(demand=at.demand, helped=True),
        FeedbackDemand(demand=at.demand, helped=False, words="no"),
    ):
        with pytest.raises(AlreadyExists):
            await at.requester.call(DEMANDS_FEEDBACK, late)
    await at.requester.call(DEMANDS_FEEDBACK, FeedbackDemand(demand=at.demand, helped=True, words="Thank you"))
    with pytest.raises(AlreadyExists):
        await at.requester.call(DEMANDS_FEEDBACK, FeedbackDemand(demand=at.demand, helped=True, words="Again"))
    told = [one.data["words"] for one in await receive(at.provider)]
    assert told == [None, "Thank you"]
    assert await world.ledger.fetchval("SELECT array_agg(words) FROM feedback") == ["Thank you"]


async def test_a_scenario_says_that_a_phone_is_needed_and_whoever_takes_it_sees_what_was_shared(world: World) -> None:
    scenario = await world.scenario("Vake", "Doctor", phone_required=True)
    assert scenario.phone_required
    shown = await world.operator.call(SCENARIOS_GET, GetScenario(id=scenario.id), actor=OPERATOR)
    assert shown.phone_required
    changed = await world.operator.call(
        SCENARIOS_UPDATE, UpdateScenario(id=scenario.id, version=shown.version, phone_required=False), actor=OPERATOR
    )
    assert not changed.phone_required

    olga, nino, lena = await world.person(), await world.member(scenario), await world.member(scenario)
    await olga.call(USERS_UPDATE_ME, UpdateMe(phone="+995555123456"))
    first, second = await world.demand(olga, scenario), await world.demand(olga, scenario)
    await olga.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=first.id))
    await nino.call(DEMANDS_TAKE, TakeDemand(demand=first.id))
    await lena.call(DEMANDS_TAKE, TakeDemand(demand=second.id))
    seen = {one.notice: one.data.get("phone") for one in await receive(nino)}
    assert seen["you_took_it"] == "+995555123456"
    seen = {one.notice: one.data.get("phone") for one in await receive(lena)}
    assert seen["you_took_it"] is None
    kept = await world.ledger.fetchval(
        "SELECT string_agg(data::text, '') FROM (SELECT data FROM deliveries UNION ALL SELECT data FROM messages) d"
    )
    assert "555123456" not in kept


async def test_what_is_offered_is_found_by_somebody_nobody_knows_and_nothing_more(world: World) -> None:
    scenario = await world.scenario("Vake", "Doctor")
    page = await world.bot.call(SCENARIOS_SEARCH, SearchScenarios(query="vake"))
    assert [one.id for one in page.items] == [scenario.id]
    with pytest.raises(NotSignedIn):
        await world.bot.call(SCENARIOS_SEARCH, SearchScenarios(retired=True))


async def test_everything_a_chat_was_shown_can_be_taken_out_of_it_not_only_what_is_over(world: World) -> None:
    at = await seated(world)
    for number in range(3):
        delivery = await begin(at.requester)
        if delivery is None:
            break
        await settle(world, delivery, parts=[str(100 + number)])
    shown = await world.ledger.fetchval("SELECT count(*) FROM delivery_parts")
    assert shown >= 2
    assert (await at.requester.call(USERS_HIDE_HISTORY, HideHistory())).count == 0
    hidden = await at.requester.call(USERS_HIDE_HISTORY, HideHistory(everything=True))
    assert (hidden.count, hidden.too_old) == (shown, 0)
    assert (await at.requester.call(USERS_HIDE_HISTORY, HideHistory(everything=True))).count == 0
    gone = await receive(at.requester)
    assert [one.kind for one in gone] == ["delete"] * shown
    assert [[target.channel_message_id for target in one.targets] for one in gone] == [
        [str(100 + n)] for n in range(shown)
    ]
