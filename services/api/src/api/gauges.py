"""What waits, as Prometheus sees it, in the ledger and in the streams, and how many sessions there are.

Every api shows the same figures.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields

import asyncpg
import msgspec
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext

from contracts.events import STREAMS, Stream
from contracts.failures import Busy
from service_kit.metrics import gauge, timed

log = structlog.get_logger(__name__)

WAITING = """
    SELECT json_build_object(
      'outbox_rows', (SELECT count(*) FROM outbox),
      'outbox_oldest_seconds', (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) FROM outbox),
      'outbox_put_aside', (SELECT count(*) FROM outbox_parked),
      'deliveries_owed', owed.number, 'deliveries_oldest_seconds', owed.oldest,
      'deliveries_parked', (SELECT count(*) FROM deliveries d WHERE d.status = 'parked'
        AND NOT EXISTS (SELECT FROM deliveries l WHERE l.supersedes = d.id)))::text
    FROM (
      SELECT count(*) AS number, coalesce(extract(epoch FROM clock_timestamp() - min(d.created_at)), 0) AS oldest
      FROM deliveries d JOIN destinations t ON t.id = d.destination_id AND t.reachable
      WHERE d.status IN ('pending', 'sending')) AS owed
"""


@dataclass
class Waiting:
    """Figures of one look; ages in seconds, of the oldest, 0 when nothing waits."""

    outbox_rows: float = math.nan
    outbox_oldest_seconds: float = math.nan
    outbox_put_aside: float = math.nan
    deliveries_owed: float = math.nan
    deliveries_oldest_seconds: float = math.nan
    deliveries_parked: float = math.nan


MEANINGS = {
    "outbox_rows": "Facts and signals not yet moved to JetStream",
    "outbox_oldest_seconds": "Age of the oldest of them",
    "outbox_put_aside": "Facts and signals that JetStream will never take, to be looked at by hand",
    "deliveries_owed": "Deliveries pending or being sent, to chats that can be reached",
    "deliveries_oldest_seconds": "Age of the oldest of them",
    "deliveries_parked": "Deliveries put aside, to be looked at by hand",
}


@dataclass
class StreamState:
    """Figures of one stream: what it holds and ever held, what its consumer has not yet been given, holds and has done."""

    messages: float = math.nan
    queued: float = math.nan
    waiting: float = math.nan
    in_hand: float = math.nan
    consumed: float = math.nan


STREAM_MEANINGS = {
    "messages": "Messages a stream holds",
    "queued": "Messages a stream ever took",
    "waiting": "Messages a stream's consumers have not been given yet",
    "in_hand": "Messages a stream's consumers hold unacknowledged",
    "consumed": "Messages a stream's consumers acknowledged",
}


LOOK_EVERY = 2.0
BROKER_SECONDS = 2.0


class Gauges:
    """The figures of the last look; NaN while nobody can say."""

    def __init__(self) -> None:
        self._waiting = Waiting()
        self._sessions = math.nan
        gauge("sessions", "Sessions of people signed in on the web", lambda: self._sessions)
        self._streams = {stream.name: StreamState() for stream in STREAMS}
        for field in fields(Waiting):
            gauge(field.name, MEANINGS[field.name], self._reader(field.name))
        for name in self._streams:
            for field in fields(StreamState):
                reader = self._stream_reader(name, field.name)
                gauge(f"stream_{field.name}", STREAM_MEANINGS[field.name], reader, stream=name)

    async def watch(self, ledger: asyncpg.Pool, connection: Client, sessions: Callable[[], Awaitable[int]]) -> None:
        """Look every few seconds, for ever."""
        jetstream = JetStreamContext(connection, timeout=BROKER_SECONDS)
        while True:
            await self.look(ledger, jetstream, sessions)
            await asyncio.sleep(LOOK_EVERY)

    async def look(
        self, ledger: asyncpg.Pool, jetstream: JetStreamContext, sessions: Callable[[], Awaitable[int]]
    ) -> None:
        """Take all figures anew; what does not answer leaves its own unknown."""
        try:
            with timed("postgres", "gauges"):
                self._waiting = msgspec.json.decode(await ledger.fetchval(WAITING), type=Waiting)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            self._waiting = Waiting()
            log.debug("ledger.unknown", reason=type(error).__name__)
        try:
            self._sessions = float(await sessions())
        except Busy:
            self._sessions = math.nan
        for stream in STREAMS:
            try:
                self._streams[stream.name] = await _state(jetstream, stream)
            except (nats.errors.Error, nats.js.errors.Error, TimeoutError) as error:
                self._streams[stream.name] = StreamState()
                log.debug("stream.unknown", stream=stream.name, reason=type(error).__name__)

    def _reader(self, name: str) -> Callable[[], float]:
        return lambda: float(getattr(self._waiting, name))

    def _stream_reader(self, stream: str, name: str) -> Callable[[], float]:
        return lambda: float(getattr(self._streams[stream], name))


async def _state(jetstream: JetStreamContext, stream: Stream) -> StreamState:
    state = (await jetstream.stream_info(stream.name)).state
    consumers = [await jetstream.consumer_info(stream.name, each.name) for each in stream.consumers]
    return StreamState(
        messages=state.messages,
        queued=state.last_seq,
        waiting=sum(each.num_pending or 0 for each in consumers),
        in_hand=sum(each.num_ack_pending or 0 for each in consumers),
        consumed=sum(each.ack_floor.consumer_seq if each.ack_floor else 0 for each in consumers),
    )
