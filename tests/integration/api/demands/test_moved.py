"""A demand that moves to another kind of help leaves those behind who look after the former one only."""

import pytest

from chaos.api.crowd import contradictions
from contracts.demands import UpdateDemand
from contracts.failures import NotFound
from contracts.kinds import MembershipKind, Role
from contracts.memberships import UnassignMembership
from contracts.messages import SearchMessages, SendMessage
from contracts.operations.demands import DEMANDS_UPDATE, PARTICIPANTS_ADD, PARTICIPANTS_LIST
from contracts.operations.messages import MESSAGES_SEARCH, MESSAGES_SEND
from contracts.operations.scenarios import MEMBERSHIPS_UNASSIGN
from contracts.participants import AddParticipant, ListParticipants
from integration.api.town import receive, words
from world import OPERATOR, World

MODERATOR = MembershipKind.MODERATOR


async def test_who_looks_after_the_former_scenario_only_leaves_a_demand_that_moves(world: World) -> None:
    here, there = await world.scenario(), await world.scenario()
    stays, goes = await world.member(here, "moderator"), await world.member(here, "moderator")
    await world.assign(stays, there, "moderator")
    requester = await world.person()
    demand = await world.demand(requester, here)
    for person in (stays, goes):
        await person.call(PARTICIPANTS_ADD, AddParticipant(demand=demand.id))
    await requester.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="not read in time"))
    for person in (stays, requester):
        await receive(person)
    request = UpdateDemand(demand=demand.id, version=1, scenario=there.id, description="Where I live")
    await requester.call(DEMANDS_UPDATE, request)
    said = await requester.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="my address"))
    assert said.recipients == 1
    assert words(await receive(goes)) == ["membership_changed", "participant_removed"], "and nothing late"
    assert words(await receive(stays)) == ["moderator_left", "demand_updated", "my address"]
    assert words(await receive(requester)) == ["moderator_left"]
    for row, asked in (
        (MESSAGES_SEARCH, SearchMessages(demand=demand.id)),
        (MESSAGES_SEND, SendMessage(demand=demand.id, text="still here?")),
    ):
        with pytest.raises(NotFound):
            await goes.call(row, asked)  # type: ignore[arg-type]
    listed = await stays.call(PARTICIPANTS_LIST, ListParticipants(demand=demand.id))
    assert [(one.user, one.left_at is None) for one in listed.items] == [
        (requester.user, True), (stays.user, True), (goes.user, False),
    ]  # fmt: skip
    assert await contradictions(world.ledger) == []


async def test_a_moderator_who_moves_a_demand_away_from_themselves_leaves_it(world: World) -> None:
    here, there = await world.scenario(), await world.scenario()
    moderator, requester = await world.member(here, "moderator"), await world.person()
    demand = await world.demand(requester, here)
    await moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=demand.id))
    await receive(moderator)
    moved = await moderator.call(DEMANDS_UPDATE, UpdateDemand(demand=demand.id, version=1, scenario=there.id))
    assert moved.scenario == there.id
    assert moved.role is None
    assert words(await receive(moderator)) == [], "they know"
    with pytest.raises(NotFound):
        await moderator.call(MESSAGES_SEARCH, SearchMessages(demand=demand.id))


async def test_who_is_no_moderator_any_more_sits_nowhere_wherever_the_demand_has_moved(world: World) -> None:
    here, there = await world.scenario(), await world.scenario()
    moderator, requester = await world.member(here, "moderator"), await world.person()
    await world.assign(moderator, there, "moderator")
    demand = await world.demand(requester, here)
    await moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=demand.id))
    await requester.call(DEMANDS_UPDATE, UpdateDemand(demand=demand.id, version=1, scenario=there.id))
    request = UnassignMembership(user=moderator.user, scenario=here.id, kind=MODERATOR)
    await world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)
    await moderator.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="I still look after it"))
    # As an earlier release left it: the demand moved, and who looked after it where it was still sits there.
    await world.ledger.execute("UPDATE demands SET scenario_id = $1 WHERE id = $2", here.id, demand.id)
    request = UnassignMembership(user=moderator.user, scenario=there.id, kind=MODERATOR)
    await world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)
    with pytest.raises(NotFound):
        await moderator.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="hello"))
    seats = "SELECT role FROM participants WHERE demand_id = $1 AND left_at IS NULL"
    assert [row[0] for row in await world.ledger.fetch(seats, demand.id)] == [Role.REQUESTER.value]
