"""Template databases: a schema is built once, then every test gets its own copy of it in milliseconds."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit

import asyncpg

TEMPLATE, CLONE = "template_", "clone_"
DIGITS = 16  # hex digits of a digest in a name: PostgreSQL cuts names at 63 bytes
# Faster than WAL_LOG on 9 MB without fsync, on a disk (175 to 191 ms) and far more so in memory (12 to 33 ms).
# It begins and ends with a checkpoint, which costs next to nothing without fsync.
STRATEGY = "FILE_COPY"


async def template_database(admin_url: str, name: str, version: str, build: Callable[[str], Awaitable[None]]) -> str:
    """The name of a template database, built by `await build(url)` unless this version of it exists.

    version is any text that changes when the content should (a digest of the migrations); templates of the same name
    and another version are dropped, so give concurrent test runs servers of their own. Safe when several processes ask
    at once: one builds, the others wait. When build fails nothing stays and its error is raised.
    """
    if not name.isidentifier():
        raise ValueError(f"not a name for a template: {name!r}")
    stem = f"{TEMPLATE}{name}_"
    template = stem + hashlib.sha256(version.encode()).hexdigest()[:DIGITS]
    half = f"half_{template}"
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", stem)  # until this connection closes
        if await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", template):
            return template
        await admin.execute(f"DROP DATABASE IF EXISTS {_quoted(half)} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {_quoted(half)}")
        try:
            await build(at(admin_url, half))
            # One connection left open in a template would stop every copy of it.
            await admin.execute(f"ALTER DATABASE {_quoted(half)} ALLOW_CONNECTIONS false")
            await admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", half)
            await admin.execute(f"ALTER DATABASE {_quoted(half)} RENAME TO {_quoted(template)}")
        except BaseException:
            await admin.execute(f"DROP DATABASE IF EXISTS {_quoted(half)} WITH (FORCE)")
            raise
        for old in await _databases(admin, stem):
            if old != template and len(old) == len(template):
                await admin.execute(f"DROP DATABASE IF EXISTS {_quoted(old)} WITH (FORCE)")
    finally:
        await admin.close()
    return template


@asynccontextmanager
async def cloned_database(admin_url: str, template: str) -> AsyncIterator[str]:
    """The URL of a fresh copy of a template, dropped at the end with whatever is still connected to it."""
    clone = f"{CLONE}{secrets.token_hex(DIGITS // 2)}"
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f"CREATE DATABASE {_quoted(clone)} TEMPLATE {_quoted(template)} STRATEGY {STRATEGY}")
        try:
            yield at(admin_url, clone)
        finally:
            await admin.execute(f"DROP DATABASE IF EXISTS {_quoted(clone)} WITH (FORCE)")
    finally:
        await admin.close()


async def drop_clones(admin_url: str) -> int:
    """Drop the copies a killed test run left behind and say how many; call it when no test runs on these servers."""
    admin = await asyncpg.connect(admin_url)
    try:
        left = await _databases(admin, CLONE)
        for clone in left:
            await admin.execute(f"DROP DATABASE IF EXISTS {_quoted(clone)} WITH (FORCE)")
    finally:
        await admin.close()
    return len(left)


def at(url: str, database: str) -> str:
    """The same server's URL for another database of it."""
    return urlsplit(url)._replace(path=f"/{quote(database, safe='')}").geturl()


async def _databases(admin: asyncpg.Connection, stem: str) -> list[str]:
    rows = await admin.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname", stem)
    return [row["datname"] for row in rows]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
