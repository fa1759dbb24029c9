"""The servers, asked as clients: whether they answer, and keep what they were told."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import nats.errors
import nats.js.errors
import psutil  # type: ignore[import-untyped]  # it ships no types
import redis.asyncio
import redis.exceptions

from contracts.events import STREAMS
from contracts.permissions import inbox_of
from mutual_aid.doctor.finding import Finding, unknown, well, wrong
from mutual_aid.place import Place
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import tools
from mutual_aid.stack.backing import seed_in
from mutual_aid.stack.record import Record
from mutual_aid.trouble import Trouble
from service_kit import broker

WITHIN = 5.0  # s
NEWEST_POSTGRES = 18


async def postgres(environment: dict[str, str], place: Place) -> list[Finding]:
    """Reachable, keeps what it commits, schema current."""
    url = environment["POSTGRES_URL"]
    try:
        connection = await asyncpg.connect(url, timeout=WITHIN)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = f"{_where(url)} does not serve us ({type(error).__name__})"
        return [wrong("postgres", reason, "Start PostgreSQL, or correct address, user and password in POSTGRES_URL.")]
    try:
        version = connection.get_server_version()
        off = [name for name in ("fsync", "synchronous_commit", "full_page_writes") if await _is_off(connection, name)]
    finally:
        await connection.close(timeout=WITHIN)
    found = [well("postgres", f"PostgreSQL {version.major} at {_where(url)}")]
    if version.major < NEWEST_POSTGRES:
        fix = f"Use PostgreSQL {NEWEST_POSTGRES} or newer."
        found = [wrong("postgres", f"PostgreSQL {version.major} at {_where(url)}", fix)]
    if off:
        fix = f"Set {', '.join(f'{name} = on' for name in off)} in postgresql.conf and reload it."
        found.append(wrong("postgres keeps", f"off: {', '.join(off)}", fix))
    else:
        found.append(well("postgres keeps", "what it commits is on the disk"))
    return [*found, await _schema(url, place)]


async def _schema(url: str, place: Place) -> Finding:
    try:
        said = await tools.run(place, "check", ("api", "check"), {"POSTGRES_URL": url})
    except Trouble:
        return wrong("migrations", "the ledger's schema is not the one this version needs", "Run `mutual-aid migrate`.")
    return well("migrations", said or "the ledger's schema is current")


async def _is_off(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> bool:
    return bool(await connection.fetchval("SELECT current_setting($1)", name) == "off")


async def broker_server(
    environment: dict[str, str], settings: OperatorSettings, running: Record | None
) -> list[Finding]:
    """Reachable with our keys, streams there, stored messages on the disk when acknowledged."""
    url = environment["NATS_URL"]
    seed = seed_in(environment, "migrate")
    if not seed.exists():
        return [wrong("nats", f"there is no {seed}", "Put the seed of every NATS user into NATS_SEEDS_DIR.")]
    try:
        connection = await broker.connect(
            url, name="doctor", inbox_prefix=inbox_of("migrate"), seed=seed, within=WITHIN
        )
    except broker.BrokerUnavailable as gone:
        return [wrong("nats", str(gone), "Start NATS, or correct NATS_URL and the seeds in NATS_SEEDS_DIR.")]
    found = [well("nats", f"NATS at {_where(url)}")]
    try:
        missing = await _missing_streams(connection)
        found.append(
            wrong("streams", f"missing: {', '.join(missing)}", "Run `mutual-aid migrate`.")
            if missing
            else well("streams", "all are there")
        )
    except (nats.errors.Error, TimeoutError) as error:
        says = f"JetStream does not answer ({type(error).__name__})"
        found.append(wrong("streams", says, "Turn JetStream on and allow the user migrate $JS.API.>."))
    finally:
        await broker.drain(connection, within=1.0)
    return [*found, await _syncs(settings, running)]


async def _missing_streams(connection: broker.Connection) -> list[str]:
    jetstream = connection.jetstream(timeout=WITHIN)
    missing = []
    for stream in STREAMS:
        try:
            await jetstream.stream_info(stream.name)
        except nats.js.errors.NotFoundError:
            missing.append(stream.name)
    return missing


async def _syncs(settings: OperatorSettings, running: Record | None) -> Finding:
    fix = "Set sync_interval: always in the jetstream block of nats-server.conf and restart NATS."
    try:
        line = running.process("nats") if running else None
        if line is not None and line.pid:
            always = _configured(line.pid).get("sync_interval") == "always"
        elif settings.nats_monitoring_url:
            always = bool((await _monitored(settings.nats_monitoring_url)).get("sync_always"))
        else:
            return unknown("nats keeps", "cannot be seen from here", "Set NATS_MONITORING_URL to look into your NATS.")
    except (OSError, ValueError, psutil.Error, aiohttp.ClientError, TimeoutError) as error:
        return unknown("nats keeps", f"its settings cannot be read ({type(error).__name__})")
    if always:
        return well("nats keeps", "what it acknowledges is on the disk")
    return wrong("nats keeps", "acknowledges before it writes to the disk", fix)


def _configured(pid: int) -> dict[str, Any]:
    """The jetstream block of our own server, whose configuration its command line names."""
    words = psutil.Process(pid).cmdline()
    file = Path(words[words.index("-c") + 1])
    block = json.loads(file.read_text(encoding="utf-8"))["jetstream"]
    return block if isinstance(block, dict) else {}


async def _monitored(url: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN)) as session,
        session.get(f"{url.rstrip('/')}/varz") as answer,
    ):
        body = await answer.json(content_type=None)
    config = body.get("jetstream", {}).get("config", {})
    return config if isinstance(config, dict) else {}


async def store(environment: dict[str, str]) -> list[Finding]:
    """Redis: reachable, and forgets nothing it was told to keep."""
    url = environment["REDIS_URL"]
    client = redis.asyncio.Redis.from_url(url, socket_connect_timeout=WITHIN, socket_timeout=WITHIN)
    try:
        await client.ping()
        kept = await client.config_get("maxmemory-policy")
    except redis.exceptions.NoPermissionError:
        return [well("redis", f"Redis at {_where(url)}")]
    except (OSError, TimeoutError, redis.exceptions.RedisError) as error:
        says = f"{_where(url)} does not serve us ({type(error).__name__})"
        return [wrong("redis", says, "Start Redis, or correct address and password in REDIS_URL.")]
    finally:
        await client.aclose()
    policy = str(kept.get("maxmemory-policy", "noeviction"))
    if policy.startswith("allkeys"):
        fix = "Set maxmemory-policy noeviction: what people are in the middle of lives there."
        return [wrong("redis", f"throws keys away when it is full ({policy})", fix)]
    return [well("redis", f"Redis at {_where(url)}")]


def _where(url: str) -> str:
    """Host and port, without user and password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
