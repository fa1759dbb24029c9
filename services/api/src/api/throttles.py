"""Throttles: how often something may be tried, counted in one atomic step by the store's own clock."""

import hashlib
from dataclasses import dataclass

from api.scripts import NOW, Run, Script
from contracts.failures import TooManyRequests

# The generic cell rate algorithm: one number a bucket, the moment at which it would be empty again. `limit` at once, then
# one each `window / limit`.
TAKE = Script(
    "throttle.take",
    NOW
    + """
    local window, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
    local empty_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + window / limit
    local wait = math.ceil(empty_at - window - now)
    if wait > 0 then return wait end
    redis.call('SET', KEYS[1], string.format('%.0f', empty_at), 'PX', math.ceil(empty_at - now))
    return 0
    """,
)

FORGET = Script("throttle.forget", "return redis.call('DEL', KEYS[1])")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many tries at once, and as many again spread over so many seconds."""

    tries: int
    seconds: float


class Throttles:
    """Buckets named by what is tried and for whom; whom is kept as a digest. `Busy` where the store is away."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def take(self, what: str, whom: str, rate: Rate) -> None:
        """Count one try; `TooManyRequests` with the seconds to wait where the bucket is full, which counts for nothing."""
        wait_ms = int(await self._run(TAKE, [_bucket(what, whom)], [int(rate.seconds * 1000), rate.tries]))
        if wait_ms > 0:
            raise TooManyRequests(retry_after=wait_ms / 1000)

    async def forget(self, what: str, whom: str) -> None:
        """Start over: whoever tried is known now."""
        await self._run(FORGET, [_bucket(what, whom)], [])


def _bucket(what: str, whom: str) -> str:
    return f"api:tries:{what}:{hashlib.sha256(whom.encode()).hexdigest()[:32]}"
