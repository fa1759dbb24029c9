"""Make two channels one user, by the code that the other one gave out."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from api.call import Call, Errand
from api.leaving import give_up_seats, lock_out, out_of_place, requeue
from api.outbox import owe
from api.users.codes import code_hash
from api.users.link_start import channel_of
from api.users.second_factor import shown
from contracts.account_failures import CannotLink
from contracts.accounts import FinishLink, LinkAnswer, Linked, SecondFactorNeeded
from contracts.failures import AlreadyExists, Busy, NotFound
from contracts.kinds import Channel, LinkObstacle, Notice, Role, SignInWay
from contracts.notices import NewSignIn
from contracts.shapes import UserId
from contracts.users import User

FIND = text("""
    SELECT json_build_object('user', user_id, 'channel', channel, 'became', became, 'is_good', used_at IS NULL
      AND expires_at > now())::text
    FROM link_codes WHERE code_hash = :code_hash
""")
# The whole row: whatever refers to these people from now on waits until it is known who they are.
LOCK = text("SELECT id FROM users WHERE id = ANY (CAST(:people AS uuid[])) ORDER BY id FOR UPDATE")
STATE = text("SELECT link_state_v1(u)::text FROM users u WHERE u.id = :user")
MET = text("SELECT users_met_v1(:one, :other)")
MERGE = text("SELECT users_merge_v1(:gone, :kept)")
USE = text("UPDATE link_codes SET used_at = now(), became = :kept WHERE code_hash = :code_hash")
USER = text("SELECT user_reply_v1(u)::text FROM users u WHERE u.id = :user")


class Found(msgspec.Struct, frozen=True):
    """A code as the ledger has it."""

    user: UserId
    channel: Channel
    became: UserId | None
    is_good: bool


class State(msgspec.Struct, frozen=True):
    """What decides whether somebody can become another user: guests always, others while they have nothing yet."""

    is_welcome: bool
    is_gone: bool
    is_guest: bool
    has_nothing: bool


async def finish_link(errand: Errand, request: FinishLink) -> LinkAnswer:
    """The one user both channels lead to from now on; asked again by that user, the same.

    A guest becomes the other user, else whoever has nothing yet does: identities, demands, seats, words, deliveries and
    memberships move, the stricter restriction holds, and where the one who stays was sent away neither of them holds
    anything or sits any more; a guest's code and sessions end. `NotFound` for a code that is
    wrong, used, too old, from the same channel or of somebody banned, all alike; `AlreadyExists` where both are one user
    already; `CannotLink`. On the web `SecondFactorNeeded`, with nothing changed, where the one who stays has a second
    factor, and `SignInRefused` for a wrong code of it.
    """
    gate, kept_code = errand.gate, code_hash(request.code)
    async with errand.transaction() as call:
        me = call.me
    await gate.throttles.take("link", str(me), gate.code_tries)
    async with errand.transaction() as call:
        found = await call.one(FIND, Found, code_hash=kept_code)
        if found is not None and not found.is_good and found.became == call.me:
            return await _linked(call, call.me)
        if found is None or not found.is_good or found.channel is channel_of(errand):
            raise NotFound
        if found.user == call.me:
            raise AlreadyExists
        gone, kept = await _who_becomes_whom(call, found, kept_code)
        # Whoever holds one chat of an account has not shown its second factor, and neither has a session left open.
        if errand.session is not None and not await shown(call, kept, request.second_factor, errand.key):
            return SecondFactorNeeded()
        concerns = await lock_out(call, gone, Role.PROVIDER, Role.MODERATOR)
        await call.value(MERGE, gone=gone, kept=kept)
        # What was decided about the one who stays counts for what the other one had, too.
        ended = await out_of_place(call, kept, concerns)
        await requeue(call, ended)
        await give_up_seats(call, kept, ended)
        await call.run(USE, code_hash=kept_code, kept=kept)
        await call.audit(kept, merged=gone)
        await owe(call, [kept], Notice.NEW_SIGN_IN, NewSignIn(way=SignInWay.LINK))
        await gate.sessions.end_others(gone)
        if errand.session is None or call.me == kept:
            return await _linked(call, kept)
        token, session = await gate.sessions.open(kept, request.device)
        return await _linked(call, kept, token, session.expires_at)


async def _who_becomes_whom(call: Call, found: Found, kept_code: bytes) -> tuple[UserId, UserId]:
    """The emptied and the remaining user, both locked, read after the lock."""
    await call.db.execute(LOCK, {"people": [found.user, call.me]})
    # A twin, or somebody else with the same code, may have been quicker.
    now = await call.one(FIND, Found, code_hash=kept_code)
    other = await call.one(STATE, State, user=found.user)
    mine = await call.one(STATE, State, user=call.me)
    if mine is None or mine.is_gone or (now is not None and now.became == call.me):
        raise Busy(retry_after=0.1)  # and the next attempt is made as who one is by then
    if now is None or not now.is_good or other is None or other.is_gone or not (other.is_welcome and mine.is_welcome):
        raise NotFound
    if await call.value(MET, one=call.me, other=found.user):
        raise CannotLink(why=LinkObstacle.SAME_DEMAND)
    if mine.is_guest or (mine.has_nothing and not other.is_guest):
        return call.me, found.user
    if other.is_guest or other.has_nothing:
        return found.user, call.me
    raise CannotLink(why=LinkObstacle.TWO_ACCOUNTS)


async def _linked(call: Call, kept: UUID, token: str | None = None, expires_at: datetime | None = None) -> Linked:
    user = await call.one(USER, User, user=kept)
    if user is None:
        raise NotFound
    return Linked(user=user, token=token, expires_at=expires_at)
