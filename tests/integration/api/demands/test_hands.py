"""How a demand changes hands: given, taken over, released, done or not done yet."""

import asyncio

import pytest

from chaos.api.crowd import outcome
from chaos.api.test_sends import blocked, held_still
from contracts.demand_life import (
    AskedAlready,
    AssignDemand,
    ConfirmDemand,
    DemandDone,
    ReleaseDemand,
    RequesterAsked,
    SetUrgency,
)
from contracts.demands import CloseDemand, DeclineDemand, GetDemand, NextDemand, NothingWaiting, TakeDemand
from contracts.failures import (
    AlreadyClosed,
    AlreadyDeclined,
    AlreadyExists,
    AtCapacity,
    Forbidden,
    NotFound,
    VersionConflict,
    WrongStatus,
)
from contracts.kinds import Urgency
from contracts.messages import SendMessage
from contracts.operations.demands import (
    DEMANDS_ASSIGN,
    DEMANDS_CLOSE,
    DEMANDS_CONFIRM,
    DEMANDS_DECLINE,
    DEMANDS_DONE,
    DEMANDS_GET,
    DEMANDS_NEXT,
    DEMANDS_RELEASE,
    DEMANDS_SET_URGENCY,
    DEMANDS_TAKE,
    PARTICIPANTS_ADD,
)
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.scenarios import SCENARIOS_RETIRE
from contracts.participants import AddParticipant
from contracts.scenarios import RetireScenario
from integration.api.town import Seated, receive, seated, words
from world import OPERATOR, Person, World

HOLDER = "SELECT provider_id FROM demands WHERE id = $1"
HELD = "SELECT held FROM users WHERE id = $1"
AUDITED = "SELECT count(*) FROM audit WHERE operation = $1"


async def quiet(at: Seated, *more: Person) -> None:
    for person in (at.requester, at.provider, at.moderator, *more):
        await receive(person)


async def test_a_demand_is_handed_over_and_everybody_told(world: World) -> None:
    at = await seated(world)
    other = await world.member(at.scenario)
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="On my way"))
    await quiet(at, other)
    for old in (1, 99):
        with pytest.raises(VersionConflict):
            await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=other.user, version=old))
    now = (await at.moderator.call(DEMANDS_GET, GetDemand(demand=at.demand))).version
    given = await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=other.user, version=now))
    assert (given.user, given.instead_of) == (other.user, at.provider.user)
    assert await world.ledger.fetchval(HOLDER, at.demand) == other.user
    assert [await world.ledger.fetchval(HELD, one.user) for one in (at.provider, other)] == [0, 1]
    assert words(await receive(at.requester)) == ["provider_joined"]
    [gone] = await receive(at.provider)
    assert (gone.notice, gone.data, gone.demand) == ("handed_over", {"number": at.number}, None)
    came = await receive(other)
    assert words(came) == ["you_took_it", "On my way"]
    assert came[0].data["by"] == "moderator"
    with pytest.raises(NotFound):
        await at.provider.call(DEMANDS_GET, GetDemand(demand=at.demand))
    assert await world.ledger.fetchval(AUDITED, "demands.assign") == 1
    row = await world.ledger.fetchrow(
        "SELECT first_held_at < held_at AS later, waiting_since < first_held_at AS once FROM demands"
    )
    assert (row["later"], row["once"]) == (True, True), "it never waited in between"
    # Not declined: it may come back to them.
    await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=at.provider.user))
    with pytest.raises(AlreadyExists):
        await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=at.provider.user))


async def test_nobody_is_given_what_they_may_not_hold(world: World) -> None:
    at = await seated(world)
    busy, stranger, declined, restricted, banned = [
        await world.member(at.scenario) if n != 1 else await world.person() for n in range(5)
    ]
    waiting = await world.demand(at.requester, at.scenario)
    await busy.call(DEMANDS_TAKE, TakeDemand(demand=waiting.id))
    await declined.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    await world.ledger.execute("UPDATE users SET restricted_until = 'infinity' WHERE id = $1", restricted.user)
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", banned.user)
    refused = [
        (busy, AtCapacity), (stranger, Forbidden), (declined, AlreadyDeclined), (restricted, Forbidden),
        (banned, NotFound), (at.requester, Forbidden),
    ]  # fmt: skip
    for person, failure in refused:
        with pytest.raises(failure):
            await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=person.user))
    for person in (at.requester, at.provider):
        with pytest.raises(Forbidden):
            await person.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=busy.user))
    assert await world.ledger.fetchval(HOLDER, at.demand) == at.provider.user
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    with pytest.raises(AlreadyClosed):
        await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand))


@pytest.mark.parametrize("joined", [False, True])
async def test_a_moderator_takes_over_without_being_a_provider_and_gives_it_back(world: World, *, joined: bool) -> None:
    at = await seated(world)
    if joined:
        await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await quiet(at)
    await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand))
    shown = await at.moderator.call(DEMANDS_GET, GetDemand(demand=at.demand))
    assert (shown.role, shown.status) == ("provider", "held")
    assert words(await receive(at.provider)) == ["handed_over"]
    [mine] = await receive(at.moderator)
    assert "by" not in mine.data, "nobody else chose them"
    await at.moderator.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert await world.ledger.fetchval(HOLDER, at.demand) is None
    with pytest.raises(AlreadyDeclined):
        await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand))


async def test_what_waits_in_a_retired_scenario_is_for_its_moderators(world: World) -> None:
    scenario = await world.scenario()
    helper, moderator = await world.member(scenario), await world.member(scenario, "moderator")
    demand = await world.demand(await world.person(), scenario)
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=scenario.id), actor=OPERATOR)
    with pytest.raises(Forbidden):
        await moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=demand.id, user=helper.user))
    assert (await moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=demand.id))).user == moderator.user


