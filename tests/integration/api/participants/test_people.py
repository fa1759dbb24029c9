"""Who sits in a demand, what others see of them, and whose phone is shown to whom."""

import pytest

from contracts.demands import CloseDemand, DeclineDemand, GetDemand, TakeDemand
from contracts.failures import AlreadyClosed, AlreadyExists, Forbidden, InvalidRequest, NotFound, VersionConflict
from contracts.kinds import Role
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_DECLINE,
    DEMANDS_GET,
    DEMANDS_TAKE,
    PARTICIPANTS_ADD,
    PARTICIPANTS_GET,
    PARTICIPANTS_LIST,
    PARTICIPANTS_REMOVE,
    PARTICIPANTS_SHARE_CONTACT,
)
from contracts.operations.users import USERS_UPDATE_ME
from contracts.participants import AddParticipant, GetParticipant, ListParticipants, RemoveParticipant, ShareContact
from contracts.users import UpdateMe
from integration.api.town import receive, seated, words
from world import OPERATOR, Person, World

PHONE, LATER = "+995555222333", "+995555999999"


async def phones(person: Person, demand: object) -> set[str | None]:
    listed = await person.call(PARTICIPANTS_LIST, ListParticipants(demand=demand))  # type: ignore[arg-type]
    return {one.phone for one in listed.items if not one.is_me} - {None}


async def test_counterparts_see_roles_and_aliases_and_staff_see_people(world: World) -> None:
    at = await seated(world)
    seen = (await at.provider.call(PARTICIPANTS_LIST, ListParticipants(demand=at.demand))).items
    assert [(one.role, one.is_me, one.user) for one in seen] == [
        (Role.REQUESTER, False, None),
        (Role.PROVIDER, True, None),
    ]
    assert len({one.alias for one in seen}) == 2
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    staff = (await at.moderator.call(PARTICIPANTS_LIST, ListParticipants(demand=at.demand))).items
    assert [(one.user, one.declined_at is not None) for one in staff] == [
        (at.requester.user, False),
        (at.provider.user, True),
    ]
    assert len((await at.requester.call(PARTICIPANTS_LIST, ListParticipants(demand=at.demand))).items) == 1
    one = await at.moderator.call(PARTICIPANTS_GET, GetParticipant(demand=at.demand, user=at.requester.user))
    assert one.role is Role.REQUESTER
    with pytest.raises(NotFound):
        await at.requester.call(PARTICIPANTS_GET, GetParticipant(demand=at.demand, role=Role.PROVIDER))
    with pytest.raises(InvalidRequest):
        await at.requester.call(PARTICIPANTS_GET, GetParticipant(demand=at.demand))


async def test_a_phone_is_shown_to_those_seated_and_staff_only_and_only_once_shared(world: World) -> None:
    at = await seated(world)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    onlooker, helper = await world.member(at.scenario), await world.member(at.scenario)
    with pytest.raises(InvalidRequest):
        await at.requester.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone=PHONE))
    assert await phones(at.moderator, at.demand) == set()
    await at.requester.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))
    with pytest.raises(Forbidden):  # it waits for them, they do not hold it
        await phones(onlooker, at.demand)
    assert await phones(at.moderator, at.demand) == {PHONE}
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    assert await phones(helper, at.demand) == {PHONE}
    await helper.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    with pytest.raises(NotFound):
        await phones(helper, at.demand)
    for person in (onlooker, at.moderator):
        with pytest.raises(Forbidden):
            await person.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    with pytest.raises(AlreadyClosed):
        await at.requester.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))


async def test_a_phone_is_not_shown_to_somebody_who_came_after_its_owner_looked(world: World) -> None:
    at = await seated(world)
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone=PHONE))
    seen = (await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))).version
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    helper = await world.member(at.scenario)
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    with pytest.raises(VersionConflict) as refused:
        await at.requester.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand, version=seen))
    assert await phones(helper, at.demand) == set()
    now = ShareContact(demand=at.demand, version=refused.value.version)
    await at.requester.call(PARTICIPANTS_SHARE_CONTACT, now)
    assert await phones(helper, at.demand) == {PHONE}


