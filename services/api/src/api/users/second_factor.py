"""The second factor: time-based codes (RFC 6238), each good once, and recovery codes."""

import hashlib
import hmac
from uuid import UUID

import pyotp
import structlog
from sqlalchemy import text

from api.call import Call
from api.users.codes import code_hash
from contracts.account_failures import SignInRefused

log = structlog.get_logger(__name__)

STEP_SECONDS = 30
# A code of the step before and after is good, too: clocks differ, and people type.
AROUND = (-1, 0, 1)

CLOCK = text("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint")
TOTP = text("SELECT totp_secret, totp_step, used_by FROM credentials WHERE user_id = :user FOR NO KEY UPDATE")
# Whoever makes one count this instant is waited for.
HAS_ONE = text("SELECT totp_secret IS NOT NULL FROM credentials WHERE user_id = :user FOR NO KEY UPDATE")
USE_STEP = text("""
    UPDATE credentials SET totp_step = :step, totp_secret = :sealed, used_by = :used_by WHERE user_id = :user
""")
# A code used by this very call, as long as a step's code would be good for it.
USE_RECOVERY = text("""
    UPDATE recovery_codes SET used_at = coalesce(used_at, now()), used_by = :used_by
    WHERE user_id = :user AND code_hash = :code_hash
      AND (used_at IS NULL OR used_by = :used_by AND used_at > now() - make_interval(secs => :seconds))
""")


async def step_of(call: Call, secret: str, code: str, after: int) -> int | None:
    """Which step of 30 s a code belongs to; None for a wrong one and for one of the step `after` or before it."""
    typed = "".join(code.split())
    # The ledger's clock: the same for every api.
    now = int(await call.value(CLOCK)) // STEP_SECONDS
    found = None
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    for step in (now + shift for shift in AROUND):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()) and step > after:
            found = step
    return found


async def use_code(call: Call, user: UUID, code: str, key: str) -> None:
    """Use up a code of somebody's second factor, or a recovery code; `SignInRefused` for one that is wrong or was used.

    The call that used the last one, begun again under its `key` because its answer was lost, may use that one again.
    Somebody without a second factor needs no code. Locks their credentials, so that two cannot use one code.
    """
    kept = (await call.db.execute(TOTP, {"user": user})).one_or_none()
    if kept is None or kept.totp_secret is None:
        return
    seal = call.gate.seal
    secret = seal.open(kept.totp_secret)
    if secret is None:
        # The key is gone; what is left are the recovery codes.
        log.warning("totp.sealed_with_another_key", user=str(user))
    used_by = hashlib.sha256(f"{call.operation} {key}".encode()).digest()
    after = kept.totp_step - 1 if kept.used_by == used_by else kept.totp_step
    step = None if secret is None else await step_of(call, secret, code, after)
    if step is not None:
        sealed = seal.renewed(kept.totp_secret) or kept.totp_secret
        await call.run(USE_STEP, user=user, step=step, sealed=sealed, used_by=used_by)
    elif not await call.run(
        USE_RECOVERY, user=user, code_hash=code_hash(code), used_by=used_by, seconds=len(AROUND) * STEP_SECONDS
    ):
        raise SignInRefused


async def shown(call: Call, user: UUID, code: str | None, key: str) -> bool:
    """Whether somebody linking on the web is done with their second factor: they have none, or this code used it.

    False where a code is still needed; `SignInRefused` for a wrong one, `TooManyRequests` after too many of one user's.
    """
    if not await call.value(HAS_ONE, user=user):
        return True
    if code is None:
        return False
    # By user, not by session: guests are to be had for nothing.
    await call.gate.throttles.take("code", f"link {user}", call.gate.code_tries)
    await use_code(call, user, code, key)
    return True
