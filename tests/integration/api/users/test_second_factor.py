"""The second factor: what arms it, what it lets in, and that each of its codes does so once."""

import asyncio
import time
from uuid import uuid4

import pyotp
import pytest
from cryptography.fernet import Fernet

from api.users import second_factor
from chaos.api.crowd import outcome
from contracts.account_failures import SignInRefused
from contracts.accounts import (
    ConfirmTotp,
    LinkStarted,
    SecondFactorNeeded,
    SignedIn,
    SignIn,
    StartLink,
    StartTotp,
    TotpStarted,
)
from contracts.failures import Forbidden, NotFound, NotSignedIn, TooManyRequests
from contracts.operations.users import USERS_LINK_START, USERS_ME, USERS_SIGN_IN, USERS_TOTP_CONFIRM, USERS_TOTP_START
from contracts.users import GetMe
from integration.api.users.authenticator import code_of
from integration.api.users.visitors import (
    PASSWORD,
    Visitor,
    everything_kept,
    new_login,
    signed_in,
    signed_up,
    somewhere,
    web,
)
from local_servers import Addresses, Servers, cloned_database
from world import World, fresh_template, made_world, world_at

REAL_CLOCK = second_factor.CLOCK


async def armed(world: World, login: str) -> tuple[Visitor, str, list[str]]:
    """Somebody with a second factor: their session, its secret and the recovery codes."""
    visitor = await signed_up(world, login)
    started = await visitor.call(USERS_TOTP_START, StartTotp(password=PASSWORD))
    assert isinstance(started, TotpStarted)
    assert pyotp.parse_uri(started.uri).secret == started.secret
    codes = (await visitor.call(USERS_TOTP_CONFIRM, ConfirmTotp(code=code_of(started.secret, -1)))).recovery_codes
    return visitor, started.secret, codes


async def test_a_second_factor_counts_once_it_is_confirmed(world: World) -> None:
    login = new_login()
    visitor, other = await signed_up(world, login), await signed_in(world, login)
    with pytest.raises(NotFound):
        await visitor.call(USERS_TOTP_CONFIRM, ConfirmTotp(code="000000"))
    with pytest.raises(SignInRefused):
        await visitor.call(USERS_TOTP_START, StartTotp(password="не тот пароль совсем"))
    started = await visitor.call(USERS_TOTP_START, StartTotp(password=PASSWORD))
    assert isinstance(started, TotpStarted)
    assert (await signed_in(world, login)).user == visitor.user, "not before"
    with pytest.raises(SignInRefused):
        await visitor.call(USERS_TOTP_CONFIRM, ConfirmTotp(code=code_of(started.secret, 40)))
    codes = (await visitor.call(USERS_TOTP_CONFIRM, ConfirmTotp(code=code_of(started.secret)))).recovery_codes
    assert len(set(codes)) == 10
    with pytest.raises(NotSignedIn):
        await other.call(USERS_ME, GetMe())
    request = SignIn(source=somewhere(), login=login, password=PASSWORD)
    assert await web(world).call(USERS_SIGN_IN, request) == SecondFactorNeeded()
    with pytest.raises(SignInRefused):
        await signed_in(world, login, "не тот пароль совсем", code_of(started.secret, 1))
    assert await visitor.call(USERS_TOTP_START, StartTotp(password=PASSWORD)) == SecondFactorNeeded()
    kept = await everything_kept(world)
    assert started.secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


async def test_codes_go_by_the_real_clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_factor, "CLOCK", REAL_CLOCK)
    visitor = await signed_up(world, new_login())
    started = await visitor.call(USERS_TOTP_START, StartTotp(password=PASSWORD))
    assert isinstance(started, TotpStarted)
    with pytest.raises(SignInRefused):
        await visitor.call(USERS_TOTP_CONFIRM, ConfirmTotp(code=code_of(started.secret)))
    now = code_of(started.secret, at=int(time.time()))
    assert (await visitor.call(USERS_TOTP_CONFIRM, ConfirmTotp(code=now))).recovery_codes


async def test_a_code_is_good_once_and_so_is_every_one_before_it(world: World) -> None:
    login = new_login()
    visitor, secret, _ = await armed(world, login)
    now = code_of(secret)
    assert (await signed_in(world, login, code=f"{now[:3]} {now[3:]}")).user == visitor.user
    for used in (now, code_of(secret, -1), code_of(secret, 3), "", "abc"):
        with pytest.raises(SignInRefused):
            await signed_in(world, login, code=used or " ")
    assert (await signed_in(world, login, code=code_of(secret, 1))).user == visitor.user


async def test_twenty_at_once_with_one_code_are_one_session(servers: Addresses, broker: Servers) -> None:
    light = {"password_memory_kib": 8192, "password_passes": 1}  # twenty at once, within their deadline on any machine
    async with made_world(servers, broker, **light, password_tries=100, code_tries=100) as world:
        login = new_login()
        _, secret, codes = await armed(world, login)
        for code in (code_of(secret), codes[0]):
            answers = await asyncio.gather(
                *(signed_in(world, login, code=code) for _ in range(20)), return_exceptions=True
            )
            assert sorted(type(each).__name__ for each in answers) == ["SignInRefused"] * 19 + ["Visitor"]