async def test_somebody_else_please_blames_nobody(world: World) -> None:
    at = await seated(world)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await quiet(at)
    before = await world.ledger.fetchval("SELECT submitted_at FROM demands WHERE id = $1", at.demand)
    assert (await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))).number == at.number
    row = await world.ledger.fetchrow("SELECT status, submitted_at, waiting_since > submitted_at AS again FROM demands")
    assert (row["status"], row["submitted_at"], row["again"]) == ("waiting", before, True)
    [gone] = await receive(at.provider)
    assert (gone.notice, gone.data) == ("released", {"number": at.number})
    [told] = await receive(at.moderator)
    assert (told.notice, told.data) == ("looking_for_another", {"by": "requester"})
    assert await receive(at.requester) == []
    assert await at.provider.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()
    with pytest.raises(AlreadyDeclined):
        await at.provider.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    record = await world.ledger.fetchrow(
        "SELECT left_at, declined_at, released_at FROM participants WHERE role = 'provider'"
    )
    assert None not in tuple(record)
    with pytest.raises(WrongStatus):
        await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))


async def test_done_is_asked_once_until_it_is_answered(world: World) -> None:
    at = await seated(world)
    await quiet(at)
    for _ in range(2):
        asked = await at.provider.call(DEMANDS_DONE, DemandDone(demand=at.demand))
    assert asked == AskedAlready(id=at.demand, number=at.number, minutes=10)
    assert words(await receive(at.requester)) == ["done_asked"]
    await at.requester.call(DEMANDS_CONFIRM, ConfirmDemand(demand=at.demand, answer="not_yet"))
    assert words(await receive(at.provider)) == ["not_done_yet"]
    assert type(await at.provider.call(DEMANDS_DONE, DemandDone(demand=at.demand))) is RequesterAsked
    await world.ledger.execute("UPDATE demands SET done_asked_at = now() - interval '10 min 1 s'")
    assert type(await at.provider.call(DEMANDS_DONE, DemandDone(demand=at.demand))) is RequesterAsked
    with pytest.raises(Forbidden):
        await at.provider.call(DEMANDS_CONFIRM, ConfirmDemand(demand=at.demand, answer="received"))
    await receive(at.provider)
    closed = await at.requester.call(DEMANDS_CONFIRM, ConfirmDemand(demand=at.demand, answer="received"))
    assert closed.status == "closed"
    row = await world.ledger.fetchrow("SELECT close_reason, closed_by, done_asked_at FROM demands")
    assert tuple(row) == ("fulfilled", at.requester.user, None)
    [told] = await receive(at.provider)
    assert told.data == {"reason": "fulfilled", "by": "requester", "into": None}


async def test_still_needed_resets_the_idle_clock_and_tells_nobody(world: World) -> None:
    at = await seated(world)
    await quiet(at)
    still = await at.requester.call(DEMANDS_CONFIRM, ConfirmDemand(demand=at.demand, answer="still_needed"))
    assert still.status == "held"
    assert await world.ledger.fetchval("SELECT still_needed_at > last_message_at FROM conversations")
    assert await receive(at.provider) == []


async def test_a_question_does_not_outlive_who_asked_it(world: World) -> None:
    at = await seated(world)
    await at.provider.call(DEMANDS_DONE, DemandDone(demand=at.demand))
    other = await world.member(at.scenario)
    await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=other.user))
    assert type(await other.call(DEMANDS_DONE, DemandDone(demand=at.demand))) is RequesterAsked


async def test_urgency_is_raised_by_the_requester_to_urgent_and_by_staff_to_critical(world: World) -> None:
    at = await seated(world)
    await quiet(at)
    critical, urgent = (SetUrgency(demand=at.demand, urgency=urgency) for urgency in (Urgency.CRITICAL, Urgency.URGENT))
    with pytest.raises(Forbidden):
        await at.requester.call(DEMANDS_SET_URGENCY, critical)
    with pytest.raises(Forbidden):
        await at.provider.call(DEMANDS_SET_URGENCY, urgent)
    assert (await at.requester.call(DEMANDS_SET_URGENCY, urgent)).version == 3
    assert (await at.requester.call(DEMANDS_SET_URGENCY, urgent)).version == 3
    assert words(await receive(at.provider)) == ["urgency_changed"]
    assert (await at.moderator.call(DEMANDS_SET_URGENCY, critical)).urgency == "critical"
    assert words(await receive(at.requester)) == ["urgency_changed"]
    with pytest.raises(Forbidden):
        await at.requester.call(DEMANDS_SET_URGENCY, urgent)
    assert await world.ledger.fetchval(AUDITED, "demands.set_urgency") == 1


@pytest.mark.parametrize("who", ["a helper", "themselves"])
async def test_what_is_given_in_the_instant_of_retiring_waits_to_know_of_it(world: World, who: str) -> None:
    at = await seated(world)
    waiting, helper = await world.demand(await world.person(), at.scenario), await world.member(at.scenario)
    request = AssignDemand(demand=waiting.id, user=helper.user if who == "a helper" else None)
    retired = "UPDATE scenarios SET retired_at = now() WHERE id = $1"
    async with asyncio.TaskGroup() as group, held_still(world, retired, at.scenario.id):
        given = group.create_task(outcome(at.moderator.call(DEMANDS_ASSIGN, request)))
        await blocked(world, 1)
    holder = await world.ledger.fetchval(HOLDER, waiting.id)
    if who == "a helper":
        assert isinstance(given.result(), Forbidden)
        assert holder is None
    else:
        assert holder == at.moderator.user
