"""A publisher that dies by its own hand at one point of its work: `python -m chaos.relay.dying_publisher POINT NTH`.

With a third word, so many seconds are what a ledger and a leader may be silent.
"""

import asyncio
import os
import signal
import sys
from types import TracebackType
from typing import Any

from api import publisher
from api.settings import ServeSettings
from contracts.permissions import inbox_of
from service_kit.broker import connect as connect_to_broker
from service_kit.settings import load

POINTS = ("taken", "published", "acknowledged", "marking", "marked")
"""Rows taken and nothing sent; sent and no answer heard; the answer heard; all heard and about to commit; committed."""


class Fate:
    """Dies at the nth time the point is reached; never for any other word."""

    def __init__(self, point: str, nth: int) -> None:
        self._point = point
        self._left = nth

    def is_next(self, point: str) -> bool:
        """Whether reaching the point is the end."""
        return point == self._point and self._left == 1

    def reached(self, point: str) -> None:
        """Note that the work has come this far."""
        if point == self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


class Telling:
    """A connection to the ledger that tells when a batch is about to be forgotten, and when it is."""

    def __init__(self, ledger: Any, fate: Fate) -> None:
        self._ledger = ledger
        self._fate = fate
        self.has_rows = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def fetch(self, statement: str, *values: Any) -> Any:
        rows = await self._ledger.fetch(statement, *values)
        if statement == publisher.TAKE and rows:
            self.has_rows = True
            self._fate.reached("taken")
        return rows

    def transaction(self) -> "Batch":
        return Batch(self, self._ledger.transaction(), self._fate)


class Batch:
    """A transaction that tells."""

    def __init__(self, ledger: Telling, inner: Any, fate: Fate) -> None:
        self._ledger = ledger
        self._inner = inner
        self._fate = fate

    async def __aenter__(self) -> None:
        self._ledger.has_rows = False
        await self._inner.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ledger.has_rows and error is None:
            self._fate.reached("marking")
        await self._inner.__aexit__(kind, error, trace)
        if self._ledger.has_rows and error is None:
            self._fate.reached("marked")


class Stream:
    """JetStream that tells when something is sent and when it is acknowledged."""

    def __init__(self, stream: Any, connection: Any, fate: Fate) -> None:
        self._stream = stream
        self._connection = connection
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def publish_async(self, *args: Any, **named: Any) -> Any:
        ack = await self._stream.publish_async(*args, **named)
        if self._fate.is_next("published"):
            # What nats-py has only buffered dies with the process: that would be another point.
            await self._connection.flush()
        self._fate.reached("published")
        ack.add_done_callback(lambda done: None if done.cancelled() else self._fate.reached("acknowledged"))
        return ack


async def main(point: str, nth: int) -> None:
    settings, fate = load(ServeSettings), Fate(point, nth)
    seed = settings.nats_publisher_seed
    connection = await connect_to_broker(
        settings.nats_url, name="publisher", seed=seed, inbox_prefix=inbox_of("publisher")
    )
    connect = publisher.connect

    async def connected(url: str, **session: str) -> Any:
        return Telling(await connect(url, **session), fate)

    publisher.connect = connected
    working = publisher.Publisher(str(settings.postgres_url), connection, 3, 7)
    working._jetstream = Stream(working._jetstream, connection, fate)  # type: ignore[assignment]
    await working.run()


if __name__ == "__main__":
    publisher.SILENCE_SECONDS = float(sys.argv[3]) if sys.argv[3:] else publisher.SILENCE_SECONDS
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
