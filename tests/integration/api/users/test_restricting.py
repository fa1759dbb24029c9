"""What somebody restricted, or given less room, still may, and what they keep."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.demands import CreateDemand, NextDemand, TakeDemand
from contracts.failures import (
    AlreadyExists,
    AtCapacity,
    Forbidden,
    InvalidRequest,
    NotFound,
)
from contracts.messages import SendMessage
from contracts.operations.demands import (
    DEMANDS_CREATE,
    DEMANDS_NEXT,
    DEMANDS_TAKE,
)
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.users import (
    USERS_RESTRICT,
    USERS_SET_CAPACITY,
    USERS_UNRESTRICT,
)
from contracts.people import RestrictUser, SetCapacity, UnrestrictUser
from integration.api.town import receive, seated, words
from world import OPERATOR, World


async def test_who_is_restricted_goes_on_with_what_they_have_and_is_told(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    until = datetime.now(UTC) + timedelta(hours=1)
    request = RestrictUser(user=at.provider.user, reason="no-shows", until=until)
    line = await world.operator.call(USERS_RESTRICT, request, actor=OPERATOR)
    assert (line.is_restricted, line.restricted_until) == (True, until)
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="on my way"))
    forever = RestrictUser(user=at.provider.user, reason="no-shows")
    line = await world.operator.call(USERS_RESTRICT, forever, actor=OPERATOR)
    assert (line.is_restricted, line.restricted_until) == (True, None)
    await world.operator.call(USERS_UNRESTRICT, UnrestrictUser(user=at.provider.user), actor=OPERATOR)
    with pytest.raises(AlreadyExists):
        await world.operator.call(USERS_UNRESTRICT, UnrestrictUser(user=at.provider.user), actor=OPERATOR)
    assert words(await receive(at.provider)) == ["restricted", "restricted", "unrestricted"]
    for bad in (datetime.now(UTC) - timedelta(seconds=1), datetime(2030, 1, 1)):  # noqa: DTZ001 - the fault looked for
        wrong = RestrictUser(user=at.provider.user, reason="x", until=bad)
        with pytest.raises(InvalidRequest):
            await world.operator.call(USERS_RESTRICT, wrong, actor=OPERATOR)


async def test_who_is_restricted_begins_nothing_new(world: World) -> None:
    scenario = await world.scenario()
    helper, asking = await world.member(scenario), await world.person()
    waiting = await world.demand(await world.person(), scenario)
    for person in (helper, asking):
        request = RestrictUser(user=person.user, reason="x")
        await world.operator.call(USERS_RESTRICT, request, actor=OPERATOR)
    with pytest.raises(Forbidden):
        await asking.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="x"))
    with pytest.raises(Forbidden):
        await helper.call(DEMANDS_NEXT, NextDemand())
    with pytest.raises(Forbidden):
        await helper.call(DEMANDS_TAKE, TakeDemand(demand=waiting.id))


async def test_less_room_takes_nothing_away_and_gives_nothing_more(world: World) -> None:
    at = await seated(world)
    other = await world.demand(await world.person(), at.scenario)
    await receive(at.provider)
    for capacity in (0, 0, 2):
        request = SetCapacity(user=at.provider.user, capacity=capacity)
        line = await world.operator.call(USERS_SET_CAPACITY, request, actor=OPERATOR)
        assert (line.capacity, line.held) == (capacity, 1)
        if capacity == 0:
            with pytest.raises(AtCapacity):
                await at.provider.call(DEMANDS_TAKE, TakeDemand(demand=other.id))
    assert [told.data for told in await receive(at.provider)] == [{"capacity": 0}, {"capacity": 2}], (
        "told when it changed"
    )
    assert (await at.provider.call(DEMANDS_TAKE, TakeDemand(demand=other.id))).id == other.id
    request = SetCapacity(user=at.scenario.id, capacity=1)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await world.operator.call(USERS_SET_CAPACITY, request, actor=OPERATOR)
