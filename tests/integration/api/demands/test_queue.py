"""Next, take, decline and close: who gets which demand, and what is left of it in the ledger."""

from typing import Any

import pytest

from contracts.demands import (
    CloseDemand,
    Created,
    CreateDemand,
    DeclineDemand,
    GetDemand,
    NextDemand,
    NotAProvider,
    NothingWaiting,
    Paused,
    TakeDemand,
    Taken,
)
from contracts.failures import (
    AlreadyClosed,
    AlreadyDeclined,
    AlreadyTaken,
    AtCapacity,
    Forbidden,
    NotFound,
    TooManyOpen,
)
from contracts.kinds import Urgency
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_CREATE,
    DEMANDS_DECLINE,
    DEMANDS_GET,
    DEMANDS_NEXT,
    DEMANDS_TAKE,
    PARTICIPANTS_ADD,
    PARTICIPANTS_RESET_DECLINED,
)
from contracts.participants import AddParticipant, ResetDeclined
from integration.api.town import receive, seated, words
from world import Person, World, made_world


async def take_next(person: Person, **request: Any) -> Taken:
    taken = await person.call(DEMANDS_NEXT, NextDemand(**request))
    assert isinstance(taken, Taken)
    return taken


async def state(world: World, demand: Any) -> tuple[str, Any]:
    row = await world.ledger.fetchrow("SELECT status, provider_id FROM demands WHERE id = $1", demand)
    return row["status"], row["provider_id"]


async def held(person: Person) -> int:
    found: int = await person.world.ledger.fetchval("SELECT held FROM users WHERE id = $1", person.user)
    return found


async def test_the_most_urgent_then_the_oldest_comes_first_across_scenarios(world: World) -> None:
    one, two, foreign = await world.scenario(), await world.scenario(), await world.scenario()
    helper = await world.member(one)
    await world.assign(helper, two)
    requester = await world.person()
    await world.demand(await world.person(), foreign, urgency="urgent")
    made = [await world.demand(requester, scenario) for scenario in (two, one, two)]
    urgent = await world.demand(requester, one, urgency="urgent")
    critical = await world.demand(requester, two)
    await world.ledger.execute("UPDATE demands SET urgency = 'critical' WHERE id = $1", critical.id)
    await world.capacity(helper, 9)
    got = [(await take_next(helper)).id for _ in range(5)]
    assert got == [critical.id, urgent.id, *(demand.id for demand in made)]
    assert await helper.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()
    assert await held(helper) == 5


async def test_places_in_the_queue_are_told(world: World) -> None:
    scenario = await world.scenario()
    made = [await world.demand(await world.person(), scenario) for _ in range(3)]
    assert [demand.ahead for demand in made] == [0, 1, 2]
    rusher = await world.person()
    rushed: Created = await rusher.call(
        DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="x", urgency="urgent", payload={"ё": [1, None]})
    )
    assert rushed.ahead == 0
    assert len({demand.number for demand in (*made, rushed)}) == 4
    seen = await rusher.call(DEMANDS_GET, GetDemand(demand=rushed.id))
    assert (seen.payload, seen.urgency, seen.role) == ({"ё": [1, None]}, Urgency.URGENT, "requester")
    [told] = await receive(rusher)
    assert (told.notice, told.data) == ("received", {"ahead": 0})


async def test_one_person_may_have_so_many_open_demands_and_no_more(servers: Any, broker: Any) -> None:
    async with made_world(servers, broker, open_demands_per_user=2) as world:
        scenario, requester = await world.scenario(), await world.person()
        first = await world.demand(requester, scenario)
        await world.demand(requester, scenario)
        with pytest.raises(TooManyOpen) as refusal:
            await world.demand(requester, scenario)
        assert refusal.value.limit == 2
        await requester.call(DEMANDS_CLOSE, CloseDemand(demand=first.id, reason="cancelled"))
        await world.demand(requester, scenario)


async def test_why_there_is_nothing_is_told(world: World) -> None:
    scenario = await world.scenario()
    person = await world.person()
    assert await person.call(DEMANDS_NEXT, NextDemand()) == NotAProvider()
    await world.assign(person, scenario)
    assert await person.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()
    await world.demand(await world.person(), scenario)
    await world.ledger.execute("UPDATE memberships SET paused_until = now() + interval '1 hour'")
    assert isinstance(await person.call(DEMANDS_NEXT, NextDemand()), Paused)


