"""Word of a ban that is still on its way: of what somebody is now one notice says enough, and that is the newest."""

from uuid import UUID

from sqlalchemy import text

from api.call import Call
from contracts.shapes import UserId

ON_ITS_WAY = text("SELECT id FROM deliveries WHERE recipient_id = :user AND notice = 'banned' AND status = 'pending'")
OUTDATED = text("""
    UPDATE deliveries SET status = 'withdrawn', settled_at = now(), reason = 'outdated'
    WHERE id = ANY (CAST(:words AS uuid[])) AND status = 'pending'
""")


async def word_on_its_way(call: Call, user: UserId) -> list[UUID]:
    """Notices of a ban that nobody has begun to send. Needs the person's lock, under which alone they are owed."""
    return list((await call.db.execute(ON_ITS_WAY, {"user": user})).scalars())


async def withdraw_word(call: Call, words: list[UUID]) -> None:
    """Take these back, unless they are being sent by now. After `owe`, which holds the chat before its deliveries."""
    await call.run(OUTDATED, words=words)
