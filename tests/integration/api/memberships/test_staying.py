"""Members: who they are, how they pause, how they go; and what becomes of what they held."""

from datetime import UTC, datetime, timedelta

import pytest

from chaos.api.crowd import contradictions
from contracts.demand_life import AssignDemand
from contracts.demands import NextDemand, NothingWaiting, Paused
from contracts.failures import Forbidden, InvalidRequest, NotFound
from contracts.kinds import MembershipKind, MembershipState
from contracts.memberships import (
    ApplyMembership,
    ListMemberships,
    RejectMembership,
    UnassignMembership,
    UpdateMembership,
)
from contracts.messages import SearchMessages, SendMessage
from contracts.operations.demands import DEMANDS_ASSIGN, DEMANDS_NEXT, PARTICIPANTS_ADD, PARTICIPANTS_LIST
from contracts.operations.messages import MESSAGES_SEARCH, MESSAGES_SEND
from contracts.operations.scenarios import (
    MEMBERSHIPS_APPLY,
    MEMBERSHIPS_LIST,
    MEMBERSHIPS_REJECT,
    MEMBERSHIPS_UNASSIGN,
    MEMBERSHIPS_UPDATE,
)
from contracts.participants import AddParticipant, ListParticipants
from integration.api.town import Seated, receive, seated, words
from world import OPERATOR, Person, World

PROVIDER, MODERATOR = MembershipKind.PROVIDER, MembershipKind.MODERATOR


async def test_one_sees_ones_own_and_staff_see_those_of_their_scenario(world: World) -> None:
    at, elsewhere = await seated(world), await seated(world)
    await world.assign(at.provider, elsewhere.scenario)
    own = await at.provider.call(MEMBERSHIPS_LIST, ListMemberships())
    assert [one.scenario for one in own.items] == [at.scenario.id, elsewhere.scenario.id]
    listed = await at.moderator.call(MEMBERSHIPS_LIST, ListMemberships(scenario=at.scenario.id))
    assert [(one.user, one.kind) for one in listed.items] == [
        (at.provider.user, PROVIDER),
        (at.moderator.user, MODERATOR),
    ]
    page = await at.moderator.call(MEMBERSHIPS_LIST, ListMemberships(scenario=at.scenario.id, limit=1, offset=0))
    assert (len(page.items), page.more) == (1, True)
    filtered = ListMemberships(scenario=at.scenario.id, kind=MODERATOR, state=MembershipState.LIVE)
    assert [one.user for one in (await at.moderator.call(MEMBERSHIPS_LIST, filtered)).items] == [at.moderator.user]
    for person in (at.provider, at.requester, elsewhere.moderator):
        with pytest.raises(Forbidden):
            await person.call(MEMBERSHIPS_LIST, ListMemberships(scenario=at.scenario.id))
    with pytest.raises(NotFound):
        await at.moderator.call(MEMBERSHIPS_LIST, ListMemberships(scenario=at.demand))  # type: ignore[arg-type]


async def test_a_no_is_told_and_one_may_ask_again(world: World) -> None:
    at = await seated(world)
    applicant = await world.person()
    request = RejectMembership(user=applicant.user, scenario=at.scenario.id, reason="far away")
    with pytest.raises(NotFound):
        await at.moderator.call(MEMBERSHIPS_REJECT, request)
    await applicant.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=at.scenario.id))
    for person in (applicant, at.provider):
        with pytest.raises(Forbidden):
            await person.call(MEMBERSHIPS_REJECT, request)
    assert (await at.moderator.call(MEMBERSHIPS_REJECT, request)).state is MembershipState.REJECTED
    [told] = await receive(applicant)
    assert (told.notice, told.data["state"]) == ("membership_changed", "rejected")
    with pytest.raises(NotFound):
        await at.moderator.call(MEMBERSHIPS_REJECT, request)
    again = await applicant.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=at.scenario.id))
    assert again.state is MembershipState.APPLIED


@pytest.mark.parametrize("by", ["themselves", "a moderator"])
async def test_what_a_provider_held_there_waits_again_and_elsewhere_stays(world: World, by: str) -> None:
    at = await seated(world)
    other = await world.scenario()
    await world.assign(at.provider, other)
    await world.capacity(at.provider, 2)
    there = await world.demand(await world.person(), other)
    assert (await at.provider.call(DEMANDS_NEXT, NextDemand())).id == there.id
    await receive(at.provider)
    await receive(at.requester)
    own = by == "themselves"
    if own:
        request = UnassignMembership(scenario=at.scenario.id, kind=PROVIDER)
        gone = await at.provider.call(MEMBERSHIPS_UNASSIGN, request)
    else:
        request = UnassignMembership(user=at.provider.user, scenario=at.scenario.id, kind=PROVIDER)
        gone = await at.moderator.call(MEMBERSHIPS_UNASSIGN, request)
    assert gone.state is MembershipState.REMOVED
    assert words(await receive(at.requester)) == ["looking_for_another"]
    assert words(await receive(at.provider)) == ([] if own else ["membership_changed"])
    rows = await world.ledger.fetch("SELECT id, provider_id FROM demands")
    assert {tuple(row) for row in rows} == {(at.demand, None), (there.id, at.provider.user)}
    with pytest.raises(NotFound):
        await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="still here?"))
    with pytest.raises(NotFound):
        await world.operator.call(
            MEMBERSHIPS_UNASSIGN,
            UnassignMembership(user=at.provider.user, scenario=at.scenario.id, kind=PROVIDER),
            actor=OPERATOR,
        )
    assert await contradictions(world.ledger) == []


