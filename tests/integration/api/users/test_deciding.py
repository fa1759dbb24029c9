"""What staff decide about people takes effect at once, is told, and harms nobody else."""

import hashlib

import pytest

from chaos.api.crowd import contradictions
from contracts.account_failures import SignInRefused
from contracts.demand_life import AssignDemand
from contracts.demands import GetDemand, NextDemand
from contracts.failures import (
    AlreadyExists,
    Banned,
    Forbidden,
    LastAdmin,
    NotFound,
    NotSignedIn,
)
from contracts.kinds import CloseReason, DemandStatus
from contracts.messages import SearchMessages, SendMessage
from contracts.operations.demands import (
    DEMANDS_ASSIGN,
    DEMANDS_GET,
    DEMANDS_NEXT,
    PARTICIPANTS_ADD,
)
from contracts.operations.messages import MESSAGES_SEARCH, MESSAGES_SEND
from contracts.operations.users import (
    USERS_BAN,
    USERS_ENTER,
    USERS_ME,
    USERS_SET_ADMIN,
    USERS_SET_CAPACITY,
    USERS_UNBAN,
)
from contracts.participants import AddParticipant
from contracts.people import BanUser, SetAdmin, SetCapacity, UnbanUser
from contracts.users import EnterUser, GetMe
from integration.api.town import begin, receive, seated, settle, words
from integration.api.users.visitors import everything_kept, new_login, signed_in, signed_up
from world import OPERATOR, Person, World


async def ban(person: Person) -> None:
    await person.world.operator.call(USERS_BAN, BanUser(user=person.user, reason="threats"), actor=OPERATOR)


async def make_admin(person: Person, *, is_admin: bool = True) -> None:
    request = SetAdmin(user=person.user, is_admin=is_admin)
    await person.world.operator.call(USERS_SET_ADMIN, request, actor=OPERATOR)


async def test_what_a_banned_helper_held_waits_again_where_it_stood_without_blame(world: World) -> None:
    at = await seated(world)
    later = await world.demand(await world.person(), at.scenario)
    await receive(at.requester)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="not for them any more"))
    await ban(at.provider)
    assert words(await receive(at.requester)) == ["looking_for_another"]
    assert words(await receive(at.provider)) == ["banned"], "nothing else is owed"
    again = await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))
    assert again.status is DemandStatus.WAITING
    helper = await world.member(at.scenario)
    taken = await helper.call(DEMANDS_NEXT, NextDemand())
    assert taken.id == at.demand != later.id, "its place in the queue is kept"
    record = await world.ledger.fetchrow(
        "SELECT declined_at, skips, left_at FROM participants WHERE user_id = $1", at.provider.user
    )
    assert (record["declined_at"], record["skips"]) == (None, False)
    assert record["left_at"] is not None
    for row, request in ((USERS_ME, GetMe()), (DEMANDS_NEXT, NextDemand()), (USERS_ENTER, EnterUser(display_name="x"))):
        with pytest.raises(Banned):
            await at.provider.call(row, request)
    assert await contradictions(world.ledger) == []


async def test_what_a_banned_person_asked_for_ends_as_moderated(world: World) -> None:
    at = await seated(world)
    waiting = await world.demand(at.requester, at.scenario)
    await receive(at.provider)
    await ban(at.requester)
    [told] = await receive(at.provider)
    assert (told.notice, told.data["reason"], told.data["by"]) == ("closed", "moderated", None)
    rows = await world.ledger.fetch("SELECT id, status, close_reason, closed_by FROM demands")
    assert {tuple(row) for row in rows} == {
        (at.demand, "closed", CloseReason.MODERATED, None),
        (waiting.id, "closed", CloseReason.MODERATED, None),
    }
    assert await world.ledger.fetchval("SELECT held FROM users WHERE id = $1", at.provider.user) == 0
    assert words(await receive(at.requester)) == ["banned"]
    assert await contradictions(world.ledger) == []


async def test_a_banned_moderator_leaves_aloud_and_hears_nothing_more(world: World) -> None:
    at = await seated(world)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await receive(at.requester)
    await ban(at.moderator)
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="hello"))
    assert words(await receive(at.requester)) == ["moderator_left", "hello"]
    assert words(await receive(at.moderator)) == ["banned"]
    # What is decided about them meanwhile is not told to somebody banned.
    await world.assign(await world.person(), at.scenario)
    await world.operator.call(USERS_SET_CAPACITY, SetCapacity(user=at.moderator.user, capacity=7), actor=OPERATOR)
    assert await begin(at.moderator) is None


async def test_who_is_let_in_again_begins_anew_and_gets_nothing_late(world: World) -> None:
    at = await seated(world)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="one"))
    await ban(at.provider)
    with pytest.raises(AlreadyExists):
        await ban(at.provider)
    request = UnbanUser(user=at.provider.user, reason="a mistake")
    line = await world.operator.call(USERS_UNBAN, request, actor=OPERATOR)
    assert (line.is_banned, line.held) == (False, 0)
    with pytest.raises(AlreadyExists):
        await world.operator.call(USERS_UNBAN, request, actor=OPERATOR)
    assert words(await receive(at.provider)) == ["unbanned"], "word of the ban would come when it is no longer true"
    with pytest.raises(Forbidden):  # it waits for them like for any other provider
        await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="still here?"))
    assert (await at.provider.call(DEMANDS_NEXT, NextDemand())).id == at.demand, "no blame: it is offered again"
    page = await at.provider.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand))
    assert "one" in [line.text for line in page.items]
    assert words(await receive(at.provider)) == ["you_took_it", "one"]


