"""Who was forgotten is still recognised, by a digest nobody can turn back, so that a ban outlives it."""

import hashlib
import hmac

from sqlalchemy import text

from api.actors import Person, SessionHolder
from api.call import Call
from contracts.failures import Banned, Forbidden
from contracts.kinds import Channel

KEY = text("SELECT key FROM digest_keys WHERE purpose = 'erased'")
BANNED = text("""
    SELECT EXISTS (SELECT FROM erased_identities e JOIN users u ON u.id = e.user_id
      WHERE e.digest = :digest AND u.banned_at IS NOT NULL)
""")


async def digest_of(call: Call, channel: Channel, external_id: str) -> bytes:
    """The digest of an identity, under the ledger's key and that of the settings together."""
    return await _digest(call, f"{channel.value}:{external_id}")


async def wish_of(call: Call, key: str) -> bytes:
    """The same of who asks, as they were named, and the key they ask under; `Forbidden` for who is no person."""
    match call.actor:
        case Person(channel, external_id):
            return await _digest(call, f"{call.operation} {channel.value}:{external_id} {key}")
        case SessionHolder(digest):
            return await _digest(call, f"{call.operation} session:{digest} {key}")
        case _:
            raise Forbidden


async def refuse_banned(call: Call, channel: Channel, external_id: str) -> None:
    """Go on for an identity seen for the first time; `Banned` when it belonged to somebody forgotten and banned."""
    if await call.value(BANNED, digest=await digest_of(call, channel, external_id)):
        raise Banned


async def _digest(call: Call, text_of_it: str) -> bytes:
    ledgers: bytes = await call.value(KEY)
    key = hmac.digest(ledgers, call.settings.erased_digest_key.get_secret_value().encode(), "sha256")
    return hmac.digest(key, text_of_it.encode(), hashlib.sha256)
