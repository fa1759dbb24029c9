"""Make a second factor count."""

import hashlib
from contextlib import suppress

from sqlalchemy import text

from api.call import Call, Errand
from api.users.codes import RECOVERY_CODES, RECOVERY_GROUPS, code_hash, new_code
from api.users.second_factor import step_of
from contracts.account_failures import SignInRefused
from contracts.accounts import ConfirmTotp, TotpArmed
from contracts.failures import Busy, NotFound, NotSignedIn

PENDING = text("SELECT totp_pending FROM credentials WHERE user_id = :me FOR NO KEY UPDATE")
ARM = text("""
    UPDATE credentials SET totp_secret = totp_pending, totp_pending = NULL, totp_step = :step, armed_by = :armed_by,
      used_by = NULL
    WHERE user_id = :me
""")
ARMED = text("""
    SELECT totp_secret, totp_step FROM credentials
    WHERE user_id = :me AND armed_by = :armed_by AND totp_secret IS NOT NULL FOR NO KEY UPDATE
""")
FORGET = text("DELETE FROM recovery_codes WHERE user_id = :me")
KEEP = text("INSERT INTO recovery_codes (user_id, code_hash) SELECT :me, unnest(CAST(:hashes AS bytea[]))")


async def confirm_totp(errand: Errand, request: ConfirmTotp) -> TotpArmed:
    """Ten recovery codes, shown this once; from now on signing in asks for a code, and every other session is over.

    Asked again under its key, because no answer came, it gives ten new codes instead of those nobody saw, as long as the
    same code is shown in its time and none was used after it. `NotFound` where nothing was begun that can be read,
    `SignInRefused` for a wrong code.
    """
    if errand.session is None:
        raise NotSignedIn
    gate, me = errand.gate, errand.session.user
    await gate.throttles.take("code", str(errand.session.id), gate.code_tries)
    armed_by = hashlib.sha256(errand.key.encode()).digest()
    codes = [new_code(RECOVERY_GROUPS) for _ in range(RECOVERY_CODES)]
    async with errand.transaction() as call:
        if not await _is_armed(call, request.code, armed_by):
            sealed = await call.value(PENDING, me=call.me)
            secret = None if sealed is None else gate.seal.open(sealed)
            if secret is None:
                raise NotFound
            step = await step_of(call, secret, request.code, after=0)
            if step is None:
                raise SignInRefused
            await call.run(ARM, me=me, step=step, armed_by=armed_by)
        await call.run(FORGET, me=me)
        await call.run(KEEP, me=me, hashes=[code_hash(code) for code in codes])
        await gate.sessions.end_others(me, errand.session.id)
        await call.audit(me)
    with suppress(Busy):  # it counts: what is left is a longer count of tries
        await gate.throttles.forget("code", str(errand.session.id))
    return TotpArmed(recovery_codes=codes)


async def _is_armed(call: Call, code: str, armed_by: bytes) -> bool:
    """Whether this very call made the second factor count before, by this very code."""
    kept = (await call.db.execute(ARMED, {"me": call.me, "armed_by": armed_by})).one_or_none()
    secret = None if kept is None else call.gate.seal.open(kept.totp_secret)
    if kept is None or secret is None:
        return False
    step: int = kept.totp_step
    return await step_of(call, secret, code, after=step - 1) == step
