"""A group that makes providers of its members: by the card of a demand, there and nowhere else."""

import pytest

from contracts.demands import TakeDemand
from contracts.failures import AlreadyExists, Forbidden, InvalidRequest, NotFound
from contracts.kinds import MembershipKind, MembershipState
from contracts.memberships import ApplyMembership, UnassignMembership
from contracts.operations.demands import DEMANDS_TAKE
from contracts.operations.scenarios import MEMBERSHIPS_APPLY, MEMBERSHIPS_UNASSIGN
from integration.api.chat_cases import bound, new_group
from integration.api.town import receive, words
from world import OPERATOR, World


async def test_who_takes_from_a_trusted_group_is_a_provider_from_then_on(world: World) -> None:
    scenario, person = await world.scenario(), await world.person()
    chat = await bound(world, scenario, group_grants_membership=True)
    demand = await world.demand(await world.person(), scenario)
    with pytest.raises(NotFound):
        await person.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    wish = ApplyMembership(demand=demand.id, chat=chat.address)
    granted = await person.call(MEMBERSHIPS_APPLY, wish)
    assert (granted.user, granted.scenario, granted.kind, granted.state) == (
        person.user, scenario.id, MembershipKind.PROVIDER, MembershipState.LIVE
    )  # fmt: skip
    assert words(await receive(person)) == ["membership_approved"]
    [row] = await world.ledger.fetch(
        "SELECT actor, detail ->> 'granted_by' FROM audit WHERE operation = 'memberships.apply'"
    )
    assert tuple(row) == (str(person.user), chat.address)
    with pytest.raises(AlreadyExists):
        await person.call(MEMBERSHIPS_APPLY, wish)
    await person.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))


async def test_a_group_that_is_not_trusted_or_shows_something_else_makes_nobody_anything(world: World) -> None:
    scenario, person = await world.scenario(), await world.person()
    wary, elsewhere = (
        await bound(world, scenario),
        await bound(world, await world.scenario(), group_grants_membership=True),
    )
    demand = await world.demand(await world.person(), scenario)
    for address in (wary.address, elsewhere.address, new_group()):
        with pytest.raises(Forbidden):
            await person.call(MEMBERSHIPS_APPLY, ApplyMembership(demand=demand.id, chat=address))
    for wish in (
        ApplyMembership(),
        ApplyMembership(demand=demand.id),
        ApplyMembership(scenario=scenario.id, chat=wary.address),
    ):
        with pytest.raises(InvalidRequest):
            await person.call(MEMBERSHIPS_APPLY, wish)
    assert await world.ledger.fetchval("SELECT count(*) FROM memberships") == 0


async def test_whom_staff_sent_away_does_not_come_back_by_a_button(world: World) -> None:
    scenario = await world.scenario()
    chat = await bound(world, scenario, group_grants_membership=True)
    person, applicant = await world.member(scenario), await world.person()
    demand = await world.demand(await world.person(), scenario)
    away = UnassignMembership(scenario=scenario.id, kind=MembershipKind.PROVIDER, user=person.user)
    await world.operator.call(MEMBERSHIPS_UNASSIGN, away, actor=OPERATOR)
    wish = ApplyMembership(demand=demand.id, chat=chat.address)
    with pytest.raises(Forbidden):
        await person.call(MEMBERSHIPS_APPLY, wish)
    await applicant.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))
    assert (await applicant.call(MEMBERSHIPS_APPLY, wish)).state is MembershipState.LIVE
