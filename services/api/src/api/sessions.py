"""Sessions: who is signed in where. Kept under a hash of their token; what their user may do is never kept with them."""

import hashlib
import secrets
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec

from api.scripts import NOW, Run, Script
from contracts.shapes import SessionId, UserId

DAY_MS = 86_400_000
# Milliseconds. When a session was last used is written down at most this often.
TOUCH_MS = 60_000
# As many places as one person can be signed in at; of more, the one unused for longest ends.
MOST = 50

FIELDS = "'id', 'user', 'device', 'created', 'seen', 'expires'"

OPEN = Script(
    "session.open",
    NOW
    + """
    local prefix, id, user, device, digest = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
    local idle, absolute, most = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
    redis.call('HSET', KEYS[1], 'id', id, 'user', user, 'device', device, 'created', now, 'seen', now, 'expires', now + absolute)
    redis.call('PEXPIRE', KEYS[1], math.min(idle, absolute))
    redis.call('ZADD', KEYS[3], now + math.min(idle, absolute), digest)
    local oldest, oldest_seen, living = nil, nil, 0
    local known = redis.call('HGETALL', KEYS[2])
    for at = 1, #known, 2 do
        local seen = tonumber(redis.call('HGET', prefix .. known[at + 1], 'seen') or '')
        if not seen then
            redis.call('HDEL', KEYS[2], known[at])
        else
            living = living + 1
            if not oldest or seen < oldest_seen then oldest, oldest_seen = at, seen end
        end
    end
    if oldest and living >= most then
        redis.call('DEL', prefix .. known[oldest + 1])
        redis.call('ZREM', KEYS[3], known[oldest + 1])
        redis.call('HDEL', KEYS[2], known[oldest])
    end
    redis.call('HSET', KEYS[2], id, digest)
    -- Never shortened: it lists sessions of a time when they lasted longer.
    if redis.call('PTTL', KEYS[2]) < absolute then redis.call('PEXPIRE', KEYS[2], absolute) end
    return now
    """,
)

FIND = Script(
    "session.find",
    NOW
    + f"""
    local found = redis.call('HMGET', KEYS[1], {FIELDS})
    if not found[1] then return nil end
    local idle, touch = tonumber(ARGV[1]), tonumber(ARGV[2])
    local seen, expires = tonumber(found[5]), math.min(tonumber(found[6]), tonumber(found[4]) + tonumber(ARGV[4]))
    found[6] = string.format('%.0f', expires)
    if now >= expires or now - seen >= idle then
        redis.call('DEL', KEYS[1])
        redis.call('ZREM', KEYS[2], ARGV[3])
        return nil
    end
    if now - seen >= touch then
        redis.call('HSET', KEYS[1], 'seen', now)
        redis.call('PEXPIRE', KEYS[1], math.min(idle, expires - now))
        redis.call('ZADD', KEYS[2], now + math.min(idle, expires - now), ARGV[3])
    end
    return found
    """,
)

LIST = Script(
    "session.list",
    NOW
    + f"""
    local known = redis.call('HGETALL', KEYS[1])
    local found = {{}}
    for at = 1, #known, 2 do
        local one = redis.call('HMGET', ARGV[1] .. known[at + 1], {FIELDS})
        if not one[1] then
            redis.call('HDEL', KEYS[1], known[at])
        else
            local expires = math.min(tonumber(one[6]), tonumber(one[4]) + tonumber(ARGV[2]))
            one[6] = string.format('%.0f', expires)
            if now < expires then found[#found + 1] = one end
        end
    end
    return found
    """,
)

END = Script(
    "session.end",
    """
    local digest = redis.call('HGET', KEYS[1], ARGV[2])
    if not digest then return redis.call('GET', KEYS[3]) == ARGV[3] and 1 or 0 end
    redis.call('HDEL', KEYS[1], ARGV[2])
    redis.call('ZREM', KEYS[2], digest)
    local ended = redis.call('DEL', ARGV[1] .. digest)
    if ended == 1 then redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4]) end
    return ended
    """,
)

END_OTHERS = Script(
    "session.end_others",
    """
    local known = redis.call('HGETALL', KEYS[1])
    local ended = 0
    for at = 1, #known, 2 do
        if known[at] ~= ARGV[2] then
            ended = ended + redis.call('DEL', ARGV[1] .. known[at + 1])
            redis.call('HDEL', KEYS[1], known[at])
            redis.call('ZREM', KEYS[2], known[at + 1])
        end
    end
    return ended
    """,
)

# Those that ran out are dropped on the way, however they ended: the number is right without looking at each.
COUNT = Script(
    "session.count",
    NOW
    + """
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    return redis.call('ZCARD', KEYS[1])
    """,
)

PREFIX = "api:session:"
# Every session by when it ends unless it is used.
ENDS = "api:session_ends"


class OpenSession(msgspec.Struct, frozen=True):
    """A session as it is kept; its token is not."""

    id: SessionId
    user: UserId
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def digest_of(token: str) -> str:
    """What is kept of a token; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """Every session of the installation. Each method raises `Busy` where the store is away: nobody comes in unseen."""

    def __init__(self, run: Run, *, idle_days: float, absolute_days: float) -> None:
        self._run = run
        self._idle_ms = int(idle_days * DAY_MS)
        self._absolute_ms = int(absolute_days * DAY_MS)

    async def open(self, user: UserId, device: str) -> tuple[str, OpenSession]:
        """A new session and its token of 256 random bits, which exists nowhere else."""
        token, session = secrets.token_urlsafe(32), SessionId(uuid4())
        digest = digest_of(token)
        now = await self._run(
            OPEN,
            [PREFIX + digest, _index(user), ENDS],
            [PREFIX, str(session), str(user), device, digest, self._idle_ms, self._absolute_ms, MOST],
        )
        return token, _session([session, user, device, now, now, int(now) + self._absolute_ms])

    async def find(self, digest: str) -> OpenSession | None:
        """The session whose token has this SHA-256 in hex; None for one that ended, ran out or never was."""
        found = await self._run(FIND, [PREFIX + digest, ENDS], [self._idle_ms, TOUCH_MS, digest, self._absolute_ms])
        return _session(found) if found else None

    async def of(self, user: UserId) -> list[OpenSession]:
        """Where somebody is signed in, the last used first."""
        kept = await self._run(LIST, [_index(user)], [PREFIX, self._absolute_ms])
        found = [_session(each) for each in kept]
        return sorted(found, key=lambda session: session.seen_at, reverse=True)

    async def end(self, user: UserId, session: SessionId, key: str) -> bool:
        """End one session of a user; False when there is none such, unless the call with this key ended it before."""
        keys = [_index(user), ENDS, f"api:session_ended:{user}:{session}"]
        return bool(await self._run(END, keys, [PREFIX, str(session), digest_of(key), DAY_MS]))

    async def end_others(self, user: UserId, keep: SessionId | None = None) -> int:
        """End every session of a user but one; how many those were."""
        return int(await self._run(END_OTHERS, [_index(user), ENDS], [PREFIX, str(keep or "")]))

    async def count(self) -> int:
        """How many sessions there are, everybody's together."""
        return int(await self._run(COUNT, [ENDS], []))


def _index(user: UserId) -> str:
    return f"api:sessions:{user}"


def _session(kept: list[object]) -> OpenSession:
    session, user, device, *times = kept
    created, seen, expires = (datetime.fromtimestamp(int(str(each)) / 1000, UTC) for each in times)
    return OpenSession(SessionId(UUID(str(session))), UserId(UUID(str(user))), str(device), created, seen, expires)
