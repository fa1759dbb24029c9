"""The api as a process of its own, seen from outside: what it answers, how long it took, how much memory it holds."""

import asyncio
import contextlib
import os
import re
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.failures import Failure
from contracts.operations.system import SYSTEM_READY
from contracts.system import GetReady
from ports import free_port
from world import World, until

BUCKET = re.compile(
    r'mutual_aid_call_seconds_bucket\{le="([^"]+)",operation="([^"]+)",outcome="([^"]+)",system="api"\} ([0-9.e+]+)'
)


@dataclass(frozen=True)
class Alone:
    """A running api, its only one."""

    pid: int
    health_port: int

    def memory(self) -> int:
        """Resident bytes now."""
        resident = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return resident * os.sysconf("SC_PAGESIZE")

    async def slower_than(self, seconds: float) -> tuple[int, int]:
        """How many calls its own histogram has above a bound of its buckets, and how many in all."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.health_port)
        writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(10):
            text = (await reader.read()).decode()
        writer.close()
        within = every = 0.0
        for bound, _, _, count in BUCKET.findall(text):
            within += float(count) if float(bound) == seconds else 0
            every += float(count) if bound == "+Inf" else 0
        return int(every - within), int(every)


@asynccontextmanager
async def alone(world: World, **more: str) -> AsyncIterator[Alone]:
    """An api process serving this world, which must serve none itself."""
    port = free_port()
    settings = world.settings
    environment = {
        "PATH": os.environ["PATH"], "POSTGRES_URL": str(settings.postgres_url), "NATS_URL": settings.nats_url,
        "NATS_SEED": settings.nats_seed.get_secret_value(), "REDIS_URL": str(settings.redis_url),
        "NATS_PUBLISHER_SEED": settings.nats_publisher_seed.get_secret_value(), "HEALTH_PORT": str(port),
        "OPEN_DEMANDS_PER_USER": "1000", "LOG_LEVEL": "ERROR", **more,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", "serve", env=environment, stdout=DEVNULL, stderr=None, cwd="/"
    )

    async def ready() -> bool:
        assert process.returncode is None, "the api ended"
        with contextlib.suppress(Failure):
            await world.operator.call(SYSTEM_READY, GetReady())
            return True
        return False

    try:
        await until(ready, within=120)
        yield Alone(process.pid, port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), 30)


def tell(line: str) -> None:
    """A measured figure, for whoever runs this with -s."""
    sys.stdout.write(f"\n{line}\n")
