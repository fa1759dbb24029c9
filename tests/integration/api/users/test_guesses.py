"""Guessing passwords: slower every time from one place, and never the owner's door shut by somebody else."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from api import redis_scripts
from api.guesses import Guesses, Patience, _keys
from api.redis_scripts import RedisScripts, open_redis
from contracts.account_failures import SignInRefused
from contracts.accounts import EnterGuest, SignUp
from contracts.failures import Forbidden, TooManyRequests
from contracts.operations.users import USERS_ENTER_GUEST, USERS_SIGN_UP
from integration.api.users.visitors import PASSWORD, entered, new_login, signed_in, signed_up, somewhere, web
from local_servers import Addresses, Servers
from world import World, made_world

WRONG = "не тот пароль совсем"
BROWSER, STOLEN = "a-browser-of-22-letters", "b-browser-of-22-letters"
PATIENCE = Patience(tries=3, first_delay_seconds=15, longest_delay_seconds=100, everywhere=20)


@pytest.fixture
async def redis(servers: Addresses, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    monkeypatch.setattr(redis_scripts, "WITHIN", 10.0)  # a crowd on a busy machine
    made = open_redis(servers.redis_url)
    yield made
    await made.aclose()


async def shut(world: World, login: str, **more: str) -> None:
    """Somebody guesses there until they have to wait."""
    for _ in range(world.settings.password_tries):
        with pytest.raises(SignInRefused):
            await signed_in(world, login, WRONG, **more)
    with pytest.raises(TooManyRequests):
        await signed_in(world, login, WRONG, **more)


async def test_an_attacker_elsewhere_does_not_lock_the_owner_out(world: World) -> None:
    login = new_login()
    owner = await signed_up(world, login)
    await shut(world, login, source="198.51.100.7")
    assert (await signed_in(world, login, source="203.0.113.9")).user == owner.user
    with pytest.raises(TooManyRequests):
        await signed_in(world, login, source="198.51.100.7")


async def test_a_browser_that_came_in_before_is_not_held_up_by_others_behind_its_address(world: World) -> None:
    login, here = new_login(), {"source": "198.51.100.7"}
    owner = await signed_up(world, login)
    await signed_in(world, login, **here, browser=BROWSER)
    await shut(world, login, **here)
    with pytest.raises(TooManyRequests):
        await signed_in(world, login, **here, browser=STOLEN)
    assert (await signed_in(world, login, **here, browser=BROWSER)).user == owner.user
    # It has tries of its own, and no more than others have.
    await shut(world, login, **here, browser=BROWSER)
    other = new_login()
    await signed_up(world, other)
    await shut(world, other, **here)
    with pytest.raises(TooManyRequests):
        await signed_in(world, other, **here, browser=BROWSER)


async def test_many_places_together_are_held_up_and_a_known_browser_is_not(servers: Addresses, broker: Servers) -> None:
    async with made_world(servers, broker, password_tries_everywhere=20) as world:
        known = new_login()
        owner = await signed_up(world, known, browser=BROWSER)
        for login in (known, new_login()):
            refused: list[type] = []
            for _ in range(22):
                with pytest.raises((SignInRefused, TooManyRequests)) as refusal:
                    await signed_in(world, login, WRONG, source=somewhere())
                refused.append(refusal.type)
            assert refused == [SignInRefused] * 20 + [TooManyRequests] * 2, (
                "alike, whether anybody has the login or not"
            )
        assert (await signed_in(world, known, source=somewhere(), browser=BROWSER)).user == owner.user


async def test_the_delay_doubles_up_to_a_bound_and_ends_when_somebody_comes_in(redis: Redis) -> None:
    guesses, login, place = Guesses(RedisScripts(redis).run, PATIENCE), uuid4().hex, somewhere()
    own = _keys(login, place, None)[2]
    waits = []
    for number in range(8):
        await guesses.count(login, place, None)
        if number + 1 < PATIENCE.tries:
            continue
        with pytest.raises(TooManyRequests) as refusal:
            await guesses.count(login, place, None)
        waits.append(refusal.value.retry_after)
        assert await redis.pttl(own) > 1000 * waits[-1]
        await redis.hset(own, "next_at", "0")  # as if that time had passed
    assert [round(wait / 5) * 5 for wait in waits] == [15, 30, 60, 100, 100, 100]
    assert all(one <= other + 1 for one, other in pairwise(waits))
    await redis.hset(own, "next_at", "9" * 13)
    await guesses.passed(login, place, None)
    await guesses.count(login, place, None)


async def test_a_crowd_from_one_place_gets_exactly_its_tries(redis: Redis) -> None:
    guesses, login, place = Guesses(RedisScripts(redis).run, PATIENCE), uuid4().hex, somewhere()
    answers = await asyncio.gather(*(guesses.count(login, place, None) for _ in range(100)), return_exceptions=True)
    assert answers.count(None) == PATIENCE.tries
    # What was refused there did not use up what others have.
    elsewhere = [guesses.count(login, somewhere(), None) for _ in range(100)]
    answers = await asyncio.gather(*elsewhere, return_exceptions=True)
    assert answers.count(None) == PATIENCE.everywhere - PATIENCE.tries


async def test_neither_login_nor_place_nor_browser_can_be_read_from_what_is_kept(redis: Redis) -> None:
    guesses, login, place, browser = Guesses(RedisScripts(redis).run, PATIENCE), uuid4().hex, somewhere(), uuid4().hex
    await guesses.count(login, place, browser)
    await guesses.passed(login, place, browser)
    await guesses.count(login, place, browser)
    for key in await redis.keys("api:guesses:*"):
        assert not [each for each in (login, place, browser) if each in key]
        assert await redis.pttl(key) > 0, "nothing is kept for ever"


async def test_too_many_newcomers_from_one_place_wait_and_others_do_not(servers: Addresses, broker: Servers) -> None:
    async with made_world(servers, broker, newcomers=3) as world:
        here, client = somewhere(), web(world)
        for _ in range(2):
            await client.call(USERS_ENTER_GUEST, EnterGuest(source=here))
        guest, _ = await entered(world)
        with pytest.raises(Forbidden):
            await guest.call(USERS_ENTER_GUEST, EnterGuest(source=here))
        await signed_up(world, source=here)
        before = await world.ledger.fetchval("SELECT count(*) FROM users")
        with pytest.raises(TooManyRequests) as refusal:
            await client.call(USERS_ENTER_GUEST, EnterGuest(source=here))
        assert 0 < refusal.value.retry_after <= 1200
        with pytest.raises(TooManyRequests):
            await client.call(USERS_SIGN_UP, SignUp(login=new_login(), password=PASSWORD, source=here))
        assert await world.ledger.fetchval("SELECT count(*) FROM users") == before
        await client.call(USERS_ENTER_GUEST, EnterGuest(source=somewhere()))
