"""Show how a person can be reached."""

from sqlalchemy import text

from api.call import Call
from api.users.standing import require_right_over
from contracts.failures import NotFound
from contracts.people import Unmasked, UnmaskUser

UNMASK = text("""
    SELECT json_build_object('user', u.id, 'phone', u.phone, 'identities', (
      SELECT coalesce(json_agg(json_build_object('channel', i.channel, 'external_id', i.external_id,
        'username', i.username) ORDER BY i.created_at, i.id), '[]') FROM identities i WHERE i.user_id = u.id))::text
    FROM users u WHERE u.id = :user AND u.erased_at IS NULL
""")


async def unmask_user(call: Call, request: UnmaskUser) -> Unmasked:
    """Every identity and the phone; who looked and why is on record, what they saw is not."""
    await require_right_over(call, request.user)
    found = await call.one(UNMASK, Unmasked, user=request.user)
    if found is None:
        raise NotFound
    await call.audit(request.user, reason=request.reason)
    return found
