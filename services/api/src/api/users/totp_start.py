"""Begin to set up a second factor."""

import pyotp
from sqlalchemy import text

from api.call import Errand
from api.users.second_factor import use_code
from contracts.account_failures import SignInRefused
from contracts.accounts import SecondFactorNeeded, StartTotp, TotpStarted
from contracts.failures import Forbidden, NotSignedIn

ISSUER = "Mutual Aid"
KEPT = text("""
    SELECT c.password_hash, c.totp_secret IS NOT NULL AS has_totp, i.external_id AS login
    FROM credentials c JOIN identities i ON i.user_id = c.user_id AND i.channel = 'web'
    WHERE c.user_id = :me ORDER BY i.id LIMIT 1
""")
BEGIN = text("UPDATE credentials SET totp_pending = :secret WHERE user_id = :me AND password_hash = :kept")


async def start_totp(errand: Errand, request: StartTotp) -> TotpStarted | SecondFactorNeeded:
    """A new secret for an authenticator app; it counts once `users.totp_confirm` saw a code of it.

    Asks for the password again, and for a code of the present second factor where there is one: a session that somebody
    left open is not enough to lock its owner out. `SignInRefused` for who shows them wrong, or has no password;
    `Forbidden` where this installation has no key to seal the secret with.
    """
    if errand.session is None:
        raise NotSignedIn
    gate = errand.gate
    await gate.throttles.take("password", str(errand.session.id), gate.password_tries)
    async with errand.transaction() as call:
        me, found = call.me, (await call.db.execute(KEPT, {"me": call.me})).one_or_none()
    if not await gate.passwords.matches(found.password_hash if found else None, request.password) or found is None:
        raise SignInRefused
    if found.has_totp:
        if request.code is None:
            return SecondFactorNeeded()
        await gate.throttles.take("code", str(errand.session.id), gate.code_tries)
    secret = pyotp.random_base32()
    sealed = gate.seal.close(secret)
    if sealed is None:
        raise Forbidden
    async with errand.transaction() as call:
        if found.has_totp:
            await use_code(call, me, request.code or "", errand.key)
        if not await call.run(BEGIN, me=me, kept=found.password_hash, secret=sealed):
            raise SignInRefused
    uri = pyotp.TOTP(secret).provisioning_uri(name=found.login, issuer_name=ISSUER)
    return TotpStarted(secret=secret, uri=uri)
