"""Keep a person out."""

from contextlib import suppress

from sqlalchemy import text

from api.call import Call
from api.leaving import end, give_up_seats, lock_out, requeue
from api.outbox import owe
from api.users.standing import hold_admins, line_of, require_another_admin, standing_of
from api.users.word_of_ban import withdraw_word, word_on_its_way
from contracts.failures import AlreadyExists, Busy, NotFound
from contracts.kinds import CloseReason, Notice, Role
from contracts.notices import NoData
from contracts.people import BanUser, PersonLine

BAN = text("UPDATE users u SET banned_at = now() WHERE u.id = :user")
WITHDRAW = text("""
    UPDATE deliveries SET status = 'withdrawn', settled_at = now(), reason = 'banned'
    WHERE recipient_id = :user AND status = 'pending' AND notice IS DISTINCT FROM 'banned'
""")


async def ban_user(call: Call, request: BanUser) -> PersonLine:
    """The banned person: nothing is owed to them any more but word of it.

    What they held waits again without blame, what they asked for is closed as moderated, where they sat as a moderator
    they have left. `AlreadyExists` the second time, `LastAdmin` when nobody else could undo it, `NotFound` for who is
    another user by now: that one is to be banned.
    """
    await hold_admins(call)
    concerns = await lock_out(call, request.user, Role.PROVIDER, Role.REQUESTER, Role.MODERATOR)
    person = await standing_of(call, request.user)
    if person.merged:
        raise NotFound
    if person.banned:
        raise AlreadyExists
    if person.is_admin:
        await require_another_admin(call, request.user)
    await call.run(BAN, user=request.user)
    requeued = await requeue(call, concerns)
    closed = await end(call, request.user, concerns, CloseReason.MODERATED)
    left = await give_up_seats(call, request.user, concerns)
    before = await word_on_its_way(call, request.user)
    # The notice first: it holds the chat's reachability, which whoever refuses the others takes before them.
    await owe(call, [request.user], Notice.BANNED, NoData())
    await call.run(WITHDRAW, user=request.user)
    await withdraw_word(call, before)
    with suppress(Busy):  # rights are read anew for every call: a session that outlives this opens nothing
        await call.gate.sessions.end_others(request.user)
    await call.audit(request.user, reason=request.reason, requeued=requeued, closed=closed, left=left)
    return await line_of(call, request.user)
