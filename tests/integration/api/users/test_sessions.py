"""Sessions: what opens one, what ends one, and that nothing else does."""

import asyncio
import hashlib
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from api.sessions import DAY_MS, MOST, TOUCH_MS
from api.users.bootstrap_token import issue_bootstrap_token
from contracts import wire
from contracts.account_failures import SignInRefused
from contracts.accounts import (
    ChangePassword,
    ListSessions,
    Resume,
    RevokeSession,
    SignIn,
    SignOut,
    SignUp,
)
from contracts.demands import CreateDemand, GetDemand, NextDemand, NothingWaiting, TakeDemand, Taken
from contracts.failures import Banned, Failure, Forbidden, InvalidRequest, NotFound, NotSignedIn
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_GET, DEMANDS_NEXT, DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.scenarios import SCENARIOS_CREATE
from contracts.operations.users import (
    USERS_BOOTSTRAP_ADMIN,
    USERS_CHANGE_PASSWORD,
    USERS_ME,
    USERS_RESUME,
    USERS_REVOKE_SESSION,
    USERS_SESSIONS,
    USERS_SIGN_IN,
    USERS_SIGN_OUT,
    USERS_SIGN_UP,
)
from contracts.scenarios import CreateScenario
from contracts.users import BootstrapAdmin, GetMe
from integration.api.users.visitors import (
    PASSWORD,
    Visitor,
    entered,
    everything_kept,
    new_login,
    signed_in,
    signed_up,
    somewhere,
    web,
)
from world import World

KEY = "api:session:"


def redis_of(world: World) -> Redis:
    return Redis.from_url(str(world.settings.redis_url), decode_responses=True)


def key_of(visitor: Visitor) -> str:
    return KEY + hashlib.sha256(visitor.token.encode()).hexdigest()


async def is_in(visitor: Visitor) -> bool:
    try:
        return (await visitor.call(USERS_ME, GetMe())).user.id == visitor.user
    except NotSignedIn:
        return False


async def test_a_session_acts_as_its_user_in_every_kind_of_call(world: World) -> None:
    scenario, asking, login = await world.scenario(), await signed_up(world), new_login()
    helping = await signed_up(world, login)
    demand = await asking.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="Insulin"))
    assert (await asking.call(DEMANDS_GET, GetDemand(demand=demand.id))).channel == "web"
    assert (await asking.call(USERS_ME, GetMe())).demands[0].number == demand.number
    await world.assign(helping, scenario)  # type: ignore[arg-type]
    taken = await helping.call(DEMANDS_NEXT, NextDemand())
    assert isinstance(taken, Taken)
    assert taken.id == demand.id
    sent = await asking.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="Hello"), key="m")
    assert await asking.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="Hello"), key="m") == sent
    author = await world.ledger.fetchval("SELECT author_id FROM messages WHERE id = $1", sent.id)
    assert author == asking.user
    more = await world.demand(await world.person(), scenario)
    await world.capacity(helping, 2)  # type: ignore[arg-type]
    assert (await helping.call(DEMANDS_TAKE, TakeDemand(demand=more.id))).id == more.id
    await world.capacity(helping, 3)  # type: ignore[arg-type]
    assert isinstance(await (await signed_in(world, login)).call(DEMANDS_NEXT, NextDemand()), NothingWaiting)


async def test_no_word_of_a_session_is_believed_that_is_none(world: World) -> None:
    owner, victim = await signed_up(world), await world.person()
    client = web(world)

    async def refusal(actor: str, caller: str = "web") -> type[Failure]:
        answer = await world.connections[caller].request(
            wire.subject_of(USERS_ME, caller),  # type: ignore[arg-type]
            b"{}",
            timeout=5,
            headers={wire.ACTOR: actor},
        )
        return type(wire.decode_failure(answer.data)) if answer.headers and wire.ERROR in answer.headers else Failure

    assert await refusal(owner.actor) is Failure, "the right one gets an answer"
    for forged in (wire.session_actor("guess"), f"session:{'0' * 64}"):
        assert await refusal(forged) is NotSignedIn
    for broken in (
        f"session:{owner.token}",
        owner.actor.upper(),
        owner.actor[:-1],
        f"{owner.actor}0",
        "session:",
        "session:*",
    ):
        assert await refusal(broken) is InvalidRequest, broken
    # The web speaks for nobody of Telegram, nor the bot for a session, however true it is.
    for actor, caller in (
        (victim.actor, "web"),
        (owner.actor, "telegram"),
        ("operator:x", "web"),
    ):
        assert await refusal(actor, caller) is Forbidden, actor
    # A session is found by its hash alone, never by what is listed of it.
    listed = (await owner.call(USERS_SESSIONS, ListSessions())).items[0]
    assert await refusal(wire.session_actor(str(listed.id))) is NotSignedIn
    with pytest.raises(InvalidRequest):
        await client.call(
            USERS_SIGN_IN, SignIn(source=somewhere(), login=new_login(), password=PASSWORD), actor=owner.actor
        )