async def test_of_what_somebody_is_now_the_newest_word_is_owed_and_no_older_one(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    again = UnbanUser(user=at.provider.user, reason="a mistake")
    for _ in range(3):
        await ban(at.provider)
        await world.operator.call(USERS_UNBAN, again, actor=OPERATOR)
    await ban(at.provider)
    assert words(await receive(at.provider)) == ["banned"]
    await world.operator.call(USERS_UNBAN, again, actor=OPERATOR)
    await ban(at.provider)
    under_way = await begin(at.provider)
    assert under_way is not None
    await world.operator.call(USERS_UNBAN, again, actor=OPERATOR)
    assert await settle(world, under_way) == 1, "what is being sent cannot be taken back"
    assert [under_way.notice, *words(await receive(at.provider))] == ["banned", "unbanned"]


async def test_a_ban_ends_every_session_and_letting_in_again_opens_none(world: World) -> None:
    login = new_login()
    visitors = [await signed_up(world, login), await signed_in(world, login)]
    person = Person(world, 0, visitors[0].user)
    digests = [hashlib.sha256(visitor.token.encode()).hexdigest() for visitor in visitors]
    kept = await everything_kept(world)
    assert all(digest in kept for digest in digests)
    await ban(person)
    kept = await everything_kept(world)
    assert not any(digest in kept for digest in digests)
    with pytest.raises(SignInRefused):
        await signed_in(world, login)
    await world.operator.call(USERS_UNBAN, UnbanUser(user=person.user), actor=OPERATOR)
    for visitor in visitors:
        with pytest.raises(NotSignedIn):
            await visitor.call(USERS_ME, GetMe())
    assert (await (await signed_in(world, login)).call(USERS_ME, GetMe())).user.id == person.user


async def test_the_last_admin_stays(world: World) -> None:
    one, two = await world.person(), await world.person()
    for person in (one, two):
        await make_admin(person)
        assert [told.data for told in await receive(person)] == [{"is_admin": True}]
    with pytest.raises(AlreadyExists):
        await make_admin(one)
    await ban(two)
    with pytest.raises(LastAdmin):
        await ban(one)
    with pytest.raises(LastAdmin):
        await make_admin(one, is_admin=False)
    await world.operator.call(USERS_UNBAN, UnbanUser(user=two.user), actor=OPERATOR)
    await make_admin(one, is_admin=False)
    assert not (await one.call(USERS_ME, GetMe())).user.is_admin
    with pytest.raises(Forbidden):
        await one.call(USERS_SET_CAPACITY, SetCapacity(user=one.user, capacity=9))


async def test_who_is_no_admin_any_more_leaves_where_they_sat_as_one(world: World) -> None:
    at, elsewhere = await seated(world), await seated(world)
    await make_admin(await world.person())
    await make_admin(at.moderator)
    for demand in (at.demand, elsewhere.demand):
        await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=demand))
    await make_admin(at.moderator, is_admin=False)
    sits = await world.ledger.fetch("SELECT demand_id FROM participants WHERE role = 'moderator' AND left_at IS NULL")
    assert [row["demand_id"] for row in sits] == [at.demand], "their own scenario they go on looking after"
    with pytest.raises(NotFound):
        await at.moderator.call(MESSAGES_SEARCH, SearchMessages(demand=elsewhere.demand))
    assert await contradictions(world.ledger) == []


async def test_what_an_admin_took_over_waits_again_where_nothing_else_lets_them_hold_it(world: World) -> None:
    theirs, taken, provided = await seated(world), await seated(world), await seated(world)
    chief = theirs.moderator
    await make_admin(await world.person())
    await make_admin(chief)
    await world.assign(chief, provided.scenario)
    await world.capacity(chief, 3)
    for at in (theirs, taken, provided):
        await chief.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand))
        await receive(at.requester)
    await make_admin(chief, is_admin=False)
    held = await world.ledger.fetch("SELECT id FROM demands WHERE provider_id = $1", chief.user)
    assert {row["id"] for row in held} == {theirs.demand, provided.demand}, "as a moderator, and as a provider"
    assert [words(await receive(at.requester)) for at in (theirs, taken, provided)] == [[], ["looking_for_another"], []]
    for row, request in (
        (MESSAGES_SEARCH, SearchMessages(demand=taken.demand)),
        (MESSAGES_SEND, SendMessage(demand=taken.demand, text="still here?")),
    ):
        with pytest.raises(NotFound):
            await chief.call(row, request)  # type: ignore[arg-type]
    assert (await taken.provider.call(DEMANDS_NEXT, NextDemand())).id == taken.demand
    assert await contradictions(world.ledger) == []
