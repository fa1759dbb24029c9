"""Guesses: how often a password may be tried, so that a guesser is slowed down and the owner is not shut out with them."""

import hashlib
from dataclasses import dataclass

from api.scripts import NOW, Run, Script
from contracts.failures import TooManyRequests

# Milliseconds. Tries are forgotten after a day of quiet; whoever came in is known for as long as a session lasts at most.
FORGOTTEN_MS = 86_400_000
KNOWN_MS = 90 * 86_400_000
# Tries of one login from everywhere it is not known refill over so long.
EVERYWHERE_MS = 3_600_000

# Counted before the password is looked at, in one step, so that a crowd of guesses is no more than its number. Tries that are
# refused count for nothing: who waits as long as told is let try.
TRY = Script(
    "guesses.try",
    NOW
    + """
    local free, first, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local limit, window, forgotten = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    local is_known = redis.call('EXISTS', KEYS[1]) == 1
    local own = is_known and KEYS[2] or KEYS[3]
    local wait = tonumber(redis.call('HGET', own, 'next_at') or '0') - now
    if wait > 0 then return wait end
    if not is_known then
        local empty_at = math.max(tonumber(redis.call('GET', KEYS[4]) or '0'), now) + window / limit
        wait = math.ceil(empty_at - window - now)
        if wait > 0 then return wait end
        redis.call('SET', KEYS[4], string.format('%.0f', empty_at), 'PX', math.ceil(empty_at - now))
    end
    local tries, delay = redis.call('HINCRBY', own, 'tries', 1), 0
    if tries >= free then delay = math.min(longest, first * 2 ^ math.min(tries - free, 30)) end
    redis.call('HSET', own, 'next_at', string.format('%.0f', now + delay))
    redis.call('PEXPIRE', own, math.ceil(delay) + forgotten)
    return 0
    """,
)

PASSED = Script(
    "guesses.passed",
    """
    redis.call('DEL', KEYS[2], KEYS[3])
    if ARGV[1] ~= '0' then redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) end
    return 0
    """,
)


@dataclass(frozen=True, slots=True)
class Patience:
    """So many tries of one login from one place at once; then a delay after each, twice as long every time up to a bound.

    `everywhere` is how many tries of one login all places together have an hour, those not counted where it is known.
    """

    tries: int
    first_delay_seconds: float
    longest_delay_seconds: float
    everywhere: int


class Guesses:
    """Tries of passwords by login and place; both are kept as digests. `Busy` where the store is away."""

    def __init__(self, run: Run, patience: Patience) -> None:
        self._run = run
        self._patience = patience

    async def count(self, login: str, source: str, browser: str | None) -> None:
        """Count one try; `TooManyRequests` with the seconds to wait, alike for a login nobody has."""
        wait_ms = int(
            await self._run(
                TRY,
                _keys(login, source, browser),
                [
                    self._patience.tries,
                    int(self._patience.first_delay_seconds * 1000),
                    int(self._patience.longest_delay_seconds * 1000),
                    self._patience.everywhere,
                    EVERYWHERE_MS,
                    FORGOTTEN_MS,
                ],
            )
        )
        if wait_ms > 0:
            raise TooManyRequests(retry_after=wait_ms / 1000)

    async def passed(self, login: str, source: str, browser: str | None) -> None:
        """Start over there: whoever tried came in, and the browser is known by it from now on."""
        await self._run(PASSED, _keys(login, source, browser), [0 if browser is None else KNOWN_MS])


def _keys(login: str, source: str, browser: str | None) -> list[str]:
    # Without a browser a place nobody can be known at.
    at = f"browser {login} {browser or ''}"
    return [
        f"api:guesses:known:{_digest(at)}",
        f"api:guesses:browser:{_digest(at)}",
        f"api:guesses:source:{_digest(f'source {login} {source}')}",
        f"api:guesses:everywhere:{_digest(f'login {login}')}",
    ]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
