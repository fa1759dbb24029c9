"""End one of the actor's sessions."""

from api.call import Errand
from contracts.accounts import RevokeSession
from contracts.failures import NotFound
from contracts.shapes import Done


async def revoke_session(errand: Errand, request: RevokeSession) -> Done:
    """Done, also when asked again under its key; `NotFound` for a session that is over or another's, both alike."""
    async with errand.transaction() as call:
        me = call.me
    if not await errand.gate.sessions.end(me, request.session, errand.key):
        raise NotFound
    return Done()