async def test_hot_calls_of_nobody_are_refused(world: World) -> None:
    scenario, gone = await world.scenario(), await signed_up(world)
    await gone.call(USERS_SIGN_OUT, SignOut())
    for operation, request in (
        (DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="x")),
        (DEMANDS_NEXT, NextDemand()),
    ):
        with pytest.raises(NotSignedIn):
            await gone.call(operation, request)  # type: ignore[arg-type]
    assert await world.ledger.fetchval("SELECT count(*) FROM demands") == 0


async def test_signing_out_ends_this_session_and_no_other_and_twice_is_once(world: World) -> None:
    login = new_login()
    here = await signed_up(world, login)
    there = await signed_in(world, login)
    for _ in range(2):
        await here.call(USERS_SIGN_OUT, SignOut())
    assert (await is_in(here), await is_in(there)) == (False, True)
    await web(world).call(USERS_SIGN_OUT, SignOut())


async def test_sessions_are_listed_and_revoked_by_their_owner_alone(world: World) -> None:
    login, stranger = new_login(), await signed_up(world)
    first = await signed_up(world, login, device="Firefox, Linux")
    second = await signed_in(world, login)
    listed = (await second.call(USERS_SESSIONS, ListSessions())).items
    assert sorted((each.device, each.is_current) for each in listed) == [("", True), ("Firefox, Linux", False)]
    old = next(each for each in listed if not each.is_current)
    assert (old.expires_at - old.created_at).days == 90
    assert len((await stranger.call(USERS_SESSIONS, ListSessions())).items) == 1
    for who, which in ((stranger, old.id), (second, uuid4())):
        with pytest.raises(NotFound):
            await who.call(USERS_REVOKE_SESSION, RevokeSession(session=which))  # type: ignore[arg-type]
    assert await is_in(first)
    await second.call(USERS_REVOKE_SESSION, RevokeSession(session=old.id))
    assert (await is_in(first), await is_in(second)) == (False, True)
    assert len((await second.call(USERS_SESSIONS, ListSessions())).items) == 1


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


async def test_a_ban_and_a_demotion_are_seen_by_the_next_call(world: World) -> None:
    admin = await signed_up(world)
    token = await issue_bootstrap_token(str(world.settings.postgres_url))
    assert (await admin.call(USERS_BOOTSTRAP_ADMIN, BootstrapAdmin(token=token))).is_admin
    await admin.call(SCENARIOS_CREATE, CreateScenario(place="Here", resource=uuid4().hex))
    await world.ledger.execute("UPDATE users SET is_admin = false WHERE id = $1", admin.user)
    with pytest.raises(Forbidden):
        await admin.call(SCENARIOS_CREATE, CreateScenario(place="Here", resource=uuid4().hex))
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", admin.user)
    for operation, request in ((USERS_ME, GetMe()), (DEMANDS_NEXT, NextDemand()), (USERS_SESSIONS, ListSessions())):
        with pytest.raises(Banned):
            await admin.call(operation, request)  # type: ignore[arg-type]


async def test_neither_the_ledger_nor_the_store_holds_what_opens_a_door(world: World) -> None:
    login = new_login()
    visitor, (guest, told) = await signed_up(world, login), await entered(world)
    await signed_in(world, login)
    kept = await everything_kept(world)
    digest = hashlib.sha256(visitor.token.encode()).hexdigest()
    assert digest in kept, "what is looked through is where it would be"
    for secret in (visitor.token, guest.token, told.code, told.code.replace("-", ""), PASSWORD):
        assert secret not in kept
    ledger_only = await world.ledger.fetchval("SELECT string_agg(t::text, ' ') FROM idempotency t")
    assert digest not in str(ledger_only)
