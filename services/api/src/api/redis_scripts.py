"""Redis, as far as the api needs it: atomic scripts within a deadline, and a typed refusal where it is away."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from api.scripts import Script
from contracts.failures import Busy
from service_kit.metrics import timed

log = structlog.get_logger(__name__)

# Seconds. A script takes a fraction of a millisecond; what takes longer is away, and the caller's own deadline is near.
WITHIN = 1.0
COME_BACK_SECONDS = 0.2
# A crowd shares these, in turn, instead of dialling all at once.
CONNECTIONS = 16


def open_redis(url: str) -> Redis:
    """Redis at `url`, dialled when first needed; texts come back as `str`. Close it at the end."""
    pool = BlockingConnectionPool.from_url(
        url, max_connections=CONNECTIONS, timeout=WITHIN, socket_timeout=2, socket_connect_timeout=2,
        decode_responses=True,
    )  # fmt: skip
    return Redis.from_pool(pool)


class RedisScripts:
    """Runs scripts on one Redis; each text is sent once and named by its digest from then on."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._known: dict[str, AsyncScript] = {}

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[str | int]) -> Any:  # noqa: ANN401 - the script decides
        """What the script returns; `Busy` after a second, or as soon as it is clear that Redis cannot answer."""
        known = self._known.get(script.name)
        if known is None:
            known = self._known[script.name] = self._redis.register_script(script.text)
        try:
            with timed("redis", script.name):
                async with asyncio.timeout(WITHIN):
                    return await known(keys=list(keys), args=list(args))
        except (RedisError, OSError) as error:  # a time-out is an OSError
            log.warning("redis.away", script=script.name, exc_type=type(error).__name__)
            raise Busy(retry_after=COME_BACK_SECONDS) from None
