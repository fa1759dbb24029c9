"""The world a test of the product plays in: a fresh ledger, its own broker, a running api, and people to act as.

Each worker of a run has a broker of its own (the api's subjects are the same everywhere); each test has a ledger cloned
from a template and the api in its own process memory, so that no test sees another's demands.
"""

import asyncio
import functools
import hashlib
import itertools
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from api.app import running
from api.migrate import migrate_schema, migrate_streams
from api.settings import ServeSettings
from contracts.client import Client
from contracts.demands import Created, CreateDemand
from contracts.kinds import Caller, MembershipKind
from contracts.memberships import AssignMembership
from contracts.operations import Operation
from contracts.operations.demands import DEMANDS_CREATE
from contracts.operations.scenarios import MEMBERSHIPS_ASSIGN, SCENARIOS_CREATE
from contracts.operations.users import USERS_ENTER
from contracts.permissions import inbox_of, nats_users
from contracts.scenarios import CreateScenario, Scenario
from contracts.shapes import UserId
from contracts.users import EnterUser
from local_servers import Addresses, Servers, cloned_database, erase, start, template_database
from service_kit.broker import Connection, connect, drain
from service_kit.correlation import traceparent
from service_kit.process import Stop

Q = TypeVar("Q")
A = TypeVar("A")

OPERATOR = "operator:tests"
TOTP_KEY = "dGhlIGtleSBvZiBldmVyeSB0ZXN0IG9mIG91cnMgIC4="
ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = ROOT / "services" / "api" / "src" / "api"
# One hash as the product makes it takes as long as everything else that a fresh api does; every one makes one at its start.
CHEAP_HASHES = {"password_memory_kib": 8_192, "password_passes": 1}
_templates: dict[str, str] = {}
_ids = itertools.count(int.from_bytes(os.urandom(5), "big"))


@dataclass
class Person:
    """Somebody with a telegram account."""

    world: "World"
    telegram_id: int
    user: UserId

    @property
    def actor(self) -> str:
        return f"telegram:{self.telegram_id}"

    async def call(self, operation: Operation[Q, A], request: Q, *, key: str | None = None) -> A:
        return await self.world.bot.call(operation, request, actor=self.actor, key=key)


@dataclass
class World:
    """A running api with its ledger, and the callers of it."""

    settings: ServeSettings
    ledger: asyncpg.Pool
    bot: Client
    operator: Client
    connections: dict[str, Connection]
    broker: Servers
    addresses: Addresses
    stop: Stop = field(default_factory=Stop)

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the api, or `migrate`, is told to work in this world."""
        settings = self.settings
        told = {
            "POSTGRES_URL": str(settings.postgres_url),
            "NATS_URL": settings.nats_url,
            "NATS_SEED": settings.nats_seed.get_secret_value(),
            "NATS_PUBLISHER_SEED": settings.nats_publisher_seed.get_secret_value(),
            "NATS_MIGRATE_SEED": self.broker.nats_seeds["migrate"].read_text().strip(),
            "REDIS_URL": str(settings.redis_url),
            "TOTP_KEYS": settings.totp_keys.get_secret_value(),
        }
        return {"PATH": os.environ["PATH"], **told, **more}

    async def person(self, name: str = "Somebody", *, locale: str = "en", telegram_id: int | None = None) -> Person:
        """A new person who has pressed Start."""
        number = telegram_id or next(_ids)
        me = await self.bot.call(USERS_ENTER, EnterUser(display_name=name, locale=locale), actor=f"telegram:{number}")
        return Person(self, number, me.user.id)

    async def scenario(self, place: str = "Riverside", resource: str = "", **more: Any) -> Scenario:
        """A new kind of help."""
        request = CreateScenario(place=place, resource=resource or f"Medicine {next(_ids)}", **more)
        return await self.operator.call(SCENARIOS_CREATE, request, actor=OPERATOR)

    async def member(self, scenario: Scenario, kind: str = "provider", name: str = "Helper") -> Person:
        """A new person who is a provider or moderator of the scenario."""
        person = await self.person(name)
        await self.assign(person, scenario, kind)
        return person

    async def assign(self, person: Person, scenario: Scenario, kind: str = "provider") -> None:
        request = AssignMembership(user=person.user, scenario=scenario.id, kind=MembershipKind(kind))
        await self.operator.call(MEMBERSHIPS_ASSIGN, request, actor=OPERATOR)

    async def demand(self, requester: Person, scenario: Scenario, description: str = "Insulin", **more: Any) -> Created:
        """A waiting demand."""
        request = CreateDemand(scenario=scenario.id, description=description, **more)
        return await requester.call(DEMANDS_CREATE, request)

    async def capacity(self, person: Person, capacity: int) -> None:
        """How many demands they may hold; set in the ledger directly."""
        await self.ledger.execute("UPDATE users SET capacity = $1 WHERE id = $2", capacity, person.user)


@functools.cache
def schema_version() -> str:
    """A digest of every file a migration reads."""
    digest = hashlib.sha256()
    for path in sorted((*MIGRATIONS.rglob("*.sql"), *(MIGRATIONS / "migrations").rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


async def fresh_template(servers: Addresses) -> str:
    """The name of the template database with today's schema, built once a run."""
    if servers.postgres_url not in _templates:
        _templates[servers.postgres_url] = await template_database(
            servers.postgres_url, "api", version=schema_version(), build=migrate_schema
        )
    return _templates[servers.postgres_url]


