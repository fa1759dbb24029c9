"""The store of sessions goes silent once a change is made for good: what happened is told as it is, not as "come back"."""

import hashlib
from collections.abc import Awaitable
from typing import TypeVar

from api.guesses import PASSED
from api.scripts import Script
from api.throttles import FORGET
from chaos.proxy import Proxy, proxy
from contracts.accounts import ChangePassword, ConfirmTotp, SignedIn, SignIn, SignUp, StartTotp, TotpArmed, TotpStarted
from contracts.operations.users import (
    USERS_CHANGE_PASSWORD,
    USERS_SIGN_IN,
    USERS_SIGN_UP,
    USERS_TOTP_CONFIRM,
    USERS_TOTP_START,
)
from contracts.shapes import Done
from integration.api.users.authenticator import code_of
from integration.api.users.visitors import PASSWORD, Visitor, new_login, somewhere, web
from local_servers import Addresses, Servers
from world import made_world

A = TypeVar("A")


async def silent_from(way: Proxy, script: Script, asked: Awaitable[A]) -> A:
    """The answer, where the store says nothing any more once it has heard this script."""
    name, silenced = hashlib.sha1(script.text.encode()).hexdigest().encode(), list[bytes]()  # noqa: S324 - Redis' own

    def hear(data: bytes) -> None:
        if name in data:
            silenced.append(data)
            way.fall_silent()

    way.heard = hear
    try:
        return await asked
    finally:
        way.heard = None
        way.heal()
        assert silenced, "the script was never asked for"


async def test_what_happened_is_told_though_the_count_of_tries_cannot_be_forgotten(
    servers: Addresses, broker: Servers
) -> None:
    async with proxy(servers.redis_url) as way, made_world(servers, broker, redis_url=way.url) as world:
        login, new = new_login(), "семь тихих лодок"
        sign_up = SignUp(login=login, password=PASSWORD, source=somewhere())
        made = await silent_from(way, PASSED, web(world).call(USERS_SIGN_UP, sign_up))
        visitor = Visitor(world, made.user.id, made.token)
        change = ChangePassword(current=PASSWORD, new=new)
        assert await silent_from(way, FORGET, visitor.call(USERS_CHANGE_PASSWORD, change)) == Done()
        started = await visitor.call(USERS_TOTP_START, StartTotp(password=new))
        assert isinstance(started, TotpStarted)
        confirm = ConfirmTotp(code=code_of(started.secret, -1))
        assert isinstance(await silent_from(way, FORGET, visitor.call(USERS_TOTP_CONFIRM, confirm)), TotpArmed)
        sign_in = SignIn(login=login, password=new, code=code_of(started.secret), source=somewhere())
        assert isinstance(await silent_from(way, PASSED, web(world).call(USERS_SIGN_IN, sign_in)), SignedIn)
        on_record = "SELECT count(*) FROM audit WHERE operation IN ('users.totp_confirm', 'users.change_password')"
        assert await world.ledger.fetchval(on_record) == 2, "once each"
