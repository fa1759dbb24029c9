"""Linking and the second factor: neither a chat of an account nor a session left open gets further by it than by signing in."""

import asyncio

import pytest

from chaos.api.test_sends import WAITING, held_still
from contracts.account_failures import CannotLink, SignInRefused
from contracts.accounts import FinishLink, Linked, LinkStarted, SecondFactorNeeded, StartLink
from contracts.demands import CreateDemand
from contracts.failures import TooManyRequests
from contracts.operations.demands import DEMANDS_CREATE
from contracts.operations.users import USERS_LINK_FINISH, USERS_LINK_START, USERS_ME
from contracts.users import GetMe
from integration.api.town import receive, words
from integration.api.users.authenticator import code_of as told_by_app
from integration.api.users.test_linking import code_of, finished
from integration.api.users.test_second_factor import armed
from integration.api.users.visitors import Visitor, entered, is_in, new_login, signed_up
from world import Person, World, until

NOBODY_BECAME_ANYBODY = "SELECT count(*) = 0 FROM users WHERE merged_into IS NOT NULL"


async def with_a_chat(world: World) -> tuple[Visitor, Person, str, list[str]]:
    """An account with a second factor, its chat in Telegram, its secret and recovery codes."""
    person, (account, secret, codes) = await world.person(), await armed(world, new_login())
    shown = StartLink(second_factor=told_by_app(secret, 0))
    started = await account.call(USERS_LINK_START, shown)
    assert isinstance(started, LinkStarted)
    assert (await finished(person, started.code)).user.id == account.user
    await receive(Person(world, person.telegram_id, account.user))
    return account, Person(world, person.telegram_id, account.user), secret, codes


async def test_whoever_holds_a_chat_of_the_account_gets_no_session_of_it(world: World) -> None:
    account, phone, secret, _ = await with_a_chat(world)
    code, (guest, _) = await code_of(phone), await entered(world)
    before = await world.ledger.fetchval("SELECT count(*) FROM users WHERE merged_into IS NOT NULL")
    assert await guest.call(USERS_LINK_FINISH, FinishLink(code=code)) == SecondFactorNeeded()
    for wrong in ("000000", told_by_app(secret, 0), code):
        with pytest.raises(SignInRefused):
            await guest.call(USERS_LINK_FINISH, FinishLink(code=code, second_factor=wrong))
    assert await world.ledger.fetchval("SELECT count(*) FROM users WHERE merged_into IS NOT NULL") == before
    assert await is_in(guest), "nothing has changed"
    assert words(await receive(phone)) == []
    # And who has both goes on where they are.
    request = FinishLink(code=code, second_factor=told_by_app(secret, 1))
    linked = await guest.call(USERS_LINK_FINISH, request)
    assert isinstance(linked, Linked)
    assert linked.token is not None
    here = Visitor(world, linked.user.id, linked.token)
    assert (await here.call(USERS_ME, GetMe())).user.id == account.user
    assert words(await receive(phone)) == ["new_sign_in"]


async def test_a_recovery_code_stands_in_once(world: World) -> None:
    account, phone, _, codes = await with_a_chat(world)
    for allowed in (True, False):
        code, (guest, _) = await code_of(phone), await entered(world)
        request = FinishLink(code=code, second_factor=codes[2].lower())
        if allowed:
            linked = await guest.call(USERS_LINK_FINISH, request)
            assert (linked.user.id, linked.token is not None) == (account.user, True)
        else:
            with pytest.raises(SignInRefused):
                await guest.call(USERS_LINK_FINISH, request)


async def test_codes_are_not_guessed_by_one_guest_after_another(world: World) -> None:
    _, phone, secret, _ = await with_a_chat(world)
    code = await code_of(phone)
    refused: list[type] = []
    for number in range(world.settings.code_tries):
        guest, _ = await entered(world)
        try:
            await guest.call(USERS_LINK_FINISH, FinishLink(code=code, second_factor=f"{number:06}"))
        except (SignInRefused, TooManyRequests) as refusal:
            refused.append(type(refusal))
    assert TooManyRequests in refused
    guest, _ = await entered(world)
    with pytest.raises(TooManyRequests):
        await guest.call(USERS_LINK_FINISH, FinishLink(code=code, second_factor=told_by_app(secret, 1)))


async def test_a_session_left_open_attaches_nobodys_chat(world: World) -> None:
    account, secret, _ = await armed(world, new_login())
    stranger = await world.person()
    assert await account.call(USERS_LINK_START, StartLink()) == SecondFactorNeeded()
    for wrong in ("000000", told_by_app(secret, -1)):
        with pytest.raises(SignInRefused):
            await account.call(USERS_LINK_START, StartLink(second_factor=wrong))
    assert await world.ledger.fetchval("SELECT count(*) FROM link_codes") == 0
    # Nor the other way round, by a code that the chat gave out.
    code = await code_of(stranger)
    assert await account.call(USERS_LINK_FINISH, FinishLink(code=code)) == SecondFactorNeeded()
    assert await world.ledger.fetchval(NOBODY_BECAME_ANYBODY)
    linked = await account.call(USERS_LINK_FINISH, FinishLink(code=code, second_factor=told_by_app(secret)))
    assert isinstance(linked, Linked)
    assert (linked.user.id, linked.token) == (account.user, None)
    assert (await stranger.call(USERS_ME, GetMe())).user.id == account.user


async def test_in_telegram_no_code_is_asked_because_no_session_is_opened(world: World) -> None:
    account, phone, _, _ = await with_a_chat(world)
    scenario, (guest, _) = await world.scenario(), await entered(world)
    demand = await guest.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="Insulin"))
    linked = await finished(phone, await code_of(guest))
    assert (linked.user.id, linked.token) == (account.user, None)
    assert [each.id for each in (await phone.call(USERS_ME, GetMe())).demands] == [demand.id]
    assert not await is_in(guest)


async def test_what_cannot_be_linked_says_so_before_a_code_is_asked_and_uses_none(world: World) -> None:
    account, secret, _ = await armed(world, new_login())
    member = await world.member(await world.scenario())
    code = await code_of(member)
    for shown in (None, told_by_app(secret)):
        with pytest.raises(CannotLink):
            await account.call(USERS_LINK_FINISH, FinishLink(code=code, second_factor=shown))
    assert isinstance(await account.call(USERS_LINK_START, StartLink(second_factor=told_by_app(secret))), LinkStarted)


async def test_a_second_factor_that_counts_from_this_instant_is_asked_for(world: World) -> None:
    """What is read without the lock is that there is none when it is about to be committed."""
    account, person = await signed_up(world), await world.person()
    await finished(person, await code_of(account))
    code, (guest, _) = await code_of(person), await entered(world)
    async with asyncio.TaskGroup() as group, held_still(world, "UPDATE credentials SET totp_secret = 'sealed'"):
        coming = group.create_task(guest.call(USERS_LINK_FINISH, FinishLink(code=code)))
        await until(lambda: world.ledger.fetchval(WAITING, 1))
    assert coming.result() == SecondFactorNeeded()
