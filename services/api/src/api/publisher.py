"""From the outbox to JetStream, in order, by one leader; and a sweep over what is still owed.

The publisher is told in process or by `sys.outbox.wake`, and looks every 250 ms all the same: a lost wake-up costs a
quarter of a second, never a message. JetStream is a bell, not a letter: when its store is lost, the sweep rings again
for everything the ledger says is owed.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence

import asyncpg
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.client import JetStreamContext as Stream

from api.ledger import answering, connect
from api.letters import Row, fault_of, is_for_good, letter, reason_of
from contracts.events import OUTBOX_WAKE
from service_kit.correlation import correlated
from service_kit.metrics import counter, timed

log = structlog.get_logger(__name__)

PUBLISHED = counter("outbox_published", "Facts and signals moved to JetStream")
RESIGNALLED = counter("deliveries_resignalled", "Destinations the sweep rang for again")
PARKED = counter("outbox_parked", "Facts and signals put aside because JetStream will never take them")

LOCK = 7_201_002
LOOK_AGAIN_SECONDS = 0.25
SWEEP_SECONDS = 2.0
PURGE_SECONDS = 600.0
BATCH = 500
ACK_SECONDS = 5.0
# A ledger that says nothing for so long is left: everything done at once here ends within it, the broker's part included.
# A leader that says nothing for so long is left by the ledger, and the lead is free: its machine may have died, or its
# process be frozen, and TCP alone would not tell for two hours, or never.
SILENCE_SECONDS = 20.0
# How long one wait for the lead may last; a statement that waits for days would keep every dead row from being removed.
STANDBY_SECONDS = 30

TAKE = """
    DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1)
    RETURNING id, msg_id::text, subject, body::text, traceparent, created_at
"""
PUT_BACK = "INSERT INTO outbox (id, msg_id, subject, body, traceparent, created_at) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6)"
PARK = "INSERT INTO outbox_parked (id, msg_id, subject, body, traceparent, created_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)"

# Owed and not moving: nobody began it, its pause is over, or whoever began it is gone.
OWED = """
    SELECT DISTINCT d.destination_id::text FROM deliveries d JOIN destinations t ON t.id = d.destination_id AND t.reachable
    WHERE (d.status = 'pending' AND coalesce(d.not_before, d.created_at + interval '2 seconds') <= now())
       OR (d.status = 'sending' AND d.began_at <= now() - make_interval(secs => $1))
    LIMIT 5000
"""

# Whatever else is kept in order here takes so long at most, and of answers so many at a time: publishing goes on in between.
KEEPING_WITHIN_SECONDS = 3
PURGED_AT_ONCE = 5000
PURGE = """
    WITH gone AS (
      DELETE FROM idempotency WHERE ctid = ANY (ARRAY(
        SELECT k.ctid FROM idempotency k WHERE k.created_at < now() - make_interval(days => $1) LIMIT $2 FOR UPDATE SKIP LOCKED))
      RETURNING 1)
    SELECT count(*) FROM gone
