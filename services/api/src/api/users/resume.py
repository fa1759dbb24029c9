"""Come back as a guest."""

from sqlalchemy import text

from api.call import Errand
from api.users.codes import code_hash
from api.users.opening import opened
from contracts.account_failures import SignInRefused
from contracts.accounts import Resume, SignedIn
from contracts.kinds import SignInWay

WHOSE = text("SELECT user_id FROM guest_codes WHERE code_hash = :code_hash")


async def resume(errand: Errand, request: Resume) -> SignedIn:
    """A new session of the guest with this private code; `SignInRefused` for any other code, and for who is banned."""
    kept = code_hash(request.code)
    await errand.gate.throttles.take("resume", kept.hex(), errand.gate.code_tries)
    async with errand.transaction() as call:
        user = await call.value(WHOSE, code_hash=kept)
        if user is None:
            raise SignInRefused
        return await opened(call, user, request.device, SignInWay.CODE)
