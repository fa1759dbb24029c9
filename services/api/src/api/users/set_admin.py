"""Make a person an admin, or an admin no longer one."""

from sqlalchemy import text

from api.call import Call
from api.leaving import give_up_seats, lock_out
from api.outbox import owe
from api.users.standing import hold_admins, line_of, require_another_admin, require_person
from contracts.failures import AlreadyExists, NotFound
from contracts.kinds import Notice, Role
from contracts.notices import AdminChanged
from contracts.people import PersonLine, SetAdmin

SET = text("UPDATE users SET is_admin = :is_admin WHERE id = :user")
MODERATED = text("SELECT moderated_v1(:user)")


async def set_admin(call: Call, request: SetAdmin) -> PersonLine:
    """The person as they are now, told so.

    Who is no admin any more leaves the demands where they sat as one. `AlreadyExists` when it is so already,
    `NotFound` for who is banned, `LastAdmin` when nobody else would be left.
    """
    await hold_admins(call)
    concerns = await lock_out(call, request.user, *(() if request.is_admin else (Role.MODERATOR,)))
    person = await require_person(call, request.user)
    if person.banned:
        raise NotFound
    if person.is_admin == request.is_admin:
        raise AlreadyExists
    left = 0
    if not request.is_admin:
        await require_another_admin(call, request.user)
        own = set((await call.db.execute(MODERATED, {"user": request.user})).scalars())
        left = await give_up_seats(call, request.user, [one for one in concerns if one.scenario not in own])
    await call.run(SET, user=request.user, is_admin=request.is_admin)
    if call.user is None or call.user.id != request.user:
        await owe(call, [request.user], Notice.ADMIN_CHANGED, AdminChanged(is_admin=request.is_admin))
    await call.audit(request.user, is_admin=request.is_admin, left=left)
    return await line_of(call, request.user)