async def test_moderators_join_and_leave_aloud(world: World) -> None:
    at = await seated(world)
    for person in (at.requester, at.provider, at.moderator):
        await receive(person)
    joined = await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    assert (joined.role, joined.is_me, joined.user) == (Role.MODERATOR, True, at.moderator.user)
    with pytest.raises(AlreadyExists):
        await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    for person in (at.requester, at.provider):
        assert words(await receive(person)) == ["moderator_joined"]
    assert words(await receive(at.moderator)) == ["you_joined"]
    removal = RemoveParticipant(demand=at.demand, user=at.moderator.user)
    await world.operator.call(PARTICIPANTS_REMOVE, removal, actor=OPERATOR)
    with pytest.raises(NotFound):
        await world.operator.call(PARTICIPANTS_REMOVE, removal, actor=OPERATOR)
    assert words(await receive(at.moderator)) == ["participant_removed"]
    assert words(await receive(at.requester)) == ["moderator_left"]
    audited = await world.ledger.fetch(
        "SELECT actor, operation FROM audit WHERE subject_id = $1 ORDER BY id", at.demand
    )
    assert [tuple(row) for row in audited] == [
        (str(at.moderator.user), "participants.add"),
        (OPERATOR, "participants.remove"),
    ]


async def test_only_staff_may_be_seated_as_moderators_and_only_moderators_removed(world: World) -> None:
    at = await seated(world)
    with pytest.raises(Forbidden):
        await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand, user=(await world.person()).user))
    with pytest.raises(AlreadyExists):
        await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand, user=at.provider.user))
    for person in (at.requester, at.provider):
        with pytest.raises(NotFound):
            await at.moderator.call(PARTICIPANTS_REMOVE, RemoveParticipant(demand=at.demand, user=person.user))
    with pytest.raises(Forbidden):
        await world.operator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand), actor=OPERATOR)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    with pytest.raises(AlreadyClosed):
        await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))


async def test_one_participant_is_named_by_a_role_or_a_user_and_is_one(world: World) -> None:
    at = await seated(world)
    for person in (at.moderator, await world.member(at.scenario, "moderator")):
        await person.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    for request in (GetParticipant(demand=at.demand), GetParticipant(demand=at.demand, role=Role.MODERATOR)):
        for person in (at.requester, at.moderator):
            with pytest.raises(InvalidRequest):
                await person.call(PARTICIPANTS_GET, request)
    asked = GetParticipant(demand=at.demand, role=Role.MODERATOR, user=at.moderator.user)
    assert (await at.moderator.call(PARTICIPANTS_GET, asked)).user == at.moderator.user
    for absent in (GetParticipant(demand=at.demand, role=Role.PROVIDER, user=at.requester.user),
                   GetParticipant(demand=at.demand, user=(await world.person()).user)):  # fmt: skip
        with pytest.raises(NotFound):
            await at.moderator.call(PARTICIPANTS_GET, absent)


async def test_a_number_taken_after_share_was_pressed_is_nobody_elses_until_it_is_pressed_again(world: World) -> None:
    at = await seated(world)
    helper = await world.member(at.scenario)
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone=PHONE))
    await at.requester.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone=LATER))
    told = {one.notice: one.data for one in await receive(at.provider)}
    assert told["contact_shared"] == {"phone": PHONE}, "what is sent late is what was shared"
    assert await phones(at.provider, at.demand) == await phones(at.moderator, at.demand) == {PHONE}
    assert (
        await at.requester.call(PARTICIPANTS_GET, GetParticipant(demand=at.demand, role=Role.REQUESTER))
    ).phone == LATER
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    [took] = [one for one in await receive(helper) if one.notice == "you_took_it"]
    assert took.data["phone"] == PHONE
    assert await phones(helper, at.demand) == {PHONE}
    await at.requester.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))
    assert [one.data for one in await receive(helper) if one.notice == "contact_shared"] == [{"phone": LATER}]
    assert await phones(helper, at.demand) == {LATER}
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone=None))
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone=PHONE))
    assert await phones(helper, at.demand) == set(), "a deleted number is shown to nobody, and neither is the next"


async def test_who_helped_sees_no_phone_once_the_demand_has_ended(world: World) -> None:
    at = await seated(world)
    for person in (at.requester, at.provider):
        await person.call(USERS_UPDATE_ME, UpdateMe(phone=PHONE))
        await person.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))
    assert await phones(at.provider, at.demand) == {PHONE}
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    assert await phones(at.provider, at.demand) == set()
    assert (
        await at.provider.call(PARTICIPANTS_GET, GetParticipant(demand=at.demand, role=Role.REQUESTER))
    ).phone is None
    assert await phones(at.moderator, at.demand) == {PHONE}
