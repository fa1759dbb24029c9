"""Sessions: what opens one, what ends one, and that nothing else does."""

import hashlib
from uuid import uuid4

import pytest

from api.users.bootstrap_token import issue_bootstrap_token
from contracts import wire
from contracts.accounts import (
    ListSessions,
    RevokeSession,
    SignIn,
    SignOut,
)
from contracts.demands import CreateDemand, GetDemand, NextDemand, NothingWaiting, TakeDemand, Taken
from contracts.failures import Banned, Failure, Forbidden, InvalidRequest, NotFound, NotSignedIn
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_GET, DEMANDS_NEXT, DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.scenarios import SCENARIOS_CREATE
from contracts.operations.users import (
    USERS_BOOTSTRAP_ADMIN,
    USERS_ME,
    USERS_REVOKE_SESSION,
    USERS_SESSIONS,
    USERS_SIGN_IN,
    USERS_SIGN_OUT,
)
from contracts.scenarios import CreateScenario
from contracts.users import BootstrapAdmin, GetMe
from integration.api.users.visitors import (
    PASSWORD,
    entered,
    everything_kept,
    is_in,
    new_login,
    signed_in,
    signed_up,
    somewhere,
    web,
)
from world import World


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


async def test_a_session_is_revoked_again_under_the_same_key_because_no_answer_came(world: World) -> None:
    login, key = new_login(), uuid4().hex
    old, here = await signed_up(world, login), await signed_in(world, login)
    (listed,) = [each for each in (await here.call(USERS_SESSIONS, ListSessions())).items if not each.is_current]
    request = RevokeSession(session=listed.id)
    for _ in range(2):
        await here.call(USERS_REVOKE_SESSION, request, key=key)
    assert (await is_in(old), await is_in(here)) == (False, True)
    with pytest.raises(NotFound):
        await here.call(USERS_REVOKE_SESSION, request, key=uuid4().hex)
    with pytest.raises(NotFound):  # another's wish, though key and session are the same
        await (await signed_up(world)).call(USERS_REVOKE_SESSION, request, key=key)


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
