"""A sign-in with the old password in the very instant in which it changes."""

import asyncio
import contextlib
from collections.abc import Coroutine
from functools import partial

import pytest

from chaos.api.test_sends import WAITING
from contracts.account_failures import SignInRefused
from contracts.accounts import ChangePassword, FinishLink, StartLink
from contracts.failures import NotSignedIn
from contracts.operations.users import USERS_CHANGE_PASSWORD, USERS_LINK_FINISH, USERS_LINK_START, USERS_ME
from contracts.users import GetMe
from integration.api.users.visitors import PASSWORD, Visitor, new_login, signed_in, signed_up
from local_servers import Addresses, Servers
from world import World, made_world, until


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
    async with made_world(servers, broker, password_memory_kib=8192, password_passes=1) as world:
        # On a slow machine the sign-in may give up waiting before the change is there.
        for _ in range(10):
            if await came_while_it_changed(world):
                return
        pytest.fail("they never met")
