"""Who was forgotten is still recognised, by a digest nobody can turn back, so that a ban outlives it."""

import hashlib
import hmac

from sqlalchemy import text

from api.call import Call
from contracts.failures import Banned
from contracts.kinds import Channel

KEY = text("SELECT key FROM digest_keys WHERE purpose = 'erased'")
BANNED = text("""
    SELECT EXISTS (SELECT FROM erased_identities e JOIN users u ON u.id = e.user_id
      WHERE e.digest = :digest AND u.banned_at IS NOT NULL)
""")


async def digest_of(call: Call, channel: Channel, external_id: str) -> bytes:
    """The digest of an identity, under the ledger's key and that of the settings together."""
    ledgers: bytes = await call.value(KEY)
    key = hmac.digest(ledgers, call.settings.erased_digest_key.get_secret_value().encode(), "sha256")
    return hmac.digest(key, f"{channel.value}:{external_id}".encode(), hashlib.sha256)


async def refuse_banned(call: Call, channel: Channel, external_id: str) -> None:
    """Go on for an identity seen for the first time; `Banned` when it belonged to somebody forgotten and banned."""
    if await call.value(BANNED, digest=await digest_of(call, channel, external_id)):
        raise Banned
