"""Budgets that fill up with time: whose turn it is now, and how long whose turn it is not has to wait.

Kept in Redis they hold over all processes of the bot together; while Redis is away each process keeps them by itself.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

REMEMBERED: Final = 10_000
"""Budgets kept in memory before those that are whole again are forgotten."""

# Keys: the budgets, in order. Arguments: of each the seconds between two turns, how many turns it holds, and how many are
# wanted. What is kept is the moment at which a budget is whole again. Spends of each in order, and stops at the first whose
# turn is to be waited for: the ones after it are asked for when that has come. Returns its number, from 1, and the seconds.
TAKEN: Final = """
    local clock = redis.call('TIME')
    local now = clock[1] + clock[2] / 1000000
    for at, key in ipairs(KEYS) do
      local apart, most, many = tonumber(ARGV[3 * at - 2]), tonumber(ARGV[3 * at - 1]), tonumber(ARGV[3 * at])
      local whole = math.max(tonumber(redis.call('GET', key) or '0'), now)
      local wait = whole + apart * (math.min(many, most) - most) - now
      whole = whole + apart * many
      redis.call('SET', key, string.format('%.6f', whole), 'PX', math.ceil(1000 * (whole - now)) + 1)
      if wait > 0 then return {at, string.format('%.6f', wait)} end
    end
    return {#KEYS, '0'}
"""

# Keys: the budgets. Arguments: of each the seconds of what is given back.
RETURNED: Final = """
    for at, key in ipairs(KEYS) do
      local whole = redis.call('GET', key)
      if whole then redis.call('SET', key, string.format('%.6f', tonumber(whole) - ARGV[at]), 'KEEPTTL') end
    end
"""

# Keys: a budget. Arguments: the seconds until it has a turn again, and how long it takes to be whole from there on.
HELD: Final = """
    local clock = redis.call('TIME')
    local now = clock[1] + clock[2] / 1000000
    local whole = now + ARGV[1] + ARGV[2]
    if whole > tonumber(redis.call('GET', KEYS[1]) or '0') then
      redis.call('SET', KEYS[1], string.format('%.6f', whole), 'PX', math.ceil(1000 * (whole - now)) + 1)
    end
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """A turn each `apart` seconds, and `most` of them at once."""

    name: str
    apart: float
    most: float


class Turns:
    """The turns of one bot, shared by all its processes."""

    def __init__(self, redis: Redis | None, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._alone: dict[str, float] = {}
        if redis is not None:
            self._taken, self._returned, self._held = map(redis.register_script, (TAKEN, RETURNED, HELD))

    async def take(self, budgets: Sequence[Budget], many: int = 1) -> tuple[int, float]:
        """Spend turns of each of the budgets in order, up to the first that has to be waited for.

        Returns how many of them were spent, and the seconds until the last of these has come.
        """
        if self._redis is not None:
            arguments = [figure for budget in budgets for figure in (budget.apart, budget.most, many)]
            try:
                spent, wait = await self._taken(keys=self._keys(budgets), args=arguments)
                return int(spent), float(wait)
            except (RedisError, OSError) as error:
                log.warning("pace.alone", reason=type(error).__name__)
        return self._take_alone(budgets, many)

    async def give_back(self, budgets: Sequence[Budget]) -> None:
        """One turn of each was not used."""
        for budget in budgets:
            if budget.name in self._alone:
                self._alone[budget.name] -= budget.apart
        if self._redis is not None:
            try:
                await self._returned(keys=self._keys(budgets), args=[budget.apart for budget in budgets])
            except (RedisError, OSError) as error:
                log.debug("pace.not_given_back", reason=type(error).__name__)

    async def hold(self, budget: Budget, seconds: float) -> None:
        """There is no turn of a budget for so many seconds."""
        filling = budget.apart * (budget.most - 1)
        self._alone[budget.name] = max(self._alone.get(budget.name, 0.0), time.monotonic() + seconds + filling)
        if self._redis is not None:
            try:
                await self._held(keys=self._keys([budget]), args=[seconds, filling])
            except (RedisError, OSError) as error:
                log.warning("pace.not_held", reason=type(error).__name__)

    def _take_alone(self, budgets: Sequence[Budget], many: int) -> tuple[int, float]:
        now = time.monotonic()
        if len(self._alone) > REMEMBERED:
            self._alone = {name: whole for name, whole in self._alone.items() if whole > now}
        for number, budget in enumerate(budgets, 1):
            whole = max(self._alone.get(budget.name, 0.0), now)
            wait = whole + budget.apart * (min(many, budget.most) - budget.most) - now
            self._alone[budget.name] = whole + budget.apart * many
            if wait > 0 and not math.isclose(wait, 0, abs_tol=1e-9):
                return number, wait
        return len(budgets), 0.0

    def _keys(self, budgets: Sequence[Budget]) -> list[str]:
        return [f"{self._prefix}:{budget.name}" for budget in budgets]
