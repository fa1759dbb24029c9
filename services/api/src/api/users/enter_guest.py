"""Come in without an account."""

from uuid import UUID

from sqlalchemy import text

from api.call import Errand
from api.places import place_of
from api.users.codes import PRIVATE_GROUPS, code_hash, new_code
from api.users.opening import opened
from contracts.accounts import EnterGuest, GuestEntered

NEW = text("INSERT INTO users (display_name, locale) VALUES (:name, :locale) RETURNING id")
IDENTIFY = text("""
    INSERT INTO identities (user_id, channel, external_id) VALUES (:user, 'web', 'guest:' || CAST(:user AS uuid))
""")
KEEP = text("INSERT INTO guest_codes (user_id, code_hash) VALUES (:user, :code_hash)")


async def enter_guest(errand: Errand, request: EnterGuest) -> GuestEntered:
    """A new user with a session and a private code to come back by; `Forbidden` for who is signed in.

    `TooManyRequests` where too many newcomers came from one place.
    """
    async with errand.transaction():
        pass  # who may not is told so, and does not use up what others may
    await errand.gate.throttles.take("newcomer", place_of(request.source), errand.gate.newcomers)
    code = new_code(PRIVATE_GROUPS)
    async with errand.transaction() as call:
        user: UUID = await call.value(NEW, name=request.display_name or "", locale=request.locale)
        await call.run(IDENTIFY, user=user)
        await call.run(KEEP, user=user, code_hash=code_hash(code))
        signed = await opened(call, user, request.device, None)
    return GuestEntered(token=signed.token, expires_at=signed.expires_at, code=code, user=signed.user)
