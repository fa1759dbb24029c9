"""One connection to Redis for all callers: scripts go out as they are asked for, and the answers come back in that order.

redis-py takes a connection out of its pool for each command and waits on it alone; that is four fifths of what a script costs
here (measured). Everything that is not asked for with each update goes redis-py's way.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol, cast

import redis.exceptions
from redis.asyncio import Redis
from redis.asyncio.connection import Connection, UnixDomainSocketConnection, parse_url

from service_kit.metrics import timed

CONNECTED_WITHIN: Final = 3.0
ANSWERED_WITHIN: Final = 5.0
"""Seconds for one answer; a line on which one is missing is given up, as the ones after it cannot come either."""

Argument = str | bytes | int | float


class Script(Protocol):
    """A script of Redis'; redis-py's own are such."""

    def __call__(self, *, keys: Sequence[str], args: Sequence[Argument]) -> Awaitable[Any]:
        """What it returns; raises redis-py's errors."""
        ...


Scripts = Callable[[str], Script]
"""Makes a script of its text."""


def scripts_of(client: Redis) -> Scripts:
    """Scripts by redis-py's way."""
    return client.register_script


class Line:
    """Scripts over one connection, made when it is needed and made anew when it breaks."""

    def __init__(self, url: str) -> None:
        """Take an address as redis-py reads it; raises ValueError for one that `leads` says no of."""
        if not leads(url):
            raise ValueError("a line is plain: no TLS, and nothing but host, port, path, database and who asks")
        self._to: Any = parse_url(url)
        self._wire: _Wire | None = None
        self._connecting = asyncio.Lock()

    def script(self, text: str) -> Script:
        """A script to be called."""
        sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

        async def call(*, keys: Sequence[str], args: Sequence[Argument]) -> Any:  # noqa: ANN401 - what it returns
            with timed("redis", "evalsha"):
                try:
                    return await self._ask("EVALSHA", sha, len(keys), *keys, *args)
                except redis.exceptions.NoScriptError:
                    return await self._ask("EVAL", text, len(keys), *keys, *args)

        return call

    def close(self) -> None:
        """End the connection; whoever waits for an answer is told so."""
        if self._wire is not None:
            self._wire.end(redis.exceptions.ConnectionError("closed"))

    async def _ask(self, *words: Argument) -> Any:  # noqa: ANN401 - what Redis answers
        wire = self._wire
        if wire is None or wire.is_over:
            wire = await self._connected()
        return await wire.ask(packed(words))

    async def _connected(self) -> "_Wire":
        async with self._connecting:
            if self._wire is not None and not self._wire.is_over:
                return self._wire
            try:
                async with asyncio.timeout(CONNECTED_WITHIN):
                    self._wire = await self._connect()
            except (OSError, TimeoutError) as error:
                raise redis.exceptions.ConnectionError(type(error).__name__) from error
            return self._wire

    async def _connect(self) -> "_Wire":
        loop, to = asyncio.get_running_loop(), self._to
        if "path" in to:
            _, wire = await loop.create_unix_connection(_Wire, to["path"])
        else:
            _, wire = await loop.create_connection(_Wire, to.get("host", "localhost"), to.get("port", 6379))
        try:
            if to.get("password"):
                await wire.ask(packed(["AUTH", *filter(None, [to.get("username")]), to["password"]]))
            if to.get("db"):
                await wire.ask(packed(["SELECT", to["db"]]))
        except BaseException:
            wire.end(redis.exceptions.ConnectionError("not let in"))
            raise
        return wire


class _Wire(asyncio.Protocol):
    """A connection and the answers still to come on it."""

    def __init__(self) -> None:
        self.is_over = False
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._came = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(redis.exceptions.ConnectionError(type(exc).__name__ if exc else "closed by Redis"))

    def data_received(self, data: bytes) -> None:
        self._came, at = self._came + data, 0
        try:
            while at < len(self._came):
                answer, at = read(self._came, at)
                waiting, _ = self._waiting.popleft()
                if waiting.done():
                    continue  # whoever asked has been cancelled; the answer was still to be taken off the line
                if isinstance(answer, redis.exceptions.RedisError):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)
        except Incomplete:
            pass
        except (ValueError, IndexError):
            self.end(redis.exceptions.InvalidResponse("not an answer of Redis'"))
        self._came = self._came[at:]

    def ask(self, command: bytes) -> "asyncio.Future[Any]":
        """The answer to come."""
        answer: asyncio.Future[Any] = self._loop.create_future()
        if self.is_over or self._transport is None:
            answer.set_exception(redis.exceptions.ConnectionError("over"))
            return answer
        self._waiting.append((answer, self._loop.time() + ANSWERED_WITHIN))
        self._transport.write(command)
        if self._timer is None:
            self._timer = self._loop.call_later(ANSWERED_WITHIN, self._look)
        return answer

    def end(self, error: redis.exceptions.RedisError) -> None:
        """Give the connection up; every answer to come is this error."""
        self.is_over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()
        while self._waiting:
            waiting, _ = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(error)

    def _look(self) -> None:
        """One timer for all: the first of them is the one that waits longest."""
        self._timer = None
        if not self._waiting:
            return
        left = self._waiting[0][1] - self._loop.time()
        if left <= 0:
            self.end(redis.exceptions.TimeoutError("no answer"))
        else:
            self._timer = self._loop.call_later(left, self._look)


def leads(url: str) -> bool:
    """Whether a line can be made to an address: what it does not know how to do it leaves to redis-py."""
    to = parse_url(url)
    kind = to.pop("connection_class", Connection)
    return kind in {Connection, UnixDomainSocketConnection} and set(to) <= {
        "host", "port", "path", "db", "username", "password"
    }  # fmt: skip


def packed(words: Sequence[Argument]) -> bytes:
    """A command as Redis reads it."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        plain = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(plain), plain))
    return b"".join(parts)


class Incomplete(Exception):
    """The rest of an answer is still on its way."""


def read(came: bytes, at: int) -> tuple[Any, int]:
    """One answer that begins at `at`, and where the next begins; raises `Incomplete`. A refusal is an answer, too."""
    end = came.find(b"\r\n", at)
    if end < 0:
        raise Incomplete
    kind, said, after = came[at : at + 1], came[at + 1 : end], end + 2
    match kind:
        case b"$":
            size = int(said)
            if size < 0:
                return None, after
            if len(came) < after + size + 2:
                raise Incomplete
            return came[after : after + size], after + size + 2
        case b":":
            return int(said), after
        case b"+":
            return said, after
        case b"-":
            return _refusal(said.decode("utf-8", "replace")), after
        case b"*":
            items = []
            for _ in range(int(said)):
                item, after = read(came, after)
                items.append(item)
            return (items if int(said) >= 0 else None), after
        case _:
            raise ValueError(kind)


def _refusal(said: str) -> redis.exceptions.RedisError:
    match said.partition(" ")[0]:
        case "NOSCRIPT":
            return redis.exceptions.NoScriptError(said)
        case "LOADING":
            return redis.exceptions.BusyLoadingError(said)
        case "NOAUTH" | "WRONGPASS":
            return redis.exceptions.AuthenticationError(said)
        case _:
            return redis.exceptions.ResponseError(said)
