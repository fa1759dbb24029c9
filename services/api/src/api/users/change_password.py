"""Choose another password."""

from contextlib import suppress

from sqlalchemy import text

from api.call import Errand
from api.passwords import ensure_strong
from contracts.account_failures import SignInRefused
from contracts.accounts import ChangePassword
from contracts.failures import Busy, NotSignedIn
from contracts.shapes import Done

KEPT = text("SELECT password_hash FROM credentials WHERE user_id = :me")
LOGIN = text("SELECT external_id FROM identities WHERE user_id = :me AND channel = 'web' ORDER BY id LIMIT 1")
CHANGE = text("""
    UPDATE credentials SET password_hash = :new, password_changed_at = now()
    WHERE user_id = :me AND password_hash = :kept
""")


async def change_password(errand: Errand, request: ChangePassword) -> Done:
    """Done, and every session but this one is over. `SignInRefused` for a wrong present password; `WeakPassword`."""
    if errand.session is None:
        raise NotSignedIn
    gate = errand.gate
    # By session: somebody in one that was left open does not shut out the owner in another.
    await gate.throttles.take("password", str(errand.session.id), gate.password_tries)
    async with errand.transaction() as call:
        me, kept, login = call.me, await call.value(KEPT, me=call.me), await call.value(LOGIN, me=call.me)
    if not await gate.passwords.matches(kept, request.current):
        # Whoever asks again because no answer came has changed it already.
        if kept is not None and await gate.passwords.matches(kept, request.new):
            return Done()
        raise SignInRefused
    ensure_strong(request.new, login or "")
    new = await gate.passwords.hash(request.new)
    async with errand.transaction() as call:
        # Waits for sign-ins with the old one that are under way, and ends what they opened.
        if not await call.run(CHANGE, me=me, kept=kept, new=new):
            raise SignInRefused
        await gate.sessions.end_others(me, errand.session.id)
        await call.audit(me)
    with suppress(Busy):  # it is changed: what is left is a longer count of tries
        await gate.throttles.forget("password", str(errand.session.id))
    return Done()
