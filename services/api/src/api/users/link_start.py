"""Ask for a code that makes two channels one user."""

from datetime import datetime

from sqlalchemy import text

from api.actors import Person
from api.call import Errand
from api.users.codes import LINK_GROUPS, code_hash, new_code
from api.users.second_factor import shown
from contracts.accounts import LinkStart, LinkStarted, SecondFactorNeeded, StartLink
from contracts.kinds import Channel

KEEP = text("""
    INSERT INTO link_codes (user_id, code_hash, channel, expires_at)
    VALUES (:me, :code_hash, :channel, now() + make_interval(secs => :seconds))
    ON CONFLICT (user_id) DO UPDATE SET code_hash = excluded.code_hash, channel = excluded.channel,
      expires_at = excluded.expires_at, used_at = NULL, became = NULL
    RETURNING expires_at
""")


async def start_link(errand: Errand, request: StartLink) -> LinkStart:
    """A code to show in the other channel within ten minutes; an earlier one is void.

    `SecondFactorNeeded` in a session of somebody who has one, `SignInRefused` for a wrong code of it.
    """
    async with errand.transaction() as call:
        me = call.me
    await errand.gate.throttles.take("link_start", str(me), errand.gate.code_tries)
    code = new_code(LINK_GROUPS)
    async with errand.transaction() as call:
        if errand.session is not None and not await shown(call, call.me, request.second_factor, errand.key):
            return SecondFactorNeeded()
        expires_at: datetime = await call.value(
            KEEP,
            me=call.me,
            code_hash=code_hash(code),
            channel=channel_of(errand).value,
            seconds=errand.settings.link_code_minutes * 60,
        )
    return LinkStarted(code=code, expires_at=expires_at)


def channel_of(errand: Errand) -> Channel:
    """By which channel the actor came."""
    return errand.actor.channel if isinstance(errand.actor, Person) else Channel.WEB
