"""Make a second factor count."""

from sqlalchemy import text

from api.call import Errand
from api.users.codes import RECOVERY_CODES, RECOVERY_GROUPS, code_hash, new_code
from api.users.second_factor import step_of
from contracts.account_failures import SignInRefused
from contracts.accounts import ConfirmTotp, TotpArmed
from contracts.failures import NotFound, NotSignedIn

PENDING = text("SELECT totp_pending FROM credentials WHERE user_id = :me FOR NO KEY UPDATE")
ARM = text("""
    UPDATE credentials SET totp_secret = totp_pending, totp_pending = NULL, totp_step = :step WHERE user_id = :me
""")
FORGET = text("DELETE FROM recovery_codes WHERE user_id = :me")
KEEP = text("INSERT INTO recovery_codes (user_id, code_hash) SELECT :me, unnest(CAST(:hashes AS bytea[]))")


async def confirm_totp(errand: Errand, request: ConfirmTotp) -> TotpArmed:
    """Ten recovery codes, shown this once; from now on signing in asks for a code, and every other session is over.

    `NotFound` where nothing was begun that can be read, `SignInRefused` for a wrong code.
    """
    if errand.session is None:
        raise NotSignedIn
    gate, me = errand.gate, errand.session.user
    await gate.throttles.take("code", str(me), gate.code_tries)
    codes = [new_code(RECOVERY_GROUPS) for _ in range(RECOVERY_CODES)]
    async with errand.transaction() as call:
        sealed = await call.value(PENDING, me=call.me)
        secret = None if sealed is None else gate.seal.open(sealed)
        if secret is None:
            raise NotFound
        step = await step_of(call, secret, request.code, after=0)
        if step is None:
            raise SignInRefused
        await call.run(ARM, me=me, step=step)
        await call.run(FORGET, me=me)
        await call.run(KEEP, me=me, hashes=[code_hash(code) for code in codes])
        await gate.sessions.end_others(me, errand.session.id)
        await call.audit(me)
    await gate.throttles.forget("code", str(me))
    return TotpArmed(recovery_codes=codes)
