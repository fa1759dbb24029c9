"""What ends a session: signing out, another password, time, and too many of them."""

import asyncio

import pytest
from structlog.testing import capture_logs

from api.sessions import DAY_MS, MOST, TOUCH_MS
from contracts.account_failures import SignInRefused
from contracts.accounts import (
    ChangePassword,
    ListSessions,
    Resume,
    SignOut,
    SignUp,
)
from contracts.failures import Internal
from contracts.operations.users import (
    USERS_CHANGE_PASSWORD,
    USERS_RESUME,
    USERS_SESSIONS,
    USERS_SIGN_OUT,
    USERS_SIGN_UP,
)
from integration.api.users.visitors import (
    KEY,
    PASSWORD,
    Visitor,
    entered,
    is_in,
    key_of,
    new_login,
    redis_of,
    signed_in,
    signed_up,
    somewhere,
    web,
)
from world import World


async def test_signing_out_ends_this_session_and_no_other_and_twice_is_once(world: World) -> None:
    login = new_login()
    here = await signed_up(world, login)
    there = await signed_in(world, login)
    for _ in range(2):
        await here.call(USERS_SIGN_OUT, SignOut())
    assert (await is_in(here), await is_in(there)) == (False, True)
    await web(world).call(USERS_SIGN_OUT, SignOut())


async def test_a_changed_password_ends_all_other_sessions_and_the_old_one_opens_none(world: World) -> None:
    login = new_login()
    here = await signed_up(world, login)
    there = await signed_in(world, login)
    new = "семь тихих лодок"
    with pytest.raises(SignInRefused):
        await here.call(USERS_CHANGE_PASSWORD, ChangePassword(current="не тот пароль совсем", new=new))
    assert await is_in(there)
    for _ in range(2):  # asked again because no answer came
        await here.call(USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new=new))
    assert (await is_in(here), await is_in(there)) == (True, False)
    with pytest.raises(SignInRefused):
        await signed_in(world, login)
    assert await is_in(await signed_in(world, login, new))


async def test_a_change_that_breaks_off_has_ended_the_other_sessions_and_nothing_else(world: World) -> None:
    login = new_login()
    here = await signed_up(world, login)
    there = await signed_in(world, login)
    # As a crash after the sessions and before the end of the transaction.
    await world.ledger.execute("""
        CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
        CREATE CONSTRAINT TRIGGER broken AFTER UPDATE ON credentials DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION broken()
    """)
    with capture_logs(), pytest.raises(Internal):  # unconfigured, structlog paints a traceback for seconds
        await here.call(USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new="семь тихих лодок"))
    assert (await is_in(here), await is_in(there)) == (True, False)
    assert await is_in(await signed_in(world, login)), "by the password as it was"


async def test_sign_ins_under_way_while_the_password_changes_are_refused_or_ended(world: World) -> None:
    login, new = new_login(), "семь тихих лодок"
    here = await signed_up(world, login)
    change = here.call(USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new=new))
    tries = [signed_in(world, login) for _ in range(8)]
    _, *others = await asyncio.gather(change, *tries, return_exceptions=True)
    came = [each for each in others if isinstance(each, Visitor)]
    assert all(isinstance(each, Visitor | SignInRefused) for each in others)
    assert not [each for each in came if await is_in(each)]
    assert await is_in(here)


async def test_who_comes_as_a_guest_and_signs_up_leaves_the_old_session_behind(world: World) -> None:
    guest, told = await entered(world)
    fixed = Visitor(world, guest.user, guest.token)
    made = await web(world).call(
        USERS_SIGN_UP, SignUp(source=somewhere(), login=new_login(), password=PASSWORD), actor=guest.actor
    )
    account = Visitor(world, made.user.id, made.token)
    assert account.user == guest.user
    assert (await is_in(fixed), await is_in(account)) == (False, True)
    assert made.token != told.token


