"""A world on servers that get broken: its database outlives their crashes."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from api.migrate import migrate_schema
from chaos.proxy import Proxy
from local_servers import Servers
from local_servers.templates import at
from world import World, world_at


@asynccontextmanager
async def broken_world(
    breakable: Servers,
    *,
    postgres: Proxy | None = None,
    nats: Proxy | None = None,
    redis: Proxy | None = None,
    callers: Proxy | None = None,
    **settings: Any,
) -> AsyncIterator[World]:
    """A world without an api, on a new database of these servers, which are whole again at the end.

    The proxies are the api's ways to its servers, and the callers' way to the broker; `world.ledger` looks on directly.
    """
    url = at(breakable.postgres_url, f"ground_{secrets.token_hex(6)}")
    await _at_once(breakable, f"CREATE DATABASE {url.rpartition('/')[2]}")
    await migrate_schema(url)
    if postgres is not None:
        settings["postgres_url"] = postgres.by_here(url)
    if nats is not None:
        settings["nats_url"] = nats.url
    if redis is not None:
        settings["redis_url"] = redis.url
    by = callers.url if callers is not None else ""
    try:
        async with world_at(url, breakable.addresses, breakable, serve=False, callers_url=by, **settings) as world:
            yield world
    finally:
        for server in ("postgres", "nats", "redis"):
            if server not in breakable.processes():
                await breakable.restart(server)
        await _at_once(breakable, f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


async def _at_once(breakable: Servers, statement: str) -> None:
    connection = await asyncpg.connect(breakable.postgres_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
