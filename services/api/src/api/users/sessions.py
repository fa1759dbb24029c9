"""Where the actor is signed in."""

from api.call import Errand
from contracts.accounts import ListSessions, Session, Sessions


async def list_sessions(errand: Errand, _: ListSessions) -> Sessions:
    """The actor's own sessions, the last used first; never a token, nor what is kept of one."""
    async with errand.transaction() as call:
        me = call.me
    found = await errand.gate.sessions.of(me)
    here = errand.session.id if errand.session else None
    return Sessions(
        items=[
            Session(
                id=each.id,
                device=each.device,
                created_at=each.created_at,
                seen_at=each.seen_at,
                expires_at=each.expires_at,
                is_current=each.id == here,
            )
            for each in found
        ]
    )