async def test_a_session_ends_by_itself_unused_or_too_old(world: World) -> None:
    redis = redis_of(world)
    try:
        unused, old, fresh = [await signed_up(world) for _ in range(3)]
        now = int((await redis.time())[0]) * 1000
        left = await redis.pttl(key_of(unused))
        assert 0 <= 14 * DAY_MS - left < 60_000, "Redis forgets it by itself, too"
        await redis.hset(key_of(unused), "seen", now - 14 * DAY_MS)
        await redis.hset(key_of(old), mapping={"seen": now, "expires": now})
        assert [await is_in(each) for each in (unused, old, fresh)] == [False, False, True]
        # Used now and then it goes on, and is written down once a minute.
        await redis.hset(key_of(fresh), "seen", now - TOUCH_MS + 20_000)
        assert await is_in(fresh)
        assert int(await redis.hget(key_of(fresh), "seen") or 0) == now - TOUCH_MS + 20_000
        await redis.hset(key_of(fresh), "seen", now - TOUCH_MS)
        assert await is_in(fresh)
        assert int(await redis.hget(key_of(fresh), "seen") or 0) >= now
        await redis.hset(key_of(fresh), mapping={"seen": now - DAY_MS, "expires": now + DAY_MS})
        assert await is_in(fresh)
        assert await redis.pttl(key_of(fresh)) <= DAY_MS, "no use makes it outlive its end"
    finally:
        await redis.aclose()


async def test_sessions_of_a_time_when_they_lasted_longer_are_listed_and_ended(world: World) -> None:
    """SESSION_ABSOLUTE_DAYS was lowered since."""
    redis, login = redis_of(world), new_login()
    try:
        older = await signed_up(world, login)
        index = f"api:sessions:{older.user}"
        much = 400 * DAY_MS
        now = int((await redis.time())[0]) * 1000
        await redis.hset(key_of(older), "expires", now + much)
        await redis.pexpire(key_of(older), much)
        await redis.pexpire(index, much)
        here = await signed_in(world, login)
        assert await redis.pttl(index) > much - 60_000, "gone before what it lists, nobody could end that"
        listed = (await here.call(USERS_SESSIONS, ListSessions())).items
        absolute = world.settings.session_absolute_days * DAY_MS
        assert len(listed) == 2
        assert all(each.expires_at.timestamp() * 1000 <= now + absolute + 60_000 for each in listed)
        await here.call(USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new="семь тихих лодок"))
        assert await is_in(older) is False
        # What nothing lists any more ends as soon as every session does now.
        lost = await signed_in(world, login, "семь тихих лодок")
        await redis.hset(key_of(lost), mapping={"expires": now + much, "created": now - int(absolute)})
        assert [each.is_current for each in (await here.call(USERS_SESSIONS, ListSessions())).items] == [True]
        assert await is_in(lost) is False
    finally:
        await redis.aclose()


async def test_of_too_many_sessions_the_one_unused_for_longest_ends(world: World) -> None:
    guest, told = await entered(world)
    redis = redis_of(world)
    try:
        await redis.hincrby(key_of(guest), "seen", -5000)
        index = f"api:sessions:{guest.user}"
        for number in range(MOST - 1):
            await redis.hset(f"{KEY}filler-{told.code}-{number}", mapping={"id": "x", "seen": 2**50})
            await redis.hset(index, f"filler {number}", f"filler-{told.code}-{number}")
        made = await web(world).call(USERS_SIGN_UP, SignUp(source=somewhere(), login=new_login(), password=PASSWORD))
        assert made
        assert await is_in(guest)
        await redis.hincrby(key_of(guest), "seen", -5000)
        resumed = await resumed_by(world, told.code)
        assert (await is_in(resumed), await is_in(guest)) == (True, False)
        assert await redis.hlen(index) == MOST
    finally:
        await redis.aclose()


async def resumed_by(world: World, code: str) -> Visitor:
    answer = await web(world).call(USERS_RESUME, Resume(code=code))
    return Visitor(world, answer.user.id, answer.token)
