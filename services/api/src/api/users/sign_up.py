"""Make an account with a login and a password."""

from uuid import UUID

from sqlalchemy import text

from api.actors import SessionHolder
from api.call import Call, Errand
from api.passwords import ensure_strong
from api.users.logins import normalised
from api.users.opening import opened
from contracts.accounts import SignedIn, SignUp
from contracts.failures import AlreadyExists, InvalidRequest, NotSignedIn

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
KEEP = text("INSERT INTO credentials (user_id, password_hash) VALUES (:user, :hash)")
NO_GUEST_ANY_MORE = text("DELETE FROM guest_codes WHERE user_id = :user")


async def sign_up(errand: Errand, request: SignUp) -> SignedIn:
    """The new account, signed in. A signed-in guest, or somebody who came with Telegram, becomes its owner.

    Their earlier sessions end: nobody who learnt one of them comes along. `AlreadyExists` for a login somebody has and
    for an actor who has a password; `WeakPassword`; `TooManyRequests` after too many tries of one login.
    """
    login = normalised(request.login)
    if login is None:
        raise InvalidRequest(problem="a login is 3 to 64 visible characters without blanks and colons")
    if errand.session is None and isinstance(errand.actor, SessionHolder):
        raise NotSignedIn  # what they have as a guest would be left behind
    ensure_strong(request.password, login)
    gate = errand.gate
    await gate.throttles.take("sign_up", login, gate.password_tries)
    async with errand.transaction() as call:
        await _ensure_free(call, login)
    kept = await gate.passwords.hash(request.password)
    async with errand.transaction() as call:
        user = await _owner(call, request, login)
        await call.run(KEEP, user=user, hash=kept)
        if errand.session is not None:
            await gate.sessions.end_others(errand.session.user)
        return await opened(call, user, request.device, None)


async def _ensure_free(call: Call, login: str) -> None:
    if await call.value(TAKEN, login=login) or (
        call.user is not None and await call.value(HAS_PASSWORD, user=call.user.id)
    ):
        raise AlreadyExists


async def _owner(call: Call, request: SignUp, login: str) -> UUID:
    """Whose account it becomes, with the login as an identity."""
    user: UUID
    if call.user is None:
        await call.value(ONE_BY_ONE, login=login)
        await _ensure_free(call, login)
        user = await call.value(NEW, name=request.display_name or login, locale=request.locale)
        await call.run(IDENTIFY, user=user, login=login)
        return user
    user = call.user.id
    if await call.value(LOCK, user=user) is None:
        raise NotSignedIn
    await call.value(ONE_BY_ONE, login=login)
    await _ensure_free(call, login)
    await call.run(NAMED, user=user, name=request.display_name, login=login)
    if not await call.run(RENAME_GUEST, user=user, login=login):
        await call.run(IDENTIFY, user=user, login=login)
    await call.run(NO_GUEST_ANY_MORE, user=user)
    return user
