"""Login and password, the second factor, and private codes: what lets in, and what tells a guesser nothing."""

import asyncio
import hashlib
import statistics
import time
from typing import Any

import pytest
from prometheus_client import REGISTRY

from contracts import wire
from contracts.account_failures import SignInRefused, WeakPassword
from contracts.accounts import (
    ChangePassword,
    EnterGuest,
    Resume,
    SignedIn,
    SignUp,
)
from contracts.failures import AlreadyExists, Forbidden, InvalidRequest, NotSignedIn, TooManyRequests
from contracts.kinds import Caller, PasswordFlaw
from contracts.operations.users import (
    USERS_CHANGE_PASSWORD,
    USERS_ENTER_GUEST,
    USERS_RESUME,
    USERS_SIGN_UP,
)
from integration.api.users.visitors import (
    PASSWORD,
    Visitor,
    entered,
    new_login,
    signed_in,
    signed_up,
    somewhere,
    web,
)
from local_servers import Addresses, Servers
from world import World, made_world


def checks(known: str) -> float:
    return REGISTRY.get_sample_value("mutual_aid_password_checks_total", {"known": known}) or 0


async def test_a_login_is_one_persons_however_it_is_written(world: World) -> None:
    name = new_login().replace("olga", "Ольга\u0438\u0306")  # a letter and its breve, typed apart
    visitor = await signed_up(world, name.upper())
    kept = await world.ledger.fetchval("SELECT external_id FROM identities WHERE user_id = $1", visitor.user)
    assert kept == name.lower().replace("\u0438\u0306", "й")
    for same in (name, kept, kept.upper()):
        assert (await signed_in(world, same)).user == visitor.user
        with pytest.raises(AlreadyExists):
            await signed_up(world, same)
    assert (await signed_in(world, kept, PASSWORD.replace("й", "\u0438\u0306"))).user == visitor.user


@pytest.mark.parametrize("login", ["ab", "a b c", "x" * 65, "guest:1234", "line\nend", "\u200b\u200b\u200b\u200b"])
async def test_what_is_no_login_makes_no_account_and_is_refused_as_any_other(world: World, login: str) -> None:
    with pytest.raises(InvalidRequest):
        await signed_up(world, login)
    with pytest.raises(SignInRefused):
        await signed_in(world, login)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("короткий11", PasswordFlaw.TOO_SHORT),
        ("\u0438\u0306" * 11, PasswordFlaw.TOO_SHORT),  # 22 characters as typed, 11 letters
        ("ab" * 129, PasswordFlaw.TOO_LONG),
        ("Password-1234", PasswordFlaw.TOO_COMMON),
        ("пароль пароль", PasswordFlaw.TOO_COMMON),
        ("aaaaaaaaaaaaaaaa", PasswordFlaw.TOO_COMMON),
        ("the login", PasswordFlaw.TOO_COMMON),
    ],
)
async def test_a_weak_password_is_refused_and_told_why(world: World, password: str, why: PasswordFlaw) -> None:
    login, strong = new_login(), await signed_up(world)
    password = f"{login}!" if password == "the login" else password
    with pytest.raises(WeakPassword) as refusal:
        await signed_up(world, login, password)
    assert refusal.value.why is why
    if "olga" not in password:
        with pytest.raises(WeakPassword):
            await strong.call(USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new=password))
    with pytest.raises(SignInRefused):
        await signed_in(world, login, password)


async def test_twenty_who_want_one_login_at_once_are_one_account(world: World) -> None:
    login = new_login()
    answers = await asyncio.gather(
        *(signed_up(world, login, f"{PASSWORD} {number}") for number in range(20)), return_exceptions=True
    )
    made = [each for each in answers if isinstance(each, Visitor)]
    assert len(made) == 1
    assert {type(each) for each in answers} <= {Visitor, AlreadyExists, TooManyRequests}
    assert await world.ledger.fetchval("SELECT count(*) FROM identities WHERE external_id = $1", login) == 1
    assert await world.ledger.fetchval("SELECT count(*) FROM users") == 1, "nobody else is left behind"


async def test_unknown_wrong_banned_and_without_a_password_answer_alike_after_the_same_work(world: World) -> None:
    known, banned, _ = new_login(), new_login(), await entered(world)
    await signed_up(world, known)
    visitor = await signed_up(world, banned)
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", visitor.user)
    guest = await world.ledger.fetchval("SELECT external_id FROM identities WHERE external_id LIKE 'guest:%'")
    tries = [
        (new_login(), PASSWORD),
        (known, "не тот пароль совсем"),
        (banned, PASSWORD),
        (guest, PASSWORD),
        ("?", "?"),
    ]
    refused = []
    for login, password in tries:
        before = checks("yes") + checks("no")
        with pytest.raises(SignInRefused) as refusal:
            await signed_in(world, login, password)
        refused.append(refusal.value)
        assert checks("yes") + checks("no") == before + 1, "a password was compared, and only one"
    assert all(each == refused[0] for each in refused)


