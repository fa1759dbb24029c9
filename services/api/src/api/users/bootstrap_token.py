"""One-time tokens that make an admin; issued by whoever runs the machine, never over the wire."""

import hashlib
import secrets

from api.ledger import connect

LIFE_MINUTES = 30

ISSUE = """
    INSERT INTO bootstrap_tokens (token_hash, expires_at) VALUES ($1, now() + make_interval(mins => $2))
"""


def token_hash(token: str) -> bytes:
    """What the ledger keeps of a token; 128 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()


async def issue_bootstrap_token(url: str) -> str:
    """A token good for one use within `LIFE_MINUTES` minutes, fit for a Telegram start link."""
    token = secrets.token_urlsafe(16)
    connection = await connect(url)
    try:
        await connection.execute(ISSUE, token_hash(token), LIFE_MINUTES)
    finally:
        await connection.close()
    return token
