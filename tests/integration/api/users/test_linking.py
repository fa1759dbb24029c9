"""One person's channels made one user: who becomes whom, what moves, and what nobody gets by it."""

import asyncio
from uuid import uuid4

import pytest

from contracts.account_failures import CannotLink, SignInRefused
from contracts.accounts import FinishLink, Linked, Resume, StartLink
from contracts.demands import CreateDemand, DeclineDemand, NextDemand, TakeDemand, Taken
from contracts.failures import (
    AlreadyExists,
    AtCapacity,
    Banned,
    Failure,
    InvalidRequest,
    NotFound,
    NotSignedIn,
    TooManyRequests,
)
from contracts.kinds import LinkObstacle
from contracts.messages import SearchMessages, SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_DECLINE, DEMANDS_NEXT, DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEARCH, MESSAGES_SEND
from contracts.operations.users import (
    USERS_LINK_FINISH,
    USERS_LINK_START,
    USERS_ME,
    USERS_RESUME,
    USERS_UPDATE_ME,
)
from contracts.users import GetMe, UpdateMe
from integration.api.town import receive, words
from integration.api.users.visitors import Visitor, entered, everything_kept, new_login, signed_up, web
from world import Person, World

Either = Visitor | Person


async def code_of(person: Either) -> str:
    return (await person.call(USERS_LINK_START, StartLink())).code


async def finished(person: Either, code: str) -> Linked:
    return await person.call(USERS_LINK_FINISH, FinishLink(code=code))


async def refusal(person: Either, code: str) -> Failure:
    with pytest.raises(Failure) as refused:
        await finished(person, code)
    return refused.value


async def left_behind(world: World, gone: object) -> list[str]:
    """Every column that still leads to an emptied user, but for the record of who they became and of old codes."""
    places = await world.ledger.fetch("""
        SELECT c.conrelid::regclass::text AS within, a.attname AS named FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.confrelid = 'users'::regclass
    """)
    found = []
    for within, named in places:
        if await world.ledger.fetchval(f"SELECT count(*) FROM {within} WHERE {named} = $1", gone):  # noqa: S608
            found.append(f"{within}.{named}")
    seats = await world.ledger.fetchval("SELECT count(*) FROM conversations WHERE $1 = ANY (seats)", gone)
    return sorted({*found, *(["conversations.seats"] if seats else [])} - {"link_codes.user_id"})


async def test_a_guest_in_the_middle_of_being_helped_becomes_the_person_in_telegram(world: World) -> None:
    scenario, (guest, told) = await world.scenario(), await entered(world)
    helper, person = await world.member(scenario), await world.person("Olga")
    await guest.call(USERS_UPDATE_ME, UpdateMe(phone="+995555000111"))
    demand = await guest.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="Insulin"), key="wish")
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    await guest.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="first"))
    await receive(helper)
    linked = await finished(person, await code_of(guest))
    assert (linked.user.id, linked.token, linked.user.display_name) == (person.user, None, "Olga")
    assert linked.user.phone == "+995555000111"
    assert await left_behind(world, guest.user) == []
    assert await world.ledger.fetchval("SELECT merged_into FROM users WHERE id = $1", guest.user) == person.user
    # The conversation goes on where they are now, both ways, under the same alias.
    assert words(await receive(person)) == ["new_sign_in"]
    await helper.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="coming"))
    await person.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="thank you"))
    assert (words(await receive(person)), words(await receive(helper))) == (["coming"], ["thank you"])
    said = (await person.call(MESSAGES_SEARCH, SearchMessages(demand=demand.id))).items
    assert len({each.alias for each in said if each.text in ("first", "thank you")}) == 1
    assert (await person.call(USERS_ME, GetMe())).demands[0].number == demand.number
    # What was asked as a guest and is asked again is the same wish.
    again = await person.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="Insulin"), key="wish")
    assert again == demand
    for gone in (guest.call(USERS_ME, GetMe()), guest.call(DEMANDS_NEXT, NextDemand())):
        with pytest.raises(NotSignedIn):
            await gone
    with pytest.raises(SignInRefused):
        await web(world).call(USERS_RESUME, Resume(code=told.code))
    audited = await world.ledger.fetchrow(
        "SELECT actor, subject_id, detail FROM audit WHERE operation = 'users.link_finish'"
    )
    assert (audited["actor"], audited["subject_id"]) == (str(person.user), person.user)
    assert str(guest.user) in audited["detail"]


