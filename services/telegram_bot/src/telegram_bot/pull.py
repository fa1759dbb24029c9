"""Messages of a durable consumer as they come, with one request to the server always open.

nats-py's own `fetch(n)` gathers a batch and holds its first message back for the others; here each is handed on at once.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import nats.errors
import structlog
from nats.aio.msg import Msg

from contracts.events import STREAMS, Consumer
from service_kit.broker import Connection

log = structlog.get_logger(__name__)

EXPIRES: Final = 5.0
"""Seconds a request stays open; a lost one, after a reconnect, is missed for at most a second longer."""

PAUSE: Final = 0.25
"""Seconds between attempts while the server is away or says no."""

EXPECTED_ENDS: Final = frozenset({"404", "408"})
"""Statuses of a request that simply ended: nothing there, time is up."""


@asynccontextmanager
async def pulled(connection: Connection, consumer: Consumer, *, batch: int) -> AsyncIterator[AsyncIterator[Msg]]:
    """The messages of `consumer` for as long as the block runs, each to be acknowledged by whoever takes it.

    At most `batch` are on their way at once: who iterates slowly is sent no more. The consumer must exist; while it does
    not, or the server is away, the iteration waits and says so in the log.
    """
    stream = next(stream.name for stream in STREAMS if consumer in stream.consumers)
    arrived: asyncio.Queue[Msg] = asyncio.Queue()

    async def arrive(message: Msg) -> None:
        arrived.put_nowait(message)

    inbox = connection.new_inbox()
    subscription = await connection.subscribe(inbox, cb=arrive)

    async def ask() -> None:
        request = json.dumps({"batch": batch, "expires": int(EXPIRES * 1e9)}).encode()
        await connection.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer.name}", request, inbox)

    messages = _iterate(ask, arrived, batch)
    try:
        yield messages
    finally:
        await messages.aclose()
        try:
            await subscription.unsubscribe()
        except nats.errors.Error:
            log.debug("pull.closed_while_disconnected")


async def _iterate(
    ask: Callable[[], Awaitable[None]], arrived: asyncio.Queue[Msg], batch: int
) -> AsyncGenerator[Msg, None]:
    expected = 0
    while True:
        if expected == 0:
            try:
                await ask()
            except nats.errors.Error:
                await asyncio.sleep(PAUSE)
                continue
            expected = batch
        try:
            async with asyncio.timeout(EXPIRES + 1):
                message = await arrived.get()
        except TimeoutError:
            expected = 0
            continue
        status = (message.headers or {}).get("Status")
        if status is None:
            expected = max(0, expected - 1)
            yield message
            continue
        expected = 0
        if status not in EXPECTED_ENDS:
            # 409: the server ended the request; 503: no such consumer, or no leader now. Either passes or is an operator's.
            log.warning("pull.refused", status=status)
            await asyncio.sleep(PAUSE)
