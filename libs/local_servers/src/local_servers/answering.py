"""Whether a server answers: found out as a client would, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import asyncpg
import nats.errors
import redis.asyncio
import redis.exceptions
from nats.aio.client import Client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from local_servers.failures import ServerFailed

PAUSE = 0.02  # s between two tries
FIRST_TRY = (
    1.0  # s for the first, twice as much for each that hung: on a stolen port somebody may take calls in silence
)


class Starting(Protocol):
    """A server on its way up."""

    def alive(self) -> bool:
        """Whether there is still something to wait for."""

    def failure(self, reason: str) -> ServerFailed:
        """What to raise for this reason."""


async def postgres_answers(url: str, server: Starting, within: float) -> None:
    """Wait until it runs a statement; raises ServerFailed after so many seconds, or when it dies."""

    async def ask(left: float, _: AsyncExitStack) -> None:
        connection = await asyncpg.connect(url, timeout=left)
        try:
            await connection.execute("SELECT 1", timeout=left)
        finally:
            await connection.close(timeout=left)

    try:
        await _until(ask, (OSError, TimeoutError, asyncpg.CannotConnectNowError), server, within)
    except asyncpg.InvalidPasswordError as error:
        raise ServerFailed(
            "postgres",
            "the recorded password is not this database's",
            "",
            "Restore kept.json of the state folder from a backup, or move the folder away to begin anew.",
        ) from error


async def nats_answers(url: str, seed: Path, server: Starting, within: float) -> None:
    """Wait until the user with this seed can connect; raises ServerFailed after so many seconds, or when it dies."""

    async def ask(left: float, closing: AsyncExitStack) -> None:
        client = Client()
        closing.push_async_callback(_seen_through, client.close)  # a refused client keeps its socket until told
        await client.connect(
            url,
            nkeys_seed=str(seed),
            allow_reconnect=False,
            reconnect_time_wait=0,  # it would rest for two seconds even before giving up
            connect_timeout=max(1, int(left)),
            error_cb=_quiet,
        )

    await _until(ask, (OSError, TimeoutError, nats.errors.Error), server, within)


async def redis_answers(url: str, server: Starting, within: float) -> None:
    """Wait until it answers a PING; raises ServerFailed after so many seconds, or when it dies."""

    async def ask(left: float, closing: AsyncExitStack) -> None:
        client = redis.asyncio.Redis.from_url(
            url,
            socket_connect_timeout=left,
            socket_timeout=left,
            retry=Retry(NoBackoff(), 0),  # its own retries, four seconds of them, would only repeat ours
        )
        closing.push_async_callback(_seen_through, client.aclose)
        await client.ping()

    await _until(ask, (OSError, TimeoutError, redis.exceptions.RedisError), server, within)


async def _until(
    ask: Callable[[float, AsyncExitStack], Awaitable[None]],
    refusals: tuple[type[Exception], ...],
    server: Starting,
    within: float,
) -> None:
    deadline = time.monotonic() + within
    refusal: Exception | None = None
    patience = FIRST_TRY
    while server.alive():
        left = deadline - time.monotonic()
        if left <= 0:
            raise server.failure(f"no answer within {within:.0f} s ({refusal})") from refusal
        try:
            async with AsyncExitStack() as closing, asyncio.timeout(min(left, patience)):
                return await ask(left, closing)
        except refusals as error:
            refusal = error
            patience *= 2 if isinstance(error, TimeoutError) else 1
            await asyncio.sleep(PAUSE)
    raise server.failure("it ended before it answered")


async def _seen_through(close: Callable[[], Awaitable[None]]) -> None:
    """Close to the end, also when cancelled meanwhile: half closed, redis-py and nats-py leave the socket open."""
    closing = asyncio.ensure_future(close())  # noqa: TID251 - awaited here in any case
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await asyncio.wait([closing])
        raise


async def _quiet(_: Exception) -> None:
    """Nothing: a refused connection is what is waited through, and nats-py would print each."""
