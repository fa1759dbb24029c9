"""A group got another address."""

from sqlalchemy import text

from api.call import Call
from contracts.chats import MigrateChat
from contracts.shapes import Done

MIGRATE = text("SELECT migrate_chat_v1(:old, :moved_to, :trace)")


async def migrate_chat(call: Call, request: MigrateChat) -> Done:
    """Done, also for a group nobody bound; cards of what goes on are made anew there."""
    await call.value(MIGRATE, old=request.address, moved_to=request.moved_to, trace=call.traceparent)
    return Done()