"""
LAPSED = "SELECT lapsed_unreachable_v1($1)"


class Publisher:
    """One process's readiness to publish; of all that run, the one that holds the lock works."""

    def __init__(self, url: str, connection: Client, lease_seconds: float, key_days: int) -> None:
        self._url = url
        self._connection = connection
        self._jetstream: Stream = JetStreamContext(connection, timeout=ACK_SECONDS)
        self._lease_seconds = lease_seconds
        self._key_days = key_days
        self._woken = asyncio.Event()
        self._purge_at = 0.0

    def wake(self) -> None:
        """Look at once; something was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Publish for as long as the lock is held; returns never, raises when the ledger or the broker is away."""

        async def heard(_: object) -> None:
            self.wake()

        if self._jetstream.publish_async_pending():
            # What was given up while it was being sent cannot be cancelled from here.
            self._jetstream = JetStreamContext(self._connection, timeout=ACK_SECONDS)
        subscription = await self._connection.subscribe(OUTBOX_WAKE, cb=heard)
        silence = str(int(SILENCE_SECONDS * 1000))
        ledger = await connect(
            self._url,
            application_name="publisher",
            idle_session_timeout=silence,
            idle_in_transaction_session_timeout=silence,
            tcp_user_timeout=silence,  # one that reads nothing any more is in the middle of a statement, not idle
        )
        try:
            await self._stand_by(ledger)
            log.info("publisher.leads")
            await self._lead(ledger)
        finally:
            with contextlib.suppress(Exception):
                await subscription.unsubscribe()
            await ledger.close(timeout=2)

    async def _stand_by(self, ledger: asyncpg.Connection) -> None:
        with answering(ledger, SILENCE_SECONDS):
            await ledger.execute(f"SET lock_timeout = '{STANDBY_SECONDS}s'")
        while True:
            unheard = answering(ledger, STANDBY_SECONDS + SILENCE_SECONDS)
            with contextlib.suppress(asyncpg.LockNotAvailableError), unheard:
                await ledger.fetchval("SELECT pg_advisory_lock($1)", LOCK)
                return

    async def _lead(self, ledger: asyncpg.Connection) -> None:
        sweep_at = 0.0
        owed: list[str] = []
        task = asyncio.current_task()
        # `asyncio.wait_for` of Python 3.11, by which nats-py waits, forgets a cancelling that meets its answer.
        while task is None or not task.cancelling():
            self._woken.clear()
            if await self._move(ledger) == BATCH:
                continue
            if not owed and time.monotonic() >= sweep_at:
                owed = await self._sweep(ledger)
                sweep_at = time.monotonic() + SWEEP_SECONDS
            await self._ring(owed)
            if time.monotonic() >= self._purge_at:
                await self._purge(ledger)
            if not owed:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                        await self._woken.wait()

    async def _move(self, ledger: asyncpg.Connection) -> int:
        """One batch: taken from the outbox, published, acknowledged, and only then forgotten. Returns how many.

        A crash in between publishes again; a signal twice is one signal, and a fact bears its id for whoever counts. What
        JetStream will never take is parked with the reason; what it does not take now stays. Raises what was wrong when it
        takes nothing at all or does not answer.
        """
        with answering(ledger, SILENCE_SECONDS):
            async with ledger.transaction():
                with timed("postgres", "outbox.take"):
                    rows = sorted(Row(*row) for row in await ledger.fetch(TAKE, BATCH))
                if not rows:
                    return 0
                with timed("nats", "outbox.publish"):
                    refused = await self._publish(rows)
                for_good = {place: why for place, why in refused.items() if is_for_good(why)}
                waiting = [place for place in refused if place not in for_good]
                if len(waiting) == len(rows):
                    raise refused[waiting[0]]
                if refused:
                    with timed("postgres", "outbox.put_aside"):
                        await ledger.executemany(PARK, [(*rows[at], reason_of(why)) for at, why in for_good.items()])
                        await ledger.executemany(PUT_BACK, [rows[at] for at in waiting])
        if for_good:
            PARKED(len(for_good))
            for at, why in for_good.items():
                log.error("outbox.parked", outbox_id=rows[at].msg_id, reason=reason_of(why))
        if waiting:
            log.warning("outbox.refused", rows=len(waiting), reason=reason_of(refused[waiting[0]]))
        PUBLISHED(len(rows) - len(refused))
        return len(rows) - len(waiting)

    async def _publish(self, rows: Sequence[Row]) -> dict[int, BaseException]:
        """Publish all, in order; those JetStream did not take, by their place, with what it said."""
        refused = {at: why for at, row in enumerate(rows) if (why := fault_of(row, self._connection.max_payload))}
        acks: dict[int, asyncio.Future[PubAck]] = {}
        try:
            async with asyncio.timeout(ACK_SECONDS):
                for place, row in enumerate(rows):
                    if place not in refused:
                        body, headers = letter(row)
                        acks[place] = await self._jetstream.publish_async(row.subject, body, headers=headers)
                        with correlated(row.traceparent or None):
                            log.info("outbox.published", outbox_id=row.msg_id)
                if acks:
                    await asyncio.wait(acks.values())
        except TimeoutError:
            if len(acks) + len(refused) < len(rows):
                raise
        finally:
            # An answer that never comes would hold its place among the 4,000 nats-py waits for, for ever.
            unanswered = [place for place, ack in acks.items() if ack.cancel()]
        refused |= {at: why for at, ack in acks.items() if at not in unanswered and (why := ack.exception())}
        async with asyncio.timeout(ACK_SECONDS):
            for place in unanswered:
                # nats-py keeps a refusal to itself above, and says it to whoever publishes one at a time.
                body, headers = letter(rows[place])
                try:
                    await self._jetstream.publish(rows[place].subject, body, headers=headers)
                except nats.js.errors.Error as error:
                    refused[place] = error
        return refused

    async def _sweep(self, ledger: asyncpg.Connection) -> list[str]:
        """The destinations that are owed something which does not move."""
        await self._keep(ledger, "deliveries.lapsed", LAPSED, self._lease_seconds)
        with answering(ledger, SILENCE_SECONDS), timed("postgres", "deliveries.sweep"):
            destinations = [row[0] for row in await ledger.fetch(OWED, self._lease_seconds)]
        if destinations:
            log.info("deliveries.resignalled", destinations=len(destinations))
        return destinations

    async def _ring(self, owed: list[str]) -> None:
        """Ring for as many of them as the time until the next look allows: what is new does not wait for what is old."""
        enough = time.monotonic() + LOOK_AGAIN_SECONDS
        while owed and time.monotonic() < enough:
            destination = owed.pop()
            await self._jetstream.publish(
                f"notify.v1.telegram.{destination}", f'{{"destination":"{destination}"}}'.encode()
            )
            RESIGNALLED()

    async def _purge(self, ledger: asyncpg.Connection) -> None:
        """Forget some answers that are too old to be asked for; soon again where more are left, later where it failed."""
        self._purge_at = time.monotonic() + PURGE_SECONDS
        if await self._keep(ledger, "idempotency.purge", PURGE, self._key_days, PURGED_AT_ONCE) == PURGED_AT_ONCE:
            self._purge_at = 0.0

    async def _keep(self, ledger: asyncpg.Connection, what: str, statement: str, *values: object) -> int | None:
        """How many rows a statement kept in order; None where it failed, which holds up nothing and is tried again."""
        try:
            with answering(ledger, SILENCE_SECONDS), timed("postgres", what):
                async with ledger.transaction():
                    await ledger.execute(f"SET LOCAL statement_timeout = '{KEEPING_WITHIN_SECONDS}s'")
                    done: int = await ledger.fetchval(statement, *values)
                    return done
        except asyncpg.PostgresError as error:
            if ledger.is_closed():
                raise
            log.warning("publisher.keeping_failed", what=what, reason=type(error).__name__)
            return None