async def test_a_guest_who_finishes_on_the_web_goes_on_as_the_other_in_a_new_session(world: World) -> None:
    (guest, _), person = await entered(world), await world.person()
    code = await code_of(person)
    linked = await finished(guest, code.lower().replace("-", " "))
    assert linked.user.id == person.user
    assert linked.token not in (None, guest.token)
    with pytest.raises(NotSignedIn):
        await guest.call(USERS_ME, GetMe())
    here = Visitor(world, linked.user.id, linked.token or "")
    assert (await here.call(USERS_ME, GetMe())).user.id == person.user


async def test_whoever_has_nothing_yet_in_telegram_becomes_the_account_on_the_web(world: World) -> None:
    scenario, login = await world.scenario(), new_login()
    account, person = await signed_up(world, login), await world.person()
    await world.assign(account, scenario)  # type: ignore[arg-type]
    code = await code_of(account)
    linked = await finished(person, code)
    assert (linked.user.id, linked.token) == (account.user, None)
    assert (await finished(person, code)).user.id == account.user, "asked again because no answer came"
    assert await left_behind(world, person.user) == []
    assert (await person.call(USERS_ME, GetMe())).user.id == account.user
    # As one user they hold no more than one may, by whichever channel they take it.
    for _ in range(2):
        await world.demand(await world.person(), scenario)
    assert isinstance(await account.call(DEMANDS_NEXT, NextDemand()), Taken)
    with pytest.raises(AtCapacity):
        await person.call(DEMANDS_NEXT, NextDemand())
    told = Person(world, person.telegram_id, account.user)
    assert "you_took_it" in words(await receive(told))
    assert await world.ledger.fetchval("SELECT held FROM users WHERE id = $1", account.user) == 1


async def test_a_provider_who_came_as_a_guest_brings_what_they_hold(world: World) -> None:
    scenario, (guest, _), person = await world.scenario(), await entered(world), await world.person()
    await world.assign(guest, scenario)  # type: ignore[arg-type]
    demand = await world.demand(await world.person(), scenario)
    await guest.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    await finished(person, await code_of(guest))
    held = await world.ledger.fetch(
        "SELECT held FROM users WHERE id = ANY ($1) ORDER BY held", [guest.user, person.user]
    )
    assert [each["held"] for each in held] == [0, 1]
    await person.call(DEMANDS_DECLINE, DeclineDemand(demand=demand.id))
    assert await left_behind(world, guest.user) == []


async def test_what_is_still_owed_goes_to_who_they_are_now(world: World) -> None:
    account, person = await signed_up(world), await world.person()
    await world.ledger.execute("UPDATE destinations SET reachable = false WHERE address = $1", str(person.telegram_id))
    await finished(person, await code_of(account))
    owed = await world.ledger.fetch("SELECT DISTINCT recipient_id FROM deliveries")
    assert [each["recipient_id"] for each in owed] == [account.user]


async def test_two_who_met_in_a_demand_stay_two(world: World) -> None:
    scenario, (guest, _) = await world.scenario(), await entered(world)
    helper = await world.member(scenario)
    demand = await guest.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="Insulin"))
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    for _ in range(2):
        assert await refusal(helper, await code_of(guest)) == CannotLink(why=LinkObstacle.SAME_DEMAND)
        if await world.ledger.fetchval("SELECT provider_id FROM demands"):
            await helper.call(DEMANDS_DECLINE, DeclineDemand(demand=demand.id))
    assert (await guest.call(USERS_ME, GetMe())).user.id == guest.user


