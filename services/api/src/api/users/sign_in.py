"""Come in by login and password."""

from contextlib import suppress
from uuid import UUID

import msgspec
from sqlalchemy import text

from api.call import Errand
from api.places import place_of
from api.users.logins import normalised
from api.users.opening import opened
from api.users.second_factor import use_code
from contracts.account_failures import SignInRefused
from contracts.accounts import SecondFactorNeeded, SignIn, SignInAnswer
from contracts.failures import Busy
from contracts.kinds import SignInWay

KEPT = text("""
    SELECT json_build_object('user', c.user_id, 'hash', c.password_hash, 'has_totp', c.totp_secret IS NOT NULL)::text
    FROM identities i JOIN credentials c ON c.user_id = i.user_id
    WHERE i.channel = 'web' AND i.external_id = :login
""")
# Held until the session is there: whoever changes the password waits for it, and ends it with the others.
UNCHANGED = text("SELECT user_id FROM credentials WHERE user_id = :user AND password_hash = :hash FOR NO KEY UPDATE")
REHASH = text("UPDATE credentials SET password_hash = :new WHERE user_id = :user AND password_hash = :hash")


class Kept(msgspec.Struct, frozen=True):
    """What the ledger knows of a login."""

    user: UUID
    hash: str
    has_totp: bool


async def sign_in(errand: Errand, request: SignIn) -> SignInAnswer:
    """A new session, or `SecondFactorNeeded`.

    `SignInRefused`, in the same words and after the same work, for a login nobody has, a wrong password, a wrong code
    and somebody banned; `TooManyRequests` after too many tries of one login
    from one place, and for longer each time, whether anybody has it or not.
    """
    gate, login = errand.gate, normalised(request.login) or ""
    place = place_of(request.source)
    await gate.guesses.count(login, place, request.browser)
    async with errand.transaction() as call:
        kept = await call.one(KEPT, Kept, login=login)
    if not await gate.passwords.matches(kept.hash if kept else None, request.password) or kept is None:
        raise SignInRefused
    if kept.has_totp:
        if request.code is None:
            return SecondFactorNeeded()
        # By place, too: who has learnt the password does not shut its owner out of the second step.
        await gate.code_guesses.count(_codes_of(kept.user), place, request.browser)
    better = await gate.passwords.hash(request.password) if gate.passwords.is_outdated(kept.hash) else None
    async with errand.transaction() as call:
        if await call.value(UNCHANGED, user=kept.user, hash=kept.hash) is None:
            raise SignInRefused
        await use_code(call, kept.user, request.code or "", errand.key)
        if better is not None:
            await call.run(REHASH, user=kept.user, hash=kept.hash, new=better)
        answer = await opened(call, kept.user, request.device, SignInWay.PASSWORD)
    with suppress(Busy):  # they are in: what is left is a longer count of tries
        await gate.guesses.passed(login, place, request.browser)
        if kept.has_totp:
            await gate.code_guesses.passed(_codes_of(kept.user), place, request.browser)
    return answer


def _codes_of(user: UUID) -> str:
    """What tries at somebody's codes are counted by, apart from those at their password."""
    return f"code {user}"
