"""Make an account with a login and a password."""

import hashlib
from contextlib import suppress
from uuid import UUID

import msgspec
from sqlalchemy import text

from api.actors import SessionHolder
from api.call import Call, Errand
from api.passwords import ensure_strong
from api.places import place_of
from api.users.logins import normalised
from api.users.opening import opened
from contracts.accounts import SignedIn, SignUp
from contracts.failures import AlreadyExists, Busy, InvalidRequest, KeyReused, NotSignedIn

# Twenty who want one login at one instant come one after the other.
ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended('web:' || CAST(:login AS text), 7201003))")
TAKEN = text("SELECT true FROM identities WHERE channel = 'web' AND external_id = :login")
HAS_PASSWORD = text("SELECT true FROM credentials WHERE user_id = :user")
LOCK = text("SELECT id FROM users WHERE id = :user AND merged_into IS NULL FOR NO KEY UPDATE")
NEW = text("INSERT INTO users (display_name, locale) VALUES (:name, :locale) RETURNING id")
NAMED = text("""
    UPDATE users SET display_name = coalesce(CAST(:name AS text), nullif(display_name, ''), :login),
      chose_name = chose_name OR CAST(:name AS text) IS NOT NULL
    WHERE id = :user
""")
RENAME_GUEST = text("""
    UPDATE identities SET external_id = :login WHERE user_id = :user AND channel = 'web' AND external_id LIKE 'guest:%'
""")
IDENTIFY = text("INSERT INTO identities (user_id, channel, external_id) VALUES (:user, 'web', :login)")
KEEP = text("INSERT INTO credentials (user_id, password_hash, made_by) VALUES (:user, :hash, :made_by)")
# What was made under this key, while it is remembered and nothing but its password is needed to come in.
MADE = text("""
    SELECT json_build_object('user', c.user_id, 'hash', c.password_hash)::text
    FROM identities i JOIN credentials c ON c.user_id = i.user_id JOIN users u ON u.id = c.user_id
    WHERE i.channel = 'web' AND i.external_id = :login AND c.made_by = :made_by AND c.totp_secret IS NULL
      AND u.banned_at IS NULL AND c.password_changed_at = c.created_at
      AND c.created_at > now() - make_interval(days => :days)
""")
UNCHANGED = text("""
    SELECT user_id FROM credentials
    WHERE user_id = :user AND password_hash = :hash AND totp_secret IS NULL FOR NO KEY UPDATE
""")
NO_GUEST_ANY_MORE = text("DELETE FROM guest_codes WHERE user_id = :user")


class Made(msgspec.Struct, frozen=True):
    """An account as its sign-up made it."""

    user: UUID
    hash: str


async def sign_up(errand: Errand, request: SignUp) -> SignedIn:
    """The new account, signed in. A signed-in guest, or somebody who came with Telegram, becomes its owner.

    Their earlier sessions end: nobody who learnt one of them comes along. Asked again under its key, because no answer
    came, it is the same account in another session. `AlreadyExists` for a login somebody has and for an actor who has a
    password; `WeakPassword`; `TooManyRequests` after too many tries of one login, or newcomers, from one place.
    """
    login = normalised(request.login)
    if login is None:
        raise InvalidRequest(problem="a login is 3 to 64 visible characters without blanks and colons")
    ensure_strong(request.password, login)
    gate, place = errand.gate, place_of(request.source)
    made_by = hashlib.sha256(errand.key.encode()).digest()
    await gate.throttles.take("sign_up", f"{login} {place}", gate.password_tries)
    async with errand.transaction() as call:
        made = await _made(call, login, made_by)
    if made is not None:
        return await _again(errand, request, made)
    if errand.session is None and isinstance(errand.actor, SessionHolder):
        raise NotSignedIn  # what they have as a guest would be left behind
    async with errand.transaction() as call:
        await _ensure_free(call, login, made_by)
    await gate.throttles.take("newcomer", place, gate.newcomers)
    kept = await gate.passwords.hash(request.password)
    async with errand.transaction() as call:
        user = await _owner(call, request, login, made_by)
        await call.run(KEEP, user=user, hash=kept, made_by=made_by)
        if errand.session is not None:
            await gate.sessions.end_others(errand.session.user)
        signed = await opened(call, user, request.device, None)
    with suppress(Busy):  # the account is there: what is left is a longer count of tries
        await gate.guesses.passed(login, place, request.browser)
    return signed


async def _made(call: Call, login: str, made_by: bytes) -> Made | None:
    return await call.one(MADE, Made, login=login, made_by=made_by, days=call.settings.key_retention_days)


async def _again(errand: Errand, request: SignUp, made: Made) -> SignedIn:
    """A session of what this very call made before, for who still knows its password; `KeyReused` for another one."""
    if not await errand.gate.passwords.matches(made.hash, request.password):
        raise KeyReused
    async with errand.transaction() as call:
        # Whoever changes the password or sets up a second factor meanwhile waits, and ends what is opened here.
        if await call.value(UNCHANGED, user=made.user, hash=made.hash) is None:
            raise AlreadyExists
        return await opened(call, made.user, request.device, None)


async def _ensure_free(call: Call, login: str, made_by: bytes) -> None:
    if await _made(call, login, made_by) is not None:
        raise Busy(retry_after=0.1)  # a twin of this call was quicker; the next attempt finds what it made
    if await call.value(TAKEN, login=login) or (
        call.user is not None and await call.value(HAS_PASSWORD, user=call.user.id)
    ):
        raise AlreadyExists


async def _owner(call: Call, request: SignUp, login: str, made_by: bytes) -> UUID:
    """Whose account it becomes, with the login as an identity."""
    user: UUID
    if call.user is None:
        await call.value(ONE_BY_ONE, login=login)
        await _ensure_free(call, login, made_by)
        user = await call.value(NEW, name=request.display_name or login, locale=request.locale)
        await call.run(IDENTIFY, user=user, login=login)
        return user
    user = call.user.id
    if await call.value(LOCK, user=user) is None:
        raise NotSignedIn
    await call.value(ONE_BY_ONE, login=login)
    await _ensure_free(call, login, made_by)
    await call.run(NAMED, user=user, name=request.display_name, login=login)
    if not await call.run(RENAME_GUEST, user=user, login=login):
        await call.run(IDENTIFY, user=user, login=login)
    await call.run(NO_GUEST_ANY_MORE, user=user)
    return user