async def test_two_full_users_stay_two_and_an_admin_is_nobodys_guest(world: World) -> None:
    scenario, account = await world.scenario(), await signed_up(world)
    member, (guest, _) = await world.member(scenario), await entered(world)
    assert await refusal(member, await code_of(account)) == CannotLink(why=LinkObstacle.TWO_ACCOUNTS)
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", guest.user)
    assert await refusal(member, await code_of(guest)) == CannotLink(why=LinkObstacle.TWO_ACCOUNTS)


async def test_nothing_comes_of_a_code_that_is_not_for_this(world: World) -> None:
    (guest, _), person, stranger = await entered(world), await world.person(), await world.person()
    first = await code_of(guest)
    second = await code_of(guest)
    assert isinstance(await refusal(person, first), NotFound), "one at a time"
    assert isinstance(await refusal(guest, second), NotFound), "not in the channel it came from"
    for guess in (second[:-1], second[::-1], "-", "%"):
        assert isinstance(await refusal(person, guess), NotFound)
    await world.ledger.execute("UPDATE link_codes SET expires_at = now()")
    assert isinstance(await refusal(person, second), NotFound), "too late"
    third = await code_of(guest)
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", guest.user)
    assert isinstance(await refusal(person, third), NotFound), "a ban is not left behind"
    await world.ledger.execute("UPDATE users SET banned_at = NULL WHERE id = $1", guest.user)
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", person.user)
    assert isinstance(await refusal(person, third), Banned)
    await finished(stranger, third)
    assert isinstance(await refusal(await world.person(), third), NotFound), "used"
    made, mine = await signed_up(world), await world.person()
    await finished(mine, await code_of(made))
    assert isinstance(await refusal(mine, await code_of(made)), AlreadyExists)
    with pytest.raises(InvalidRequest):
        await finished(mine, "")


async def test_codes_are_kept_as_hashes_and_cannot_be_guessed(world: World) -> None:
    (guest, _), person = await entered(world), await world.person()
    code = await code_of(guest)
    kept = await everything_kept(world)
    assert code not in kept
    assert code.replace("-", "") not in kept
    assert len(code.replace("-", "")) == 12
    for _ in range(world.settings.code_tries):
        assert isinstance(await refusal(person, uuid4().hex[:12]), NotFound)
    assert isinstance(await refusal(person, code), TooManyRequests)


@pytest.mark.parametrize("round_", range(3))
async def test_twenty_who_show_one_code_at_once_are_one_link(world: World, round_: int) -> None:
    (guest, _), people = await entered(world), [await world.person() for _ in range(10)]
    code = await code_of(guest)
    answers = await asyncio.gather(*(finished(each, code) for each in people * 2), return_exceptions=True)
    made = {each.user.id for each in answers if isinstance(each, Linked)}
    assert len(made) == 1
    assert {type(each) for each in answers} <= {Linked, NotFound}
    assert await world.ledger.fetchval("SELECT merged_into FROM users WHERE id = $1", guest.user) in made
    assert await world.ledger.fetchval("SELECT count(*) FROM users WHERE merged_into IS NOT NULL") == 1


async def test_calls_of_who_is_just_being_linked_happen_once_to_one_user(world: World) -> None:
    scenario = await world.scenario()
    for _ in range(5):
        (guest, _), person = await entered(world), await world.person()
        code = await code_of(person)
        request = CreateDemand(scenario=scenario.id, description="Insulin")
        calls = [person.call(DEMANDS_CREATE, request, key=f"k{n}") for n in range(3)]
        calls += [guest.call(DEMANDS_CREATE, request, key=f"g{n}") for n in range(2)]
        linked, *made = await asyncio.gather(finished(guest, code), *calls, return_exceptions=True)
        assert isinstance(linked, Linked)
        assert await left_behind(world, guest.user) == []
        ids = {each.id for each in made if not isinstance(each, BaseException)}
        assert all(isinstance(each, NotSignedIn) for each in made if isinstance(each, BaseException))
        theirs = await world.ledger.fetch("SELECT id FROM demands WHERE requester_id = $1", person.user)
        assert {each["id"] for each in theirs} == ids