async def test_ones_own_demand_is_skipped_and_never_taken(world: World) -> None:
    scenario = await world.scenario()
    helper = await world.member(scenario)
    own = await world.demand(helper, scenario)
    assert await helper.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()
    with pytest.raises(Forbidden):
        await helper.call(DEMANDS_TAKE, TakeDemand(demand=own.id))
    other = await world.demand(await world.person(), scenario)
    assert (await take_next(helper)).id == other.id


async def test_a_full_hand_is_told_what_it_holds(world: World) -> None:
    at = await seated(world)
    more = await world.demand(await world.person(), at.scenario)
    for operation, request in ((DEMANDS_NEXT, NextDemand()), (DEMANDS_TAKE, TakeDemand(demand=more.id))):
        with pytest.raises(AtCapacity) as refusal:
            await at.provider.call(operation, request)  # type: ignore[arg-type]
        assert refusal.value.held == [at.number]
    await world.capacity(at.provider, 2)
    await take_next(at.provider)
    await world.capacity(at.provider, 0)
    with pytest.raises(AtCapacity):
        await at.provider.call(DEMANDS_NEXT, NextDemand())
    assert await held(at.provider) == 2


async def test_a_swap_declines_one_and_takes_another_or_keeps_what_it_has(world: World) -> None:
    at = await seated(world)
    assert await at.provider.call(DEMANDS_NEXT, NextDemand(instead_of=at.demand)) == NothingWaiting()
    assert await state(world, at.demand) == ("held", at.provider.user)
    more = await world.demand(await world.person(), at.scenario)
    assert (await take_next(at.provider, instead_of=at.demand)).id == more.id
    assert await state(world, at.demand) == ("waiting", None)
    assert await held(at.provider) == 1
    with pytest.raises(AlreadyDeclined):
        await at.provider.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    assert "looking_for_another" in words(await receive(at.requester))
    later = await world.demand(await world.person(), at.scenario)
    with pytest.raises(NotFound):
        await at.provider.call(DEMANDS_NEXT, NextDemand(instead_of=at.demand))
    assert await state(world, later.id) == ("waiting", None)
    assert await state(world, more.id) == ("held", at.provider.user)


async def test_a_member_who_comes_too_late_is_told_why(world: World) -> None:
    at = await seated(world)
    late = await world.member(at.scenario)
    with pytest.raises(AlreadyTaken):
        await late.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    with pytest.raises(AlreadyClosed):
        await late.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    with pytest.raises(AlreadyClosed):
        await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert await held(at.provider) == 0


async def test_declining_is_for_good_until_a_moderator_resets_it(world: World) -> None:
    at = await seated(world)
    age = await world.ledger.fetchval("SELECT submitted_at FROM demands WHERE id = $1", at.demand)
    declined = await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand, reason="too far"))
    assert declined.was_held
    assert await state(world, at.demand) == ("waiting", None)
    assert await world.ledger.fetchval("SELECT submitted_at FROM demands WHERE id = $1", at.demand) == age
    again = await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand, reason="once more"))
    assert not again.was_held
    reasons = "SELECT actor, detail ->> 'reason' FROM audit WHERE operation = 'demands.decline' AND subject_id = $1"
    assert [tuple(row) for row in await world.ledger.fetch(reasons, at.demand)] == [(str(at.provider.user), "too far")]
    count = "SELECT count(*) FROM participants WHERE declined_at IS NOT NULL"
    assert await world.ledger.fetchval(count) == 1
    assert await at.provider.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()
    reset = await at.moderator.call(PARTICIPANTS_RESET_DECLINED, ResetDeclined(demand=at.demand))
    assert reset.count == 1
    assert (await at.moderator.call(PARTICIPANTS_RESET_DECLINED, ResetDeclined(demand=at.demand))).count == 0
    assert (await take_next(at.provider)).id == at.demand
    assert await world.ledger.fetchval(count) == 1, "the record stays"


async def test_an_offered_demand_may_be_declined_without_having_it(world: World) -> None:
    at = await seated(world)
    offered = await world.member(at.scenario)
    declined = await offered.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert not declined.was_held
    assert await state(world, at.demand) == ("held", at.provider.user)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert await offered.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()


async def test_a_moderator_who_joined_is_not_offered_it_as_a_provider(world: World) -> None:
    scenario = await world.scenario()
    moderator = await world.member(scenario, "moderator")
    await world.assign(moderator, scenario)
    demand = await world.demand(await world.person(), scenario)
    await moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=demand.id))
    assert await moderator.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()
    for operation, request in (
        (DEMANDS_TAKE, TakeDemand(demand=demand.id)),
        (DEMANDS_DECLINE, DeclineDemand(demand=demand.id)),
    ):
        with pytest.raises(Forbidden):
            await moderator.call(operation, request)  # type: ignore[arg-type]