async def test_a_moderator_who_is_none_any_more_leaves_the_demands_and_reads_nothing(world: World) -> None:
    at = await seated(world)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    request = UnassignMembership(user=at.moderator.user, scenario=at.scenario.id, kind=MODERATOR)
    colleague = await world.member(at.scenario, "moderator")
    for person in (colleague, at.provider):
        with pytest.raises(Forbidden):  # only admins name moderators, and only they take it back
            await person.call(MEMBERSHIPS_UNASSIGN, request)
    await receive(at.requester)
    await world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)
    assert words(await receive(at.requester)) == ["moderator_left"]
    with pytest.raises(NotFound):
        await at.moderator.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="hello"))
    assert await contradictions(world.ledger) == []


async def takes_over(at: Seated, person: Person) -> None:
    """Whoever this is holds the demand now, by the right of staff, with all that was said owed and paid."""
    await person.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand))
    for each in (at.requester, person):
        await receive(each)


async def test_what_a_moderator_took_over_waits_again_when_they_are_none_any_more(world: World) -> None:
    at = await seated(world)
    await takes_over(at, at.moderator)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="not for them any more"))
    request = UnassignMembership(user=at.moderator.user, scenario=at.scenario.id, kind=MODERATOR)
    await world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)
    assert words(await receive(at.requester)) == ["looking_for_another"]
    assert words(await receive(at.moderator)) == ["membership_changed"], "and nothing late"
    for row, asked in (
        (MESSAGES_SEARCH, SearchMessages(demand=at.demand)),
        (MESSAGES_SEND, SendMessage(demand=at.demand, text="still here?")),
        (PARTICIPANTS_LIST, ListParticipants(demand=at.demand)),
    ):
        with pytest.raises(NotFound):
            await at.moderator.call(row, asked)  # type: ignore[arg-type]
    assert (await at.provider.call(DEMANDS_NEXT, NextDemand())).id == at.demand
    detail = "SELECT detail ->> 'requeued' FROM audit WHERE operation = 'memberships.unassign'"
    assert await world.ledger.fetchval(detail) == "1"
    assert await contradictions(world.ledger) == []


@pytest.mark.parametrize("still", ["a provider", "an admin"])
async def test_what_a_moderator_took_over_stays_with_who_may_hold_it_anyway(world: World, still: str) -> None:
    at, elsewhere = await seated(world), await seated(world)
    await takes_over(at, at.moderator)
    if still == "an admin":
        await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", at.moderator.user)
    else:
        await world.assign(at.moderator, at.scenario)
    # What they hold elsewhere is not asked about.
    await world.capacity(at.moderator, 2)
    await world.assign(at.moderator, elsewhere.scenario, "moderator")
    await takes_over(elsewhere, at.moderator)
    request = UnassignMembership(user=at.moderator.user, scenario=at.scenario.id, kind=MODERATOR)
    await world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)
    await at.moderator.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="I go on with this one"))
    assert words(await receive(at.requester)) == ["I go on with this one"]
    held = await world.ledger.fetch("SELECT id FROM demands WHERE provider_id = $1", at.moderator.user)
    assert {row["id"] for row in held} == {at.demand, elsewhere.demand}
    assert await contradictions(world.ledger) == []


async def test_who_pauses_in_one_of_two_scenarios_is_not_told_that_they_have_a_break(world: World) -> None:
    paused, open_one = await world.scenario(), await world.scenario()
    helper = await world.member(paused)
    await world.assign(helper, open_one)
    until = datetime.now(UTC) + timedelta(hours=2)
    await helper.call(MEMBERSHIPS_UPDATE, UpdateMembership(scenario=paused.id, paused_until=until))
    assert await helper.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()


async def test_one_pauses_oneself_and_staff_pause_others_and_tell_them(world: World) -> None:
    at = await seated(world)
    await world.capacity(at.provider, 2)
    await world.demand(await world.person(), at.scenario)
    await receive(at.provider)
    until = datetime.now(UTC) + timedelta(hours=2)
    own = UpdateMembership(scenario=at.scenario.id, paused_until=until)
    assert (await at.provider.call(MEMBERSHIPS_UPDATE, own)).paused_until == until
    assert await at.provider.call(DEMANDS_NEXT, NextDemand()) == Paused(until=until)
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="I go on with this one"))
    resumed = UpdateMembership(user=at.provider.user, scenario=at.scenario.id, paused_until=None, routing_factor=0.5)
    changed = await at.moderator.call(MEMBERSHIPS_UPDATE, resumed)
    assert (changed.paused_until, changed.routing_factor) == (None, 0.5)
    again = UpdateMembership(user=at.provider.user, scenario=at.scenario.id, paused_until=until)
    await at.moderator.call(MEMBERSHIPS_UPDATE, again)
    assert [(one.notice, one.data["until"] is None) for one in await receive(at.provider)] == [
        ("membership_paused", True),
        ("membership_paused", False),
    ]
    stranger = await world.member(at.scenario)
    for person, request, refusal in (
        (stranger, again, Forbidden),
        (at.provider, UpdateMembership(scenario=at.scenario.id, routing_factor=9), Forbidden),
        (at.requester, own, NotFound),
        (at.provider, UpdateMembership(scenario=at.scenario.id), InvalidRequest),
        (at.provider, UpdateMembership(scenario=at.scenario.id, paused_until=datetime(2030, 1, 1)), InvalidRequest),  # noqa: DTZ001
        (at.moderator, UpdateMembership(user=at.moderator.user, scenario=at.scenario.id, paused_until=None), NotFound),
    ):
        with pytest.raises(refusal):
            await person.call(MEMBERSHIPS_UPDATE, request)
