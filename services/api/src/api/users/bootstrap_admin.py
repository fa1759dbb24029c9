"""Make the first admin by a one-time token."""

from sqlalchemy import text

from api.call import Call
from api.users.bootstrap_token import token_hash
from contracts.failures import NotFound
from contracts.users import BootstrapAdmin, User

USE = text("""
    UPDATE bootstrap_tokens SET used_at = now()
    WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > now()
""")
PROMOTE = text("UPDATE users u SET is_admin = true WHERE u.id = :me RETURNING user_reply_v1(u)::text")


async def bootstrap_admin(call: Call, request: BootstrapAdmin) -> User:
    """The actor, now an admin; `NotFound` for a token that is wrong, used or too old, all alike."""
    if not await call.run(USE, token_hash=token_hash(request.token)):
        raise NotFound
    user = await call.one(PROMOTE, User, me=call.me)
    if user is None:
        raise NotFound
    await call.audit(user.id)
    return user
