"""Being forgotten, asked again under the same key because the answer was lost: told so again, and nobody else is."""

import asyncio
from uuid import uuid4

import pytest

from chaos.api.test_sends import WAITING, held_still
from contracts.failures import NotSignedIn
from contracts.operations.users import USERS_ENTER, USERS_ERASE_ME
from contracts.own_data import Erased, EraseMe
from contracts.users import EnterUser
from integration.api.town import seated
from integration.api.users.visitors import everything_kept, signed_up
from world import World, until

ERASE = EraseMe(confirm="erase")
ON_RECORD = "SELECT count(*) FROM audit WHERE operation = 'users.erase_me'"


async def test_who_is_forgotten_is_told_so_again_under_the_same_key_and_no_other(world: World) -> None:
    at, key = await seated(world), uuid4().hex
    first = await at.requester.call(USERS_ERASE_ME, ERASE, key=key)
    assert first == Erased(closed=1, requeued=0)
    assert await at.requester.call(USERS_ERASE_ME, ERASE, key=key) == first
    with pytest.raises(NotSignedIn):
        await at.requester.call(USERS_ERASE_ME, ERASE, key=uuid4().hex)
    assert await at.moderator.call(USERS_ERASE_ME, ERASE, key=key) == Erased(closed=0, requeued=0), (
        "a wish of their own"
    )
    assert await world.ledger.fetchval(ON_RECORD) == 2
    kept = await everything_kept(world)
    assert not [word for word in (key, str(at.requester.telegram_id)) if word in kept]


async def test_who_came_by_the_web_is_told_so_again_though_their_session_is_over(world: World) -> None:
    visitor, key = await signed_up(world), uuid4().hex
    first = await visitor.call(USERS_ERASE_ME, ERASE, key=key)
    assert await visitor.call(USERS_ERASE_ME, ERASE, key=key) == first
    with pytest.raises(NotSignedIn):
        await visitor.call(USERS_ERASE_ME, ERASE, key=uuid4().hex)
    await world.ledger.execute("UPDATE users SET erased_at = erased_at - interval '8 days'")
    with pytest.raises(NotSignedIn):
        await visitor.call(USERS_ERASE_ME, ERASE, key=key)


async def test_who_came_back_meanwhile_is_not_forgotten_by_the_old_wish(world: World) -> None:
    person, key = await world.person(), uuid4().hex
    await person.call(USERS_ERASE_ME, ERASE, key=key)
    anew = await world.bot.call(USERS_ENTER, EnterUser(display_name="New"), actor=person.actor)
    await person.call(USERS_ERASE_ME, ERASE, key=key)
    assert await world.ledger.fetchval("SELECT erased_at IS NULL FROM users WHERE id = $1", anew.user.id)


async def test_twins_of_one_wish_are_answered_alike(world: World) -> None:
    at, key = await seated(world), uuid4().hex
    locked = held_still(world, "SELECT FROM users WHERE id = $1 FOR UPDATE", at.requester.user)
    async with asyncio.TaskGroup() as group, locked:
        twins = [group.create_task(at.requester.call(USERS_ERASE_ME, ERASE, key=key)) for _ in range(2)]
        await until(lambda: world.ledger.fetchval(WAITING, 2))
    assert [twin.result() for twin in twins] == [Erased(closed=1, requeued=0)] * 2
    assert await world.ledger.fetchval(ON_RECORD) == 1