async def test_a_recovery_code_opens_once_and_codes_cannot_be_guessed(world: World) -> None:
    login = new_login()
    visitor, _, codes = await armed(world, login)
    assert (await signed_in(world, login, code=codes[3].lower().replace("-", " "))).user == visitor.user
    with pytest.raises(SignInRefused):
        await signed_in(world, login, code=codes[3])
    refused: list[type] = []
    for number in range(world.settings.code_tries):
        try:
            await signed_in(world, login, code=f"{number:06}")
        except (SignInRefused, TooManyRequests) as refusal:
            refused.append(type(refusal))
    assert TooManyRequests in refused
    with pytest.raises(TooManyRequests):
        await signed_in(world, login, code=codes[4])


async def test_without_a_key_nobody_sets_one_up_and_all_else_goes_on(servers: Addresses, broker: Servers) -> None:
    async with made_world(servers, broker, totp_keys="") as world:
        login = new_login()
        visitor = await signed_up(world, login)
        with pytest.raises(Forbidden):
            await visitor.call(USERS_TOTP_START, StartTotp(password=PASSWORD))
        assert (await signed_in(world, login)).user == visitor.user
        assert await world.ledger.fetchval("SELECT totp_pending FROM credentials") is None


async def test_secrets_outlive_a_change_of_keys_and_are_sealed_anew_when_used(
    servers: Addresses, broker: Servers
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    template = await fresh_template(servers)
    sealed = "SELECT totp_secret FROM credentials"
    async with cloned_database(servers.postgres_url, template) as url:
        async with world_at(url, servers, broker, totp_keys=old) as world:
            login = new_login()
            visitor, secret, codes = await armed(world, login)
            first = await world.ledger.fetchval(sealed)
        async with world_at(url, servers, broker, totp_keys=f"{new}, {old}") as world:
            with pytest.raises(SignInRefused):
                await signed_in(world, login, code=code_of(secret, 40))
            assert await world.ledger.fetchval(sealed) == first, "a wrong code changes nothing"
            assert (await signed_in(world, login, code=code_of(secret))).user == visitor.user
            second = await world.ledger.fetchval(sealed)
            assert Fernet(new).decrypt(second).decode() == secret
        async with world_at(url, servers, broker, totp_keys=new) as world:
            assert (await signed_in(world, login, code=code_of(secret, 1))).user == visitor.user
            assert await world.ledger.fetchval(sealed) == second, "sealed anew once"
        async with world_at(url, servers, broker, totp_keys=old) as world:
            for code in (code_of(secret, 2), secret, second[:100]):
                with pytest.raises(SignInRefused):
                    await signed_in(world, login, code=code)
            assert (await signed_in(world, login, code=codes[0])).user == visitor.user, "what is left without the key"


async def test_a_call_that_used_a_code_may_use_it_again_as_its_answer_may_have_been_lost(world: World) -> None:
    login = new_login()
    visitor, secret, codes = await armed(world, login)
    for code in (code_of(secret), codes[0]):
        key, request = uuid4().hex, SignIn(login=login, password=PASSWORD, code=code, source=somewhere())
        for _ in range(2):
            assert isinstance(await web(world).call(USERS_SIGN_IN, request, key=key), SignedIn)
        with pytest.raises(SignInRefused):
            await web(world).call(USERS_SIGN_IN, request, key=uuid4().hex)
        with pytest.raises(SignInRefused):  # the same key of another operation is another wish
            await visitor.call(USERS_TOTP_START, StartTotp(password=PASSWORD, code=code), key=key)
    for operation, wish, answer in (
        (USERS_LINK_START, StartLink(second_factor=code_of(secret, 1)), LinkStarted),
        (USERS_TOTP_START, StartTotp(password=PASSWORD, code=codes[1]), TotpStarted),
    ):
        key = uuid4().hex
        for _ in range(2):
            assert isinstance(await visitor.call(operation, wish, key=key), answer)
        with pytest.raises(SignInRefused):
            await visitor.call(operation, wish, key=uuid4().hex)


async def test_a_recovery_code_is_good_again_for_its_call_only_as_long_as_a_code_of_the_app_is(world: World) -> None:
    login = new_login()
    _, _, codes = await armed(world, login)
    key, request = uuid4().hex, SignIn(login=login, password=PASSWORD, code=codes[0], source=somewhere())
    await web(world).call(USERS_SIGN_IN, request, key=key)
    await world.ledger.execute("UPDATE recovery_codes SET used_at = used_at - interval '90 seconds'")
    with pytest.raises(SignInRefused):
        await web(world).call(USERS_SIGN_IN, request, key=key)


async def test_a_code_used_once_more_by_its_call_makes_no_earlier_one_good(world: World) -> None:
    login, key = new_login(), uuid4().hex
    _, secret, _ = await armed(world, login)
    for steps, expected in ((0, SignedIn), (1, SignedIn), (0, SignInRefused), (1, SignedIn)):
        request = SignIn(login=login, password=PASSWORD, code=code_of(secret, steps), source=somewhere())
        assert isinstance(await outcome(web(world).call(USERS_SIGN_IN, request, key=key)), expected)
