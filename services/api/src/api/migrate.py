"""Bring schema and streams to what this version needs; safe to run twice, and by two at once."""

import asyncio
import time
from pathlib import Path

import nats.errors
import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from api.alone import SESSION, LedgerOccupied, Waits, have_to_itself, waiting
from api.ledger import driver_url, ensure_reachable
from api.settings import MigrateSettings
from contracts.events import STREAMS, Stream
from contracts.permissions import inbox_of
from service_kit.broker import connect, drain

log = structlog.get_logger(__name__)

# Any number that no other use of advisory locks in this database has. A backup holds it, too (deploy/example/backup.sh).
LOCK = 7_201_001
WAIT_SECONDS = 600
PAUSE_SECONDS = 3
TURN_SECONDS = 10
STREAM_TRIES = 5


def configuration() -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def newest() -> str | None:
    """The newest revision this code knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


async def migrate_schema(url: str) -> None:
    """The schema at the newest revision, all of it or nothing; whoever comes second waits and finds nothing to do.

    Calls go on until the migration has every table to itself, which it waits for without holding anybody up for long;
    `LedgerOccupied` where it got none of them in time. After a rollback a later release's schema is left as it is: a
    release runs on the schema of the next one.
    """
    await ensure_reachable(url)
    engine = create_async_engine(driver_url(url), connect_args={"timeout": 10, "server_settings": dict(SESSION)})
    give_up_at = time.monotonic() + WAIT_SECONDS
    try:
        while (waits := await _turn(engine)) is not None:
            if time.monotonic() + PAUSE_SECONDS > give_up_at:
                raise LedgerOccupied(waits.whom, WAIT_SECONDS)
            log.warning("schema.waits", whom=waits.whom)
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await engine.dispose()


async def _turn(engine: AsyncEngine) -> Waits | None:
    """One attempt; what it waits for, where it has changed nothing."""
    try:
        async with engine.begin() as connection:
            await _migrate(connection)
    except Waits as waits:
        return waits
    return None


async def _migrate(connection: AsyncConnection) -> None:
    await connection.execute(text(f"SET LOCAL lock_timeout = '{TURN_SECONDS}s'"))
    with waiting("a backup or another migration"):
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    found = await connection.run_sync(_revision)
    if is_later(found):
        log.info("schema.later", revision=found)
    elif found != newest():
        await have_to_itself(connection)
        await connection.run_sync(_upgrade)


async def revision(url: str) -> str | None:
    """The revision the schema is at, None when there is none yet; changes nothing."""
    await ensure_reachable(url)
    engine = create_async_engine(driver_url(url), connect_args={"timeout": 10})
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)
    finally:
        await engine.dispose()


def is_later(found: str | None) -> bool:
    """Whether a later release made this revision: their names sort by release."""
    return (found or "") > (newest() or "")


async def is_current(url: str) -> bool:
    """Whether the schema is at the newest revision, or at a later release's; changes nothing."""
    found = await revision(url)
    return found == newest() or is_later(found)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def migrate_streams(jetstream: JetStreamContext, *, later: bool = False) -> None:
    """Every stream and consumer of the table, made or brought up to date; a later release's are left as they are."""
    for stream in STREAMS:
        wanted = _stream_config(stream)
        try:
            await jetstream.stream_info(stream.name)
        except NotFoundError:
            await jetstream.add_stream(wanted)
        else:
            if later:
                continue
            await jetstream.update_stream(wanted)
        for consumer in stream.consumers:
            await jetstream.add_consumer(
                stream.name,
                ConsumerConfig(
                    durable_name=consumer.name,
                    filter_subject=consumer.filter_subject,
                    ack_policy=AckPolicy.EXPLICIT,
                    ack_wait=consumer.ack_wait.total_seconds(),
                    max_ack_pending=consumer.max_ack_pending,
                    max_deliver=-1,
                ),
            )


def _stream_config(stream: Stream) -> StreamConfig:
    return StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        retention=RetentionPolicy(stream.retention),
        storage=StorageType.FILE,
        max_age=stream.max_age.total_seconds(),
        max_bytes=stream.max_bytes,
        max_msgs_per_subject=stream.max_msgs_per_subject,
        discard=DiscardPolicy.NEW if stream.discard_new else DiscardPolicy.OLD,
        duplicate_window=stream.duplicate_window.total_seconds(),
    )


async def migrate(settings: MigrateSettings) -> None:
    """Schema and streams, both."""
    await migrate_schema(str(settings.postgres_url))
    later = is_later(await revision(str(settings.postgres_url)))
    connection = await connect(
        settings.nats_url, name="migrate", seed=settings.nats_migrate_seed, inbox_prefix=inbox_of("migrate")
    )
    try:
        for attempt in range(1, STREAM_TRIES + 1):
            try:
                await migrate_streams(connection.jetstream(timeout=5), later=later)
                break
            except (TimeoutError, nats.errors.Error):
                # A broker that has just started may not have its JetStream ready.
                if attempt == STREAM_TRIES:
                    raise
                await asyncio.sleep(0.3 * attempt)
    finally:
        await drain(connection)
