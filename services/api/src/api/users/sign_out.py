"""End the session one is in."""

from api.call import Errand
from contracts.accounts import SignOut
from contracts.shapes import Done


async def sign_out(errand: Errand, _: SignOut) -> Done:
    """Done, also where the session was over already, and for who is banned: a token left behind serves nobody."""
    if errand.session is not None:
        await errand.gate.sessions.end(errand.session.user, errand.session.id, errand.key)
    return Done()
