"""A session for somebody who has shown who they are: the last step of every way in."""

from uuid import UUID

from sqlalchemy import text

from api.call import Call
from api.outbox import owe
from contracts.account_failures import SignInRefused
from contracts.accounts import SignedIn
from contracts.kinds import Notice, SignInWay
from contracts.notices import NewSignIn
from contracts.users import User

LET_IN = text("""
    SELECT user_reply_v1(u)::text FROM users u
    WHERE u.id = :user AND u.banned_at IS NULL AND u.merged_into IS NULL AND u.erased_at IS NULL
""")


async def opened(call: Call, user: UUID, device: str, way: SignInWay | None) -> SignedIn:
    """A new session of a user, who is told of it where a channel reaches them; `way` None tells nobody.

    `SignInRefused` for who is banned or erased, with the words for everybody else who is not let in. The session is there
    before the transaction ends, so that a change of the password waits for it and ends it, too.
    """
    reply = await call.one(LET_IN, User, user=user)
    if reply is None:
        raise SignInRefused
    if way is not None:
        await owe(call, [user], Notice.NEW_SIGN_IN, NewSignIn(way=way))
    token, session = await call.gate.sessions.open(reply.id, device)
    return SignedIn(token=token, expires_at=session.expires_at, user=reply)
