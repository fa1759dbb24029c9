"""The composition root of `serve`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from redis.asyncio import Redis

from api.attempts import Asked, Serve
from api.binding import serving
from api.gate import open_gate
from api.gauges import Gauges
from api.handlers import HANDLERS
from api.ledger import LedgerUnavailable, open_ledger
from api.publisher import Publisher
from api.redis_scripts import RedisScripts, open_redis
from api.server import Server
from api.settings import ServeSettings
from contracts.kinds import Writes
from contracts.operations import BY_NAME
from contracts.permissions import inbox_of
from service_kit.broker import BrokerUnavailable, Connection, connect, drain
from service_kit.health import Health, serve_health
from service_kit.metrics import timed
from service_kit.process import Stop
from service_kit.starting import Starting, StoppedWhileStarting
from service_kit.supervise import Backoff, Supervisor

log = structlog.get_logger(__name__)

BROKER_WITHIN = 3.0
"""Seconds for one attempt to reach the broker, after which it is named as missing and tried again."""


async def serve(settings: ServeSettings, stop: Stop) -> None:
    """Answer calls and publish what they owe until `stop` is requested; then finish what is under way."""
    try:
        async with running(settings, stop) as port:
            log.info("api.serving", health_port=port)
            await stop.wait()
    except StoppedWhileStarting:
        log.info("api.never_served")


@asynccontextmanager
async def running(settings: ServeSettings, stop: Stop) -> AsyncIterator[int]:
    """The api as one process runs it, yielding the port of its health endpoint.

    A ledger or broker that is away is waited for; raises `StoppedWhileStarting` when the end comes first, and
    `LedgerUnavailable` or `BrokerUnavailable` when one lets us in for no waiting.
    """
    health = Health()
    starting = Starting(stop, health, "postgres", "redis", "nats", "tasks")
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            serve_health(health, host=settings.health_host, port=settings.health_port)
        )
        log.info("api.starting", health_port=port)
        redis = open_redis(str(settings.redis_url))
        stack.push_async_callback(redis.aclose)
        starting.there("redis", partial(_ping, redis))
        gate = open_gate(settings, RedisScripts(redis).run)
        stack.push_async_callback(gate.close)
        opening = partial(
            open_ledger, str(settings.postgres_url), settings.postgres_pool_size, settings.statement_timeout_ms
        )
        ledger = await starting.waited_for("postgres", opening, _is_away)
        stack.push_async_callback(ledger.close)
        starting.there("postgres", ledger.check)

        leaving = asyncio.Event()
        publishing = await starting.waited_for("nats", partial(_broker, settings, stop, "publisher", leaving), _is_away)
        stack.push_async_callback(_leave, leaving, publishing, 2)
        supervisor = Supervisor(stop)
        stack.push_async_callback(supervisor.stop)
        connection = await starting.waited_for("nats", partial(_broker, settings, stop, "api", leaving), _is_away)
        stack.push_async_callback(_leave, leaving, connection, 5)
        starting.there("nats", connection.check)

        publisher = Publisher(
            str(settings.postgres_url), publishing, settings.delivery_lease_seconds, settings.key_retention_days
        )
        supervisor.start("publisher", publisher.run, backoff=Backoff(first=0.1, longest=2.0))
        supervisor.start("gauges", partial(Gauges().watch, ledger.pool, publishing, gate.sessions.count))
        handlers = serving(HANDLERS, ledger, settings, gate)
        server = Server(connection, {name: _waking(name, serve_one, publisher) for name, serve_one in handlers.items()})
        stack.push_async_callback(server.drain)
        await server.start()
        starting.there("tasks", supervisor.check)
        yield port


async def _leave(leaving: asyncio.Event, connection: Connection, within: float) -> None:
    leaving.set()
    await drain(connection, within=within)


def _is_away(error: Exception) -> bool:
    """Whether a server may yet come, and let us in."""
    return isinstance(error, LedgerUnavailable | BrokerUnavailable) and not error.is_final


def _waking(name: str, serve_one: Serve, publisher: Publisher) -> Serve:
    """After anything that may owe somebody something, the publisher looks at once."""
    if BY_NAME[name].writes is Writes.NO:
        return serve_one

    async def served(asked: Asked) -> object:
        answer = await serve_one(asked)
        publisher.wake()
        return answer

    return served


async def _broker(settings: ServeSettings, stop: Stop, user: str, leaving: asyncio.Event) -> Connection:
    seed = settings.nats_seed if user == "api" else settings.nats_publisher_seed
    connection = await connect(
        settings.nats_url, name=user, seed=seed, inbox_prefix=inbox_of(user), within=BROKER_WITHIN
    )
    connection.closed_for_good.add_done_callback(
        lambda _: None if leaving.is_set() else stop.fail("the broker connection closed for good")
    )
    return connection


async def _ping(redis: Redis) -> None:
    with timed("redis", "ping"):
        await asyncio.wait_for(redis.ping(), 1.0)
