"""Ask for a code that makes two channels one user."""

from datetime import datetime

from sqlalchemy import text

from api.actors import Person
from api.call import Errand
from api.users.codes import LINK_GROUPS, code_hash, new_code
from contracts.accounts import LinkStarted, StartLink
from contracts.kinds import Channel

KEEP = text("""
    INSERT INTO link_codes (user_id, code_hash, channel, expires_at)
    VALUES (:me, :code_hash, :channel, now() + make_interval(secs => :seconds))
    ON CONFLICT (user_id) DO UPDATE SET code_hash = excluded.code_hash, channel = excluded.channel,
      expires_at = excluded.expires_at, used_at = NULL, became = NULL
    RETURNING expires_at
""")


async def start_link(errand: Errand, _: StartLink) -> LinkStarted:
    """A code to show in the other channel within ten minutes; an earlier one is void."""
    async with errand.transaction() as call:
        me = call.me
    await errand.gate.throttles.take("link_start", str(me), errand.gate.code_tries)
    code = new_code(LINK_GROUPS)
    async with errand.transaction() as call:
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
