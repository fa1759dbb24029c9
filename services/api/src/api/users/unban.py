"""Let a banned person in again."""

from sqlalchemy import text

from api.call import Call
from api.leaving import lock_people
from api.outbox import owe
from api.users.standing import line_of, standing_of
from api.users.word_of_ban import withdraw_word, word_on_its_way
from contracts.failures import AlreadyExists
from contracts.kinds import Notice
from contracts.notices import NoData
from contracts.people import PersonLine, UnbanUser

UNBAN = text("UPDATE users SET banned_at = NULL WHERE id = :user")


async def unban_user(call: Call, request: UnbanUser) -> PersonLine:
    """The person, told that they are welcome again; `AlreadyExists` when they are not banned.

    Word of the ban that is not sent yet is withdrawn: it would come when it is no longer true.
    """
    await lock_people(call, request.user)
    if not (await standing_of(call, request.user)).banned:
        raise AlreadyExists
    await call.run(UNBAN, user=request.user)
    before = await word_on_its_way(call, request.user)
    await owe(call, [request.user], Notice.UNBANNED, NoData())
    await withdraw_word(call, before)
    await call.audit(request.user, reason=request.reason)
    return await line_of(call, request.user)
