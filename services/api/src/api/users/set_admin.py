"""Make a person an admin, or an admin no longer one."""

from sqlalchemy import text

from api.call import Call
from api.leaving import give_up_seats, lock_out, out_of_place, requeue
from api.outbox import owe
from api.users.standing import hold_admins, line_of, require_another_admin, require_person
from contracts.failures import AlreadyExists, NotFound
from contracts.kinds import Notice, Role
from contracts.notices import AdminChanged
from contracts.people import PersonLine, SetAdmin

SET = text("UPDATE users SET is_admin = :is_admin WHERE id = :user")


async def set_admin(call: Call, request: SetAdmin) -> PersonLine:
    """The person as they are now, told so.

    Who is no admin any more leaves the demands where they sat as one, and what they took over waits again without blame;
    what they may go on with as a moderator or a provider of the scenario stays theirs. `AlreadyExists` when it is so
    already, `NotFound` for who is banned, `LastAdmin` when nobody else would be left.
    """
    await hold_admins(call)
    concerns = await lock_out(call, request.user, *(() if request.is_admin else (Role.PROVIDER, Role.MODERATOR)))
    person = await require_person(call, request.user)
    if person.banned:
        raise NotFound
    if person.is_admin == request.is_admin:
        raise AlreadyExists
    if not request.is_admin:
        await require_another_admin(call, request.user)
    await call.run(SET, user=request.user, is_admin=request.is_admin)
    ended = await out_of_place(call, request.user, concerns)
    requeued, left = await requeue(call, ended), await give_up_seats(call, request.user, ended)
    if call.user is None or call.user.id != request.user:
        await owe(call, [request.user], Notice.ADMIN_CHANGED, AdminChanged(is_admin=request.is_admin))
    await call.audit(request.user, is_admin=request.is_admin, requeued=requeued, left=left)
    return await line_of(call, request.user)
