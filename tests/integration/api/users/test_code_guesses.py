"""Tries at the second step: who has learnt a password does not shut its owner out, nor tries for ever."""

import pytest

from contracts.account_failures import SignInRefused
from contracts.accounts import ConfirmTotp, StartTotp, TotpStarted
from contracts.failures import NotFound, TooManyRequests
from contracts.operations.users import USERS_TOTP_CONFIRM, USERS_TOTP_START
from integration.api.users.authenticator import code_of
from integration.api.users.test_second_factor import armed
from integration.api.users.visitors import PASSWORD, new_login, signed_in, signed_up, somewhere
from local_servers import Addresses, Servers
from world import World, made_world

# Hashes that are quick, and a password's own count out of the way.
LIGHT = {"password_memory_kib": 8192, "password_passes": 1, "password_tries": 100, "password_tries_everywhere": 1000}
BROWSER = "a-browser-of-22-letters"
TRIES = 3


async def wrong(world: World, login: str, **more: str) -> None:
    with pytest.raises(SignInRefused):
        await signed_in(world, login, code="0000000", **more)


async def test_a_thief_of_the_password_shuts_nobody_out_of_the_second_step(servers: Addresses, broker: Servers) -> None:
    async with made_world(servers, broker, **LIGHT, code_tries=TRIES) as world:
        login = new_login()
        owner, _, codes = await armed(world, login)
        await signed_in(world, login, code=codes[0], source=somewhere(), browser=BROWSER)
        for _ in range(TRIES):
            await wrong(world, login, source="198.51.100.7")
        with pytest.raises(TooManyRequests):
            await signed_in(world, login, code=codes[1], source="198.51.100.7")
        assert (await signed_in(world, login, code=codes[2], source=somewhere())).user == owner.user
        # From many places at once: all together have so many, and a browser that came in before is not among them.
        refused: list[type] = []
        for _ in range(4 * TRIES):
            with pytest.raises((SignInRefused, TooManyRequests)) as refusal:
                await signed_in(world, login, code="0000000", source=somewhere())
            refused.append(refusal.type)
        assert refused[-1] is TooManyRequests
        assert 0 < refused.count(SignInRefused) <= 3 * TRIES
        assert (await signed_in(world, login, code=codes[3], source=somewhere(), browser=BROWSER)).user == owner.user
        for _ in range(TRIES):
            await wrong(world, login, source=somewhere(), browser=BROWSER)
        with pytest.raises(TooManyRequests):
            await signed_in(world, login, code=codes[4], source=somewhere(), browser=BROWSER)


async def test_recovery_codes_whose_answer_was_lost_are_given_anew_under_the_same_key(world: World) -> None:
    login = new_login()
    visitor = await signed_up(world, login)
    started = await visitor.call(USERS_TOTP_START, StartTotp(password=PASSWORD))
    assert isinstance(started, TotpStarted)
    confirm = ConfirmTotp(code=code_of(started.secret))
    lost, new = [(await visitor.call(USERS_TOTP_CONFIRM, confirm, key="wish")).recovery_codes for _ in range(2)]
    assert not set(lost) & set(new)
    with pytest.raises(NotFound):
        await visitor.call(USERS_TOTP_CONFIRM, confirm, key="another wish")
    with pytest.raises(NotFound):
        await visitor.call(USERS_TOTP_CONFIRM, ConfirmTotp(code=code_of(started.secret, 40)), key="wish")
    with pytest.raises(SignInRefused):
        await signed_in(world, login, code=lost[0])
    assert (await signed_in(world, login, code=new[0])).user == visitor.user
    assert (await signed_in(world, login, code=code_of(started.secret, 1))).user == visitor.user
    with pytest.raises(NotFound):  # somebody has come in since: the codes were seen, or are not needed
        await visitor.call(USERS_TOTP_CONFIRM, confirm, key="wish")
