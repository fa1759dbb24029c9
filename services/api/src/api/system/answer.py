"""What became of a call whose answer got lost."""

import msgspec
from sqlalchemy import text

from api.actors import Operator
from api.call import Call
from contracts.system import Answer, GetAnswer

FIND = text("SELECT reply FROM idempotency WHERE actor = :actor AND operation = :operation AND key = :key")


async def answer(call: Call, request: GetAnswer) -> Answer:
    """The answer the actor's own call got, or that there is none."""
    actor = f"operator:{call.actor.name}" if isinstance(call.actor, Operator) else str(call.me)
    reply = await call.value(FIND, actor=actor, operation=request.operation, key=request.key)
    return Answer(done=reply is not None, reply=None if reply is None else msgspec.json.decode(reply))
