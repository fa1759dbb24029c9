"""Forget the actor."""

from sqlalchemy import text

from api.call import Call, Errand
from api.leaving import end, give_up_seats, lock_out, requeue
from api.users.erased import digest_of, wish_of
from api.users.standing import hold_admins, require_another_admin, standing_of
from contracts.failures import Busy, NotSignedIn
from contracts.kinds import Channel, CloseReason, Role
from contracts.own_data import Erased, EraseMe

IDENTITIES = text("SELECT channel, external_id FROM identities WHERE user_id = :me")
REMEMBER = text("INSERT INTO erased_identities (digest, user_id) VALUES (:digest, :me)")
FORGET = (text("SELECT forget_words_v1(:me)"), text("SELECT forget_person_v1(:me)"))
ERASED_BY = text("UPDATE users SET erased_by = :wish WHERE id = :me")
BEFORE = text("""
    SELECT a.detail::text FROM users u JOIN audit a ON a.subject_id = u.id AND a.operation = 'users.erase_me'
    WHERE u.erased_by = :wish AND u.erased_at > now() - make_interval(days => :days)
""")


async def erase_me(errand: Errand, _: EraseMe) -> Erased:
    """Nothing is left that leads to the actor or repeats what they wrote; `LastAdmin` for the only admin.

    Their demands end as cancelled, what they hold waits for another, both told to those concerned. Ids stay on record,
    a digest by which a ban is still known, and one of this wish: asked again under its key, because no answer came, it is
    answered alike.
    """
    async with errand.transaction() as call:
        return await erased_before(call, errand.key) or await _erase(call, errand.key)


async def erased_before(call: Call, key: str) -> Erased | None:
    """What the same actor was answered under the same key, as long as keys are remembered."""
    return await call.one(BEFORE, Erased, wish=await wish_of(call, key), days=call.settings.key_retention_days)


async def _erase(call: Call, key: str) -> Erased:
    me, wish = call.me, await wish_of(call, key)
    if call.is_admin:
        await hold_admins(call)
    concerns = await lock_out(call, me, Role.PROVIDER, Role.REQUESTER, Role.MODERATOR, drafts=True)
    person = await standing_of(call, me)
    if person.merged:
        raise Busy(retry_after=0.1)  # linked this instant: the next attempt is made as who one is by then
    if person.erased:
        raise NotSignedIn  # by another call, for which this one waited
    if person.is_admin:
        if not call.is_admin:
            raise Busy(retry_after=0.1)  # made one this instant: begin again, with the admins held
        await require_another_admin(call, me)
    requeued = await requeue(call, concerns)
    closed = await end(call, me, concerns, CloseReason.CANCELLED)
    await give_up_seats(call, me, concerns)
    for channel, external_id in (await call.db.execute(IDENTITIES, {"me": me})).all():
        await call.run(REMEMBER, me=me, digest=await digest_of(call, Channel(channel), external_id))
    for statement in FORGET:
        await call.value(statement, me=me)
    await call.run(ERASED_BY, me=me, wish=wish)
    await call.gate.sessions.end_others(me)
    await call.audit(me, closed=closed, requeued=requeued)
    return Erased(closed=closed, requeued=requeued)