async def test_somebody_and_nobody_take_as_long(servers: Addresses, broker: Servers) -> None:
    """Not a measurement that could fail by itself: the figures are printed, and only a difference in kind is an error."""
    async with made_world(servers, broker, password_tries=1000) as world:
        known = new_login()
        await signed_up(world, known)
        took: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(40):
            for exists in (True, False):
                began = time.perf_counter()
                with pytest.raises(SignInRefused):
                    await signed_in(world, known if exists else new_login(), "не тот пароль совсем")
                took[exists].append(time.perf_counter() - began)
        somebody, nobody = (statistics.median(took[exists]) * 1000 for exists in (True, False))
        print(f"median of 40 refusals: known login {somebody:.1f} ms, unknown {nobody:.1f} ms")  # noqa: T201
        assert max(somebody, nobody) < 2 * min(somebody, nobody)


async def test_guessing_is_slowed_down_alike_for_a_login_that_is_there_and_one_that_is_not(world: World) -> None:
    known = new_login()
    await signed_up(world, known)
    for login in (known, new_login()):
        for _ in range(world.settings.password_tries):
            with pytest.raises(SignInRefused):
                await signed_in(world, login, "не тот пароль совсем")
        before = checks("yes") + checks("no")
        with pytest.raises(TooManyRequests) as refusal:
            await signed_in(world, login.upper())  # the right one does not get through either, in whatever case
        assert 0 < refusal.value.retry_after <= 60
        assert checks("yes") + checks("no") == before, "and costs no work"


async def test_who_signs_in_starts_counting_anew(world: World) -> None:
    login = new_login()
    await signed_up(world, login)
    for _ in range(3):
        for _ in range(world.settings.password_tries - 1):
            with pytest.raises(SignInRefused):
                await signed_in(world, login, "не тот пароль совсем")
        await signed_in(world, login)


async def test_a_flood_of_passwords_is_told_to_come_back(servers: Addresses, broker: Servers) -> None:
    flood = {"password_hashes_at_once": 1, "password_hashes_waiting": 1, "password_memory_kib": 65_536}
    async with made_world(servers, broker, **flood) as world:
        asked = [
            world.connections["web"].request(
                wire.subject_of(USERS_SIGN_UP, Caller.WEB),
                wire.encode(SignUp(source=somewhere(), login=new_login(), password=PASSWORD)),
                timeout=5,
                headers={wire.IDEMPOTENCY_KEY: "k"},
            )
            for _ in range(40)
        ]
        answers = [(each.headers or {}).get(wire.ERROR) for each in await asyncio.gather(*asked)]
        assert set(answers) == {None, "Busy"}
        assert answers.count("Busy") >= 30, "two at a time have a place"
        assert (await world.person()).user, "others do not feel it"


async def test_a_guest_comes_back_by_their_code_alone(world: World) -> None:
    guest, told = await entered(world)
    assert len(told.code.replace("-", "")) == 28
    kept = await world.ledger.fetchval("SELECT code_hash FROM guest_codes WHERE user_id = $1", guest.user)
    assert kept == hashlib.sha256(told.code.replace("-", "").encode()).digest()

    async def resumed(code: str) -> Any:
        return await web(world).call(USERS_RESUME, Resume(code=code))

    for written in (told.code, told.code.lower().replace("-", " ")):
        again = await resumed(written)
        assert isinstance(again, SignedIn)
        assert (again.user.id, again.token == guest.token) == (guest.user, False)
    for wrong in (told.code[:-1], told.code[::-1], "-", "%"):
        with pytest.raises(SignInRefused):
            await resumed(wrong)
    with pytest.raises(Forbidden):
        await guest.call(USERS_ENTER_GUEST, EnterGuest(source=somewhere()))
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", guest.user)
    with pytest.raises(SignInRefused):
        await resumed(told.code)


async def test_a_guest_who_signs_up_keeps_all_and_needs_the_code_no_more(world: World) -> None:
    guest, told = await entered(world)
    made = await guest.call(
        USERS_SIGN_UP, SignUp(source=somewhere(), login=new_login(), password=PASSWORD, display_name="Olga")
    )
    assert (made.user.id, made.user.display_name) == (guest.user, "Olga")
    with pytest.raises(SignInRefused):
        await web(world).call(USERS_RESUME, Resume(code=told.code))
    with pytest.raises(NotSignedIn):
        await guest.call(USERS_SIGN_UP, SignUp(source=somewhere(), login=new_login(), password=PASSWORD))
    owner = Visitor(world, made.user.id, made.token)
    with pytest.raises(AlreadyExists):
        await owner.call(USERS_SIGN_UP, SignUp(source=somewhere(), login=new_login(), password=PASSWORD))
    assert await world.ledger.fetchval("SELECT count(*) FROM identities") == 1
