"""Come in by what Telegram says of somebody."""

from uuid import UUID

import msgspec
from sqlalchemy import text

from api.call import Call, Errand
from api.users.erased import refuse_banned
from api.users.opening import opened
from api.users.second_factor import use_code
from contracts.account_failures import SignInRefused
from contracts.accounts import SecondFactorNeeded, SignInAnswer, SignInTelegram
from contracts.failures import Banned
from contracts.kinds import Channel, SignInWay
from contracts.users import Me

KNOWN = text("""
    SELECT json_build_object('user', i.user_id, 'has_totp', c.totp_secret IS NOT NULL)::text
    FROM identities i LEFT JOIN credentials c ON c.user_id = i.user_id
    WHERE i.channel = 'telegram' AND i.external_id = :id
""")
ENTER = text("SELECT users_enter_v1(:channel, :external_id, :display_name, :username, :locale, :trace)")


class Known(msgspec.Struct, frozen=True):
    """Whom a Telegram account leads to."""

    user: UUID
    has_totp: bool


async def sign_in_telegram(errand: Errand, request: SignInTelegram) -> SignInAnswer:
    """A new session of the user behind the Telegram account, made if nobody is; or `SecondFactorNeeded`.

    The token is good for one call, and for that call asked again under its key; one that waits for a second factor is
    not used yet. `SignInRefused` for any that is not the issuer's own, for us, fresh and asked for by the same browser,
    and for somebody banned; `Forbidden` where signing in with Telegram is switched off.
    """
    gate = errand.gate
    person = await gate.telegram.person(request.id_token, request.nonce)
    async with errand.transaction() as call:
        known = await call.one(KNOWN, Known, id=person.id)
    if known is not None and known.has_totp:
        if request.code is None:
            return SecondFactorNeeded()
        await gate.throttles.take("code", f"telegram {person.id}", gate.code_tries)
    await gate.telegram.burn(person, errand.key)
    async with errand.transaction() as call:
        if known is None:
            me = await call.one(
                ENTER, Me, channel=Channel.TELEGRAM.value, external_id=person.id, display_name=person.name,
                username=person.username, locale=request.locale, trace=call.traceparent,
            )  # fmt: skip
            if me is None:
                raise SignInRefused
            user: UUID = me.user.id
            if me.is_new:
                await _refuse_forgotten(call, person.id)
        else:
            user = known.user
        await use_code(call, user, request.code or "", errand.key)
        return await opened(call, user, request.device, SignInWay.TELEGRAM)


async def _refuse_forgotten(call: Call, external_id: str) -> None:
    """Go on unless the account belonged to somebody forgotten and banned, who is not let in like any other."""
    try:
        await refuse_banned(call, Channel.TELEGRAM, external_id)
    except Banned:
        raise SignInRefused from None
