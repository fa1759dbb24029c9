"""Admins are put out in the very instant in which they act, or put each other out: one is always left."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chaos.api.crowd import at_once, kinds, outcome, rounds
from chaos.api.test_bans import USER
from chaos.api.test_sends import blocked, held_still
from contracts.failures import Banned
from contracts.operations.users import (
    USERS_BAN,
    USERS_ERASE_ME,
    USERS_SET_ADMIN,
    USERS_SET_CAPACITY,
)
from contracts.own_data import EraseMe
from contracts.people import BanUser, SetAdmin, SetCapacity
from integration.api.users.visitors import signed_up
from world import OPERATOR, Person, World

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("patient_locks")]


async def test_an_admin_banned_while_their_call_waits_does_nothing_more(world: World) -> None:
    one, two = await world.person(), await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true")
    ban = world.operator.call(USERS_BAN, BanUser(user=one.user, reason="x"), actor=OPERATOR)
    act = one.call(USERS_SET_CAPACITY, SetCapacity(user=one.user, capacity=9))
    async with asyncio.TaskGroup() as group, held_still(world, USER, one.user):
        tasks = [group.create_task(outcome(ban))]
        await blocked(world, 1)
        tasks.append(group.create_task(outcome(act)))
        await blocked(world, 2)
    assert tasks[1].result() == Banned()
    assert await world.ledger.fetchval("SELECT capacity FROM users WHERE id = $1", one.user) == 1
    assert not await world.ledger.fetchval("SELECT banned_at FROM users WHERE id = $1", two.user)


async def test_of_two_admins_put_out_at_once_one_stays(world: World) -> None:
    ways: dict[str, Callable[[Person], Awaitable[Any]]] = {
        "ban": lambda p: world.operator.call(USERS_BAN, BanUser(user=p.user, reason="x"), actor=OPERATOR),
        "demote": lambda p: world.operator.call(USERS_SET_ADMIN, SetAdmin(user=p.user, is_admin=False), actor=OPERATOR),
        "erase": lambda p: p.call(USERS_ERASE_ME, EraseMe(confirm="erase")),
    }
    names = list(ways)
    for turn in range(rounds(50, 1000) // 4):
        await world.ledger.execute("UPDATE users SET is_admin = false")
        people = [await world.person(), await world.person()]
        await world.ledger.execute(
            "UPDATE users SET is_admin = true WHERE id = ANY ($1::uuid[])", [person.user for person in people]
        )
        chosen = (ways[names[turn % 3]], ways[names[turn // 3 % 3]])
        got = await at_once(way(person) for way, person in zip(chosen, people, strict=True))
        assert kinds(got).get("LastAdmin") == 1, (turn, got)
        left = await world.ledger.fetchval("SELECT count(*) FROM users WHERE is_admin AND banned_at IS NULL")
        assert left == 1


async def test_of_two_admins_who_ban_each_other_from_the_web_at_once_one_is_banned(world: World) -> None:
    for turn in range(rounds(50, 1000) // 10):
        await world.ledger.execute("UPDATE users SET is_admin = false")
        one, two = await signed_up(world), await signed_up(world)
        await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = ANY ($1::uuid[])", [one.user, two.user])
        pairs = [(one, two), (two, one)]
        got = await at_once(
            who.call(USERS_BAN, BanUser(user=whom.user, reason="x")) for who, whom in pairs[:: 1 if turn % 2 else -1]
        )
        names = kinds(got)
        # Whoever was second finds that they are out: their session is over, or they are banned.
        assert names.pop("PersonLine") == 1, (turn, got)
        assert names.keys() <= {"Banned", "NotSignedIn"}, (turn, got)
        left = await world.ledger.fetch("SELECT id, is_admin, banned_at IS NULL FROM users WHERE is_admin")
        assert sorted(row[2] for row in left) == [False, True]
        assert await world.ledger.fetchval("SELECT count(*) FROM audit WHERE operation = 'users.ban'") == turn + 1
