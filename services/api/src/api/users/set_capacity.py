"""How many demands a person may hold at once."""

from sqlalchemy import text

from api.call import Call
from api.leaving import lock_people
from api.outbox import owe
from api.users.standing import line_of, require_person
from contracts.kinds import Notice
from contracts.notices import CapacityChanged
from contracts.people import PersonLine, SetCapacity

SET = text("UPDATE users SET capacity = :capacity WHERE id = :user AND capacity <> :capacity")


async def set_capacity(call: Call, request: SetCapacity) -> PersonLine:
    """The person, told when it changed; what they hold above it they keep, and get no more until there is room."""
    await lock_people(call, request.user)
    await require_person(call, request.user)
    changed = await call.run(SET, user=request.user, capacity=request.capacity)
    if changed and (call.user is None or call.user.id != request.user):
        await owe(call, [request.user], Notice.CAPACITY_CHANGED, CapacityChanged(capacity=request.capacity))
    await call.audit(request.user, capacity=request.capacity)
    return await line_of(call, request.user)