@pytest.fixture(scope="session")
def broker(servers: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """This worker's own NATS, with streams; restarted and erased at will by tests that need it."""
    runner = asyncio.Runner()
    state = tmp_path_factory.mktemp("broker")
    started = runner.run(start(state, nats_users(), durable=False, only=("nats",)))
    yield started
    runner.run(started.stop())
    runner.run(erase(state))
    runner.close()


@pytest.fixture
async def world(servers: Addresses, broker: Servers) -> AsyncIterator[World]:
    """A running api on a fresh ledger."""
    async with made_world(servers, broker) as made:
        yield made


@asynccontextmanager
async def made_world(
    servers: Addresses, broker: Servers, *, serve: bool = True, **overrides: Any
) -> AsyncIterator[World]:
    """The same with settings of one's own; `serve=False` leaves starting the api to the test."""
    template = await fresh_template(servers)
    async with (
        cloned_database(servers.postgres_url, template) as url,
        world_at(url, servers, broker, serve=serve, **overrides) as made,
    ):
        yield made


@asynccontextmanager
async def world_at(
    url: str, servers: Addresses, broker: Servers, *, serve: bool = True, callers_url: str = "", **overrides: Any
) -> AsyncIterator[World]:
    """The same on a database with the schema that is there already; callers may reach the broker by another way."""
    async with AsyncExitStack() as stack:
        await emptied_streams(broker)
        settings = ServeSettings.model_validate(
            {
                "postgres_url": url,
                "nats_url": broker.nats_url,
                "nats_seed": broker.nats_seeds["api"].read_text().strip(),
                "nats_publisher_seed": broker.nats_seeds["publisher"].read_text().strip(),
                "redis_url": servers.redis_url,
                "totp_keys": TOTP_KEY,
                **CHEAP_HASHES,
                **overrides,
            }
        )
        ledger = await stack.enter_async_context(await asyncpg.create_pool(url, min_size=1, max_size=8))
        connections = {}
        for user in ("telegram", "operator", "web"):
            connections[user] = await connection_of(broker, user, callers_url)
            stack.push_async_callback(drain, connections[user], within=2)
        stop = Stop()
        if serve:
            await stack.enter_async_context(running(settings, stop))
        yield World(
            settings, ledger, Client(connections["telegram"], Caller.TELEGRAM, traceparent),
            Client(connections["operator"], Caller.OPERATOR, traceparent), connections, broker, servers, stop,
        )  # fmt: skip


async def connection_of(broker: Servers, user: str, by: str = "") -> Connection:
    """A connection as one of the broker's users, by a way of one's own if need be."""
    return await connect(
        by or broker.nats_url,
        name=user,
        seed=broker.nats_seeds[user],
        inbox_prefix=inbox_of(user),
        reconnect_spread=0.5,
    )


async def emptied_streams(broker: Servers) -> None:
    """Streams as `migrate` makes them, holding nothing of an earlier test."""
    migrator = await connection_of(broker, "migrate")
    try:
        jetstream = migrator.jetstream(timeout=5)
        await migrate_streams(jetstream)
        for stream in await jetstream.streams_info():
            await jetstream.purge_stream(str(stream.config.name))
    finally:
        await drain(migrator, within=2)


async def until(look: Callable[[], Any], within: float = 30.0) -> Any:
    """What `look()` returns once it is true; for states of another process that send no signal. Fails after `within` s."""
    async with asyncio.timeout(within):
        while True:
            found = look()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.01)
