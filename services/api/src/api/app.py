"""The composition root of `serve`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog
from redis.asyncio import Redis

from api.attempts import Asked, Serve
from api.binding import serving
from api.gate import open_gate
from api.gauges import Gauges
from api.handlers import HANDLERS
from api.ledger import Ledger, open_ledger
from api.publisher import Publisher
from api.redis_scripts import RedisScripts, open_redis
from api.server import Server
from api.settings import ServeSettings
from contracts.kinds import Writes
from contracts.operations import BY_NAME
from contracts.permissions import inbox_of
from service_kit.broker import Connection, connect, drain
from service_kit.health import Health, serve_health
from service_kit.metrics import timed
from service_kit.process import Stop
from service_kit.supervise import Backoff, Supervisor

log = structlog.get_logger(__name__)


async def serve(settings: ServeSettings, stop: Stop) -> None:
    """Answer calls and publish what they owe until `stop` is requested; then finish what is under way."""
    async with running(settings, stop) as port:
        log.info("api.serving", health_port=port)
        await stop.wait()


@asynccontextmanager
async def running(settings: ServeSettings, stop: Stop) -> AsyncIterator[int]:
    """The api as one process runs it, yielding the port of its health endpoint."""
    ledger = await open_ledger(str(settings.postgres_url), settings.postgres_pool_size, settings.statement_timeout_ms)
    redis = open_redis(str(settings.redis_url))
    gate = open_gate(settings, RedisScripts(redis).run)
    leaving = asyncio.Event()
    connection = await _broker(settings, stop, "api", leaving)
    publishing = await _broker(settings, stop, "publisher", leaving)
    publisher = Publisher(
        str(settings.postgres_url), publishing, settings.delivery_lease_seconds, settings.key_retention_days
    )
    supervisor = Supervisor(stop)
    supervisor.start("publisher", publisher.run, backoff=Backoff(first=0.1, longest=2.0))
    supervisor.start("gauges", partial(Gauges().watch, ledger.pool, publishing, gate.sessions.count))
    handlers = serving(HANDLERS, ledger, settings, gate)
    server = Server(connection, {name: _waking(name, serve_one, publisher) for name, serve_one in handlers.items()})
    health = _health(ledger, redis, connection, supervisor)
    try:
        async with serve_health(health, host=settings.health_host, port=settings.health_port) as port:
            await server.start()
            yield port
            await server.drain()
    finally:
        leaving.set()
        await drain(connection, within=5)
        await supervisor.stop()
        await drain(publishing, within=2)
        await gate.close()
        await redis.aclose()
        await ledger.close()


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
    connection = await connect(settings.nats_url, name=user, seed=seed, inbox_prefix=inbox_of(user))
    connection.closed_for_good.add_done_callback(
        lambda _: None if leaving.is_set() else stop.fail("the broker connection closed for good")
    )
    return connection


def _health(ledger: Ledger, redis: Redis, connection: Connection, supervisor: Supervisor) -> Health:
    async def sessions() -> None:
        with timed("redis", "ping"):
            await asyncio.wait_for(redis.ping(), 1.0)

    health = Health()
    checks: dict[str, Callable[[], Awaitable[object]]] = {
        "postgres": ledger.check,
        "redis": sessions,
        "nats": connection.check,
        "tasks": supervisor.check,
    }
    for name, check in checks.items():
        health.add(name, check)
    return health
