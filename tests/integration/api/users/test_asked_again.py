"""Coming in and linking, asked again under the same key because the answer was lost: one effect, and a way in."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from chaos.api.crowd import outcome
from chaos.api.test_sends import WAITING, held_still
from contracts.accounts import ChangePassword, FinishLink, SignedIn, SignUp, StartLink
from contracts.failures import AlreadyExists, KeyReused, NotSignedIn
from contracts.operations.users import (
    USERS_CHANGE_PASSWORD,
    USERS_LINK_FINISH,
    USERS_LINK_START,
    USERS_ME,
    USERS_SIGN_UP,
)
from contracts.users import GetMe
from integration.api.users.visitors import PASSWORD, Visitor, entered, new_login, signed_in, somewhere, web
from world import World, until


async def asked(world: World, request: SignUp, key: str, actor: str | None = None) -> SignedIn:
    return await web(world).call(USERS_SIGN_UP, request, actor=actor, key=key)


async def counted(world: World) -> Any:
    return tuple(
        await world.ledger.fetchrow(
            "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM identities), (SELECT count(*) FROM credentials)"
        )
    )


async def test_an_account_whose_answer_was_lost_is_had_under_the_same_key(world: World) -> None:
    request, key = SignUp(login=new_login(), password=PASSWORD, source=somewhere()), uuid4().hex
    lost = await asked(world, request, key)
    before = await counted(world)
    again = await asked(world, request, key)
    assert (again.user, again.token == lost.token) == (lost.user, False)
    assert (await Visitor(world, again.user.id, again.token).call(USERS_ME, GetMe())).user.id == lost.user.id
    assert await counted(world) == before
    with pytest.raises(AlreadyExists):
        await asked(world, request, uuid4().hex)  # another key is another wish, however well it knows the password
    with pytest.raises(KeyReused):
        await asked(world, SignUp(login=request.login, password="семь тихих лодок", source=somewhere()), key)
    owner = Visitor(world, again.user.id, again.token)
    await owner.call(USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new="семь тихих лодок"))
    with pytest.raises(AlreadyExists):
        await asked(world, request, key)
    with pytest.raises(AlreadyExists):
        await asked(world, SignUp(login=request.login, password="семь тихих лодок", source=somewhere()), key)


async def test_a_guest_whose_sign_up_was_not_answered_is_its_owner_all_the_same(world: World) -> None:
    guest, _ = await entered(world)
    request, key = SignUp(login=new_login(), password=PASSWORD, source=somewhere()), uuid4().hex
    lost = await asked(world, request, key, guest.actor)
    before = await counted(world)
    again = await asked(world, request, key, guest.actor)
    assert (again.user.id, again.token == lost.token) == (guest.user, False)
    assert (await Visitor(world, again.user.id, again.token).call(USERS_ME, GetMe())).user.id == guest.user
    with pytest.raises(NotSignedIn):
        await asked(world, request, uuid4().hex, guest.actor)
    assert await counted(world) == before


async def test_twins_of_one_sign_up_are_one_account_and_both_come_in(world: World) -> None:
    request, key = SignUp(login=new_login(), password=PASSWORD, source=somewhere()), uuid4().hex
    answers = await asyncio.gather(*(asked(world, request, key) for _ in range(5)))
    assert len({answer.user.id for answer in answers}) == 1
    assert len({answer.token for answer in answers}) == 5
    assert await counted(world) == (1, 1, 1)


async def test_the_key_alone_opens_no_account_that_asks_for_more_or_lets_nobody_in(world: World) -> None:
    for change in (
        "UPDATE credentials SET totp_secret = 'sealed' WHERE user_id = $1",
        "UPDATE users SET banned_at = now() WHERE id = $1",
        """UPDATE credentials SET created_at = created_at - interval '8 days',
             password_changed_at = password_changed_at - interval '8 days' WHERE user_id = $1""",
    ):
        request, key = SignUp(login=new_login(), password=PASSWORD, source=somewhere()), uuid4().hex
        made = await asked(world, request, key)
        await world.ledger.execute(change, made.user.id)
        with pytest.raises(AlreadyExists):
            await asked(world, request, key)


async def test_the_key_alone_opens_no_account_that_asks_for_more_from_this_instant(world: World) -> None:
    request, key = SignUp(login=new_login(), password=PASSWORD, source=somewhere()), uuid4().hex
    await asked(world, request, key)
    async with asyncio.TaskGroup() as group, held_still(world, "UPDATE credentials SET totp_secret = 'sealed'"):
        again = group.create_task(outcome(asked(world, request, key)))
        await until(lambda: world.ledger.fetchval(WAITING, 1))
    assert isinstance(again.result(), AlreadyExists)


async def test_a_link_whose_answer_was_lost_says_to_sign_in_and_is_there(world: World) -> None:
    (guest, _), person, key = await entered(world), await world.person(), uuid4().hex
    code = (await person.call(USERS_LINK_START, StartLink())).code
    await guest.call(USERS_LINK_FINISH, FinishLink(code=code), key=key)
    merges = "SELECT count(*) FROM audit WHERE operation = 'users.link_finish'"
    with pytest.raises(NotSignedIn):
        await guest.call(USERS_LINK_FINISH, FinishLink(code=code), key=key)
    # The way in that is always open to who came by Telegram alone: another code of theirs, shown by another guest.
    other, _ = await entered(world)
    code = (await person.call(USERS_LINK_START, StartLink())).code
    linked = await other.call(USERS_LINK_FINISH, FinishLink(code=code))
    assert linked.token is not None
    assert (await Visitor(world, linked.user.id, linked.token).call(USERS_ME, GetMe())).user.id == person.user
    assert await world.ledger.fetchval(merges) == 2


async def test_a_link_to_ones_own_account_is_answered_again_alike(world: World) -> None:
    request = SignUp(login=new_login(), password=PASSWORD, source=somewhere())
    made = await asked(world, request, uuid4().hex)
    account, person, key = Visitor(world, made.user.id, made.token), await world.person(), uuid4().hex
    code = (await person.call(USERS_LINK_START, StartLink())).code
    first = await account.call(USERS_LINK_FINISH, FinishLink(code=code), key=key)
    assert await account.call(USERS_LINK_FINISH, FinishLink(code=code), key=key) == first
    assert await world.ledger.fetchval("SELECT count(*) FROM audit WHERE operation = 'users.link_finish'") == 1
    assert (await signed_in(world, request.login)).user == first.user.id
