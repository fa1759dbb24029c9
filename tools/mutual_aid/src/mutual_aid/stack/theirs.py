"""Servers that are somebody else's: named by a URL in the environment, used and left alone."""

import asyncio
from typing import Final, Literal
from urllib.parse import urlsplit

from mutual_aid.settings import OperatorSettings
from mutual_aid.trouble import Trouble

Name = Literal["postgres", "nats", "redis"]
NAMES: Final[tuple[Name, ...]] = ("postgres", "nats", "redis")
PORTS: Final[dict[Name, int]] = {"postgres": 5432, "nats": 4222, "redis": 6379}
PRODUCTS: Final[dict[Name, str]] = {"postgres": "PostgreSQL", "nats": "NATS", "redis": "Redis"}
WITHIN = 5.0  # s


def named(settings: OperatorSettings) -> dict[Name, str]:
    """The servers that are theirs, with their URLs."""
    urls = {
        "postgres": settings.postgres_url.get_secret_value() if settings.postgres_url else "",
        "nats": settings.nats_url or "",
        "redis": settings.redis_url.get_secret_value() if settings.redis_url else "",
    }
    return {name: urls[name] for name in NAMES if urls[name]}


async def check(servers: dict[Name, str]) -> None:
    """Raise Trouble that names the first server where nothing listens; whether it lets us in is asked later."""
    for name, url in servers.items():
        # NATS takes several addresses; one that listens will do, and the client finds the others.
        places = [_place(name, one) for one in url.split(",")]
        if not any([await _listens(*place) for place in places]):
            shown = ", ".join(f"{host}:{port}" for host, port in places)
            fix = f"Start {PRODUCTS[name]}, or correct {name.upper()}_URL, or leave it unset to have one started here."
            raise Trouble(name, f"nothing listens at {shown}", fix)


def _place(name: Name, url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        return parts.hostname or "127.0.0.1", parts.port or PORTS[name]
    except ValueError:
        fix = f"Write {name.upper()}_URL as scheme://user:password@host:port."
        raise Trouble(name, f"{name.upper()}_URL is no address", fix) from None


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(WITHIN):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
