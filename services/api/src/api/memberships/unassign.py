"""End a membership."""

from sqlalchemy import text

from api.call import Call
from api.leaving import give_up_seats, lock_out, out_of_place, requeue
from api.memberships.rights import require_over
from api.memberships.telling import notice_of, record_changed
from api.outbox import owe
from contracts.failures import NotFound
from contracts.kinds import MembershipKind, Notice, Role
from contracts.memberships import Membership, UnassignMembership

REMOVE = text("""
    UPDATE memberships m SET state = 'removed', paused_until = NULL, changed_at = now()
    WHERE m.user_id = :user AND m.scenario_id = :scenario AND m.kind = :kind AND m.state IN ('applied', 'live')
    RETURNING membership_reply_v1(m)::text
""")


async def unassign_membership(call: Call, request: UnassignMembership) -> Membership:
    """The ended membership, told to the member unless it was their own wish.

    What they held in the scenario waits again without blame. As a moderator they leave every demand where nothing else lets
    them sit, also one that moved here or away since they sat down, and what they took over waits again unless they are a
    provider, too; an admin's right keeps them in both. `NotFound` when there is nothing to end, `Forbidden` for who may not.
    """
    user = request.user or call.me
    provides = request.kind is MembershipKind.PROVIDER
    roles = (Role.PROVIDER,) if provides else (Role.PROVIDER, Role.MODERATOR)
    concerns = await lock_out(call, user, *roles, scenario=request.scenario if provides else None)
    await require_over(call, user, request.scenario, request.kind)
    removed = await call.one(REMOVE, Membership, user=user, scenario=request.scenario, kind=request.kind.value)
    if removed is None:
        raise NotFound
    ended = concerns if provides else await out_of_place(call, user, concerns)
    requeued, left = await requeue(call, ended), await give_up_seats(call, user, ended)
    if call.user is None or user != call.user.id:
        await owe(call, [user], Notice.MEMBERSHIP_CHANGED, notice_of(removed))
        await call.audit(user, scenario=removed.scenario, kind=removed.kind, requeued=requeued, left=left)
    await record_changed(call, removed)
    return removed
