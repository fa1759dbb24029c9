"""A key names a wish: granted once, answered alike each time."""

import hashlib
from dataclasses import asdict, dataclass

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import wire
from contracts.failures import Busy, KeyReused

COME_BACK_SECONDS = 0.1

FIND = text("SELECT body_hash, reply FROM idempotency WHERE actor = :actor AND operation = :operation AND key = :key")

# Somebody linked to another user while their call waited acts as that one from now on: nothing is kept of this attempt.
KEEP = text("""
    INSERT INTO idempotency (actor, operation, key, body_hash, reply)
    SELECT :actor, :operation, :key, :body_hash, :reply
    WHERE NOT EXISTS (SELECT FROM users u WHERE u.merged_into IS NOT NULL
      AND u.id = CASE WHEN :actor LIKE 'operator:%' THEN NULL ELSE CAST(:actor AS uuid) END)
""")


def body_hash(request: object) -> int:
    """A signed 64-bit digest of a request, the same for the same content however it was spelled."""
    content = msgspec.json.encode(request, order="deterministic")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a key stands for: who asked for what, word for word."""

    actor: str
    operation: str
    key: str
    body_hash: int


async def find_answer(db: AsyncConnection, wish: Wish) -> str | None:
    """The answer this key got before, as JSON; None when it is new, `KeyReused` when it belonged to another request."""
    row = (await db.execute(FIND, {"actor": wish.actor, "operation": wish.operation, "key": wish.key})).one_or_none()
    if row is None:
        return None
    if row.body_hash != wish.body_hash:
        raise KeyReused
    reply: str = row.reply
    return reply


async def keep_answer(db: AsyncConnection, wish: Wish, reply: object) -> None:
    """Remember the answer with its effect; a twin that was quicker makes this raise a unique violation.

    `Busy` undoes the effect where the actor is another user meanwhile; the next attempt is made as that one.
    """
    kept = await db.execute(KEEP, {**asdict(wish), "reply": wire.encode(reply).decode()})
    if not kept.rowcount:
        raise Busy(retry_after=COME_BACK_SECONDS)
