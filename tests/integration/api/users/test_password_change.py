"""A sign-in with the old password, or two with one code, in the very instant in which that changes. Each lock by itself."""

import asyncio
import contextlib
from collections.abc import Coroutine
from functools import partial
from typing import Any

import pytest

from api import ledger
from chaos.api.test_sends import WAITING, held_still
from contracts.account_failures import SignInRefused
from contracts.accounts import ChangePassword, FinishLink, StartLink, StartTotp
from contracts.failures import NotSignedIn
from contracts.operations.users import (
    USERS_CHANGE_PASSWORD,
    USERS_LINK_FINISH,
    USERS_LINK_START,
    USERS_ME,
    USERS_TOTP_START,
)
from contracts.users import GetMe
from integration.api.users.authenticator import code_of
from integration.api.users.test_second_factor import armed
from integration.api.users.visitors import PASSWORD, Visitor, new_login, signed_in, signed_up
from local_servers import Addresses, Servers
from world import World, made_world, until

LIGHT: dict[str, Any] = {"password_memory_kib": 8192, "password_passes": 1}
CREDENTIALS = "SELECT FROM credentials FOR UPDATE"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine nobody gives up waiting before the other is there; within what a statement may take."""
    monkeypatch.setitem(ledger.SESSION, "lock_timeout", "2800")


async def change_waits(world: World, changing: asyncio.Task[object]) -> bool:
    """Whether the change waits for the sign-in that waits, or is done without having waited."""
    return changing.done() or await world.ledger.fetchval(WAITING, 2)


async def attempt(coming: Coroutine[None, None, Visitor]) -> Visitor | None:
    """The session, or None where the sign-in waited so long that it was begun anew, with the old password."""
    with contextlib.suppress(SignInRefused):
        return await coming
    return None


async def came_while_it_changed(world: World) -> bool:
    """A sign-in and a change in one instant, and nobody signed in by the old password after it; whether they met."""
    login, person = new_login(), await world.person()
    here = await signed_up(world, login)
    code = (await here.call(USERS_LINK_START, StartLink())).code
    await person.call(USERS_LINK_FINISH, FinishLink(code=code))
    # The sign-in has compared the password and is about to tell its owner, which waits for whether a chat is there.
    async with world.ledger.acquire() as holder, asyncio.TaskGroup() as group:
        holding = holder.transaction()
        await holding.start()
        await holder.execute("SELECT FROM destinations FOR UPDATE")
        coming = group.create_task(attempt(signed_in(world, login)))
        await until(lambda: world.ledger.fetchval(WAITING, 1))
        request = ChangePassword(current=PASSWORD, new="семь тихих лодок")
        changing = group.create_task(here.call(USERS_CHANGE_PASSWORD, request))
        # As long as the sign-in goes on, so long the change has to wait; without that it gets done meanwhile.
        await until(partial(change_waits, world, changing))
        await holding.rollback()
    came = coming.result()
    if came is not None:
        with pytest.raises(NotSignedIn):
            await came.call(USERS_ME, GetMe())
    assert (await here.call(USERS_ME, GetMe())).user.id == here.user
    return came is not None


async def test_a_session_opened_with_the_old_password_does_not_outlive_the_change(
    servers: Addresses, broker: Servers
) -> None:
    async with made_world(servers, broker, **LIGHT) as world:
        for _ in range(3):
            if await came_while_it_changed(world):
                return
        pytest.fail("they never met")


async def test_a_sign_in_that_compared_the_old_password_looks_again_under_the_lock(
    servers: Addresses, broker: Servers
) -> None:
    """What is read without the lock is still the old one when the change is about to be committed."""
    async with made_world(servers, broker, **LIGHT) as world:
        login = new_login()
        await signed_up(world, login)
        change = "UPDATE credentials SET password_hash = 'changed'"
        async with asyncio.TaskGroup() as group, held_still(world, change):
            coming = group.create_task(attempt(signed_in(world, login)))
            await until(lambda: world.ledger.fetchval(WAITING, 1))
        assert coming.result() is None


async def test_two_with_one_code_wait_for_each_other(servers: Addresses, broker: Servers) -> None:
    """Here nothing but the second factor's own lock stands between them."""
    async with made_world(servers, broker, **LIGHT, code_tries=100) as world:
        visitor, secret, _ = await armed(world, new_login())
        request = StartTotp(password=PASSWORD, code=code_of(secret))

        async def asked() -> object:
            try:
                return await visitor.call(USERS_TOTP_START, request)
            except SignInRefused as refusal:
                return refusal

        async with asyncio.TaskGroup() as group, held_still(world, CREDENTIALS):
            answers = [group.create_task(asked()) for _ in range(2)]
            await until(lambda: world.ledger.fetchval(WAITING, 2))
        assert sorted(type(each.result()).__name__ for each in answers) == ["SignInRefused", "TotpStarted"]
