"""Coming in with Telegram: only by a token that is its issuer's own, for us, fresh, asked for, and not used before."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chaos.api.crowd import outcome
from chaos.api.test_sends import WAITING, held_still
from contracts.account_failures import SignInRefused
from contracts.accounts import ConfirmTotp, SecondFactorNeeded, SignedIn, SignInTelegram, SignUp, StartTotp, TotpStarted
from contracts.failures import Busy, DeadlineExceeded, Forbidden
from contracts.operations.users import (
    USERS_BAN,
    USERS_ERASE_ME,
    USERS_ME,
    USERS_SIGN_IN_TELEGRAM,
    USERS_SIGN_UP,
    USERS_TOTP_CONFIRM,
    USERS_TOTP_START,
    USERS_UNMASK,
)
from contracts.own_data import EraseMe
from contracts.people import BanUser, UnmaskUser
from contracts.users import GetMe
from integration.api.town import receive, words
from integration.api.users.authenticator import code_of
from integration.api.users.telegram_issuer import CLIENT, KEY, NONCE, OTHER_KEY, Issuer, issuing
from integration.api.users.visitors import PASSWORD, Visitor, everything_kept, new_login, somewhere, web
from local_servers import Addresses, Servers
from world import OPERATOR, World, made_world, until


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with issuing() as made:
        yield made


@pytest.fixture
async def town(servers: Addresses, broker: Servers, issuer: Issuer) -> AsyncIterator[World]:
    async with made_world(servers, broker, telegram_login_issuer=issuer.url, telegram_login_client_id=CLIENT) as made:
        yield made


async def come_in(world: World, token: str, nonce: str = NONCE, code: str | None = None) -> Any:
    return await web(world).call(USERS_SIGN_IN_TELEGRAM, SignInTelegram(id_token=token, nonce=nonce, code=code))


async def test_who_comes_with_telegram_is_who_the_bot_knows(town: World, issuer: Issuer) -> None:
    person = await town.person("Olga")
    token = issuer.token(id=person.telegram_id)
    answer = await come_in(town, token)
    assert isinstance(answer, SignedIn)
    visitor = Visitor(town, answer.user.id, answer.token)
    assert (visitor.user, answer.user.display_name) == (person.user, "Olga")
    assert (await visitor.call(USERS_ME, GetMe())).user.id == person.user
    assert words(await receive(person)) == ["new_sign_in"]
    kept = await everything_kept(town)
    assert token.rpartition(".")[2] not in kept
    assert answer.token not in kept
    # Somebody the bot has not met becomes a user, whom it then knows.
    number = uuid4().int % 10**12 + 1
    new = await come_in(town, issuer.token(id=number))
    assert new.user.display_name == "Оля"
    assert (await town.person(telegram_id=number)).user == new.user.id


async def test_a_username_comes_along_as_telegram_writes_them_and_anything_else_does_not(
    town: World, issuer: Issuer
) -> None:
    names, others = ("olya_k", "olya", "Olya_2", "x" * 64), ("оля", "olya k", "@olya", "olya\n", "", "x" * 65, 5, None)
    for said, kept in [*zip(names, names, strict=True), *((other, None) for other in others)]:
        answer = await come_in(town, issuer.token(preferred_username=said))
        request = UnmaskUser(user=answer.user.id, reason="a threat")
        shown = await town.operator.call(USERS_UNMASK, request, actor=OPERATOR)
        assert [one.username for one in shown.identities] == [kept], said


async def test_a_token_opens_once(town: World, issuer: Issuer) -> None:
    token = issuer.token()
    answers = await asyncio.gather(*(come_in(town, token) for _ in range(20)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["SignInRefused"] * 19 + ["SignedIn"]
    assert await town.ledger.fetchval("SELECT count(*) FROM users") == 1


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k1","typ":"JWT"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def signed_with_the_public_key(issuer: Issuer) -> str:
    """The classic: the public key taken for a shared secret."""
    body = issuer.token().split(".")[1]
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1","typ":"JWT"}').rstrip(b"=").decode()
    secret = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    mac = hmac.new(secret, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


async def test_no_other_token_opens(town: World, issuer: Issuer) -> None:
    now, right = int(time.time()), issuer.token()
    wrong = {
        "another issuer": issuer.token(iss="https://oauth.example.org"),
        "for others": issuer.token(aud="7000000002"),
        "for us and others": issuer.token(aud=[CLIENT, "7000000002"]),
        "for nobody": issuer.token(aud=None),
        "over": issuer.token(exp=now - 60),
        "endless": issuer.token(exp=None),
        "old, if not over": issuer.token(iat=now - 400),
        "from tomorrow": issuer.token(iat=now + 86_400),
        "without a time": issuer.token(iat=None),
        "asked by another": issuer.token(nonce="n-another-browsers"),
        "asked by nobody": issuer.token(nonce=None),
        "another key": issuer.token(key=OTHER_KEY),
        "a key nobody has": issuer.token(kid="k9"),
        "no key named": issuer.token(kid=None),
        "another algorithm": issuer.token(key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
        "another digest": issuer.token(algorithm="RS512"),
        "unsigned": unsigned(right),
        "signed with what is public": signed_with_the_public_key(issuer),
        "changed": right[:-4] + ("AAAA" if right[-4:] != "AAAA" else "BBBB"),
        "no person": issuer.token(id=None),
        "a subject for a person": issuer.token(id=None, sub="42"),
        "no number": issuer.token(id="olya"),
        "a truth": issuer.token(id=True),
        "nothing": "x",
        "dots": "..",
    }
    for what, token in wrong.items():
        with pytest.raises(SignInRefused):
            print(what, await come_in(town, token))  # noqa: T201 - names the one that opened
    assert await town.ledger.fetchval("SELECT count(*) FROM users") == 0
    assert isinstance(await come_in(town, right), SignedIn), "none of these used it up"


async def test_somebody_banned_does_not_come_in(town: World, issuer: Issuer) -> None:
    person = await town.person()
    await town.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", person.user)
    with pytest.raises(SignInRefused):
        await come_in(town, issuer.token(id=person.telegram_id))


async def test_somebody_banned_and_forgotten_does_not_come_in_as_somebody_new(town: World, issuer: Issuer) -> None:
    person, other = await town.person(), await town.person()
    for each in (person, other):
        await each.call(USERS_ERASE_ME, EraseMe(confirm="erase"))
    await town.operator.call(USERS_BAN, BanUser(user=person.user, reason="found out later"), actor=OPERATOR)
    before = await town.ledger.fetchval("SELECT count(*) FROM users")
    with pytest.raises(SignInRefused):
        await come_in(town, issuer.token(id=person.telegram_id))
    assert await town.ledger.fetchval("SELECT count(*) FROM users") == before
    assert (await come_in(town, issuer.token(id=other.telegram_id))).user.id != other.user, "who was not is welcome"


async def test_somebody_forgotten_this_instant_does_not_come_in(town: World, issuer: Issuer) -> None:
    """What is read without the lock is who they were; with the session they would go on as nobody."""
    person = await town.person()
    first = await come_in(town, issuer.token(id=person.telegram_id))
    request = SignUp(source=somewhere(), login=new_login(), password=PASSWORD)
    await Visitor(town, first.user.id, first.token).call(USERS_SIGN_UP, request)
    async with asyncio.TaskGroup() as group, held_still(town, "SELECT forget_person_v1($1)", person.user):
        coming = group.create_task(outcome(come_in(town, issuer.token(id=person.telegram_id))))
        await until(lambda: town.ledger.fetchval(WAITING, 1))
    assert isinstance(coming.result(), SignInRefused)


async def test_without_a_client_id_nobody_comes_this_way(world: World, issuer: Issuer) -> None:
    with pytest.raises(Forbidden):
        await come_in(world, issuer.token())
    assert issuer.asked == 0


async def test_keys_are_asked_for_once_and_again_when_they_change_but_not_by_everybody(
    town: World, issuer: Issuer
) -> None:
    for _ in range(5):
        assert isinstance(await come_in(town, issuer.token()), SignedIn)
    for number in range(20):
        with pytest.raises(SignInRefused):
            await come_in(town, issuer.token(kid=f"guess {number}"))
    assert issuer.asked == 1


async def test_an_issuer_that_is_away_is_a_wait_and_no_way_in(town: World, issuer: Issuer) -> None:
    issuer.answers = False
    began = time.monotonic()
    with pytest.raises((Busy, DeadlineExceeded)):  # the second when the last attempt's answer came too late
        await come_in(town, issuer.token())
    assert time.monotonic() - began < 15
    issuer.answers = True
    assert isinstance(await come_in(town, issuer.token()), SignedIn)


async def test_a_second_factor_is_asked_for_here_too_and_the_token_waits_for_it(town: World, issuer: Issuer) -> None:
    person = await town.person()
    first = await come_in(town, issuer.token(id=person.telegram_id))
    visitor = Visitor(town, first.user.id, first.token)
    made = await visitor.call(USERS_SIGN_UP, SignUp(source=somewhere(), login=new_login(), password=PASSWORD))
    visitor = Visitor(town, made.user.id, made.token)
    assert visitor.user == person.user
    started = await visitor.call(USERS_TOTP_START, StartTotp(password=PASSWORD))
    assert isinstance(started, TotpStarted)
    await visitor.call(USERS_TOTP_CONFIRM, ConfirmTotp(code=code_of(started.secret, -1)))
    token = issuer.token(id=person.telegram_id)
    assert await come_in(town, token) == SecondFactorNeeded()
    assert isinstance(await come_in(town, token, code=code_of(started.secret)), SignedIn)
    with pytest.raises(SignInRefused):
        await come_in(town, issuer.token(id=person.telegram_id), code=code_of(started.secret))


async def test_a_token_opens_for_the_call_that_used_it_again_and_for_no_other(town: World, issuer: Issuer) -> None:
    token, key, lost = issuer.token(), uuid4().hex, uuid4().hex
    request = SignInTelegram(id_token=token, nonce=NONCE)
    first = await web(town).call(USERS_SIGN_IN_TELEGRAM, request, key=key)
    again = await web(town).call(USERS_SIGN_IN_TELEGRAM, request, key=key)
    assert isinstance(first, SignedIn)
    assert isinstance(again, SignedIn)
    assert (again.user.id, again.token == first.token) == (first.user.id, False)
    with pytest.raises(SignInRefused):
        await web(town).call(USERS_SIGN_IN_TELEGRAM, request, key=lost)
    assert key not in await everything_kept(town)


async def test_who_waits_longer_than_one_attempt_comes_in(town: World, issuer: Issuer) -> None:
    """The client begins again half-way: by then its first attempt has used the token up and waits for the ledger."""
    person = await town.person()
    locked = held_still(town, "SELECT FROM users WHERE id = $1 FOR UPDATE", person.user)
    async with asyncio.TaskGroup() as group, locked:
        coming = group.create_task(outcome(come_in(town, issuer.token(id=person.telegram_id))))
        await until(lambda: coming.done() or town.ledger.fetchval(WAITING, 2))
    assert isinstance(coming.result(), SignedIn)
