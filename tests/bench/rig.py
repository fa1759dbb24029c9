"""What the measurements run on: real servers on disk, the api in a process of its own, clients in this one."""

import asyncio
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import nats

from contracts.client import Client
from contracts.failures import Failure
from contracts.kinds import Caller
from contracts.operations.system import SYSTEM_HEALTH
from contracts.permissions import BrokerUser, inbox_of, nats_users
from contracts.system import GetHealth
from local_servers import Servers, erase, start
from service_kit.broker import connect, drain
from service_kit.correlation import traceparent

# The bare echo and the prototype of this folder, beside the product's own users.
BARE = BrokerUser("bare", ("bare.>", "_INBOX_bare.>"), ("bare.>", "_INBOX_bare.>"))
HERE = Path(__file__).resolve().parent


@dataclass
class Rig:
    """Running servers, an api process, and connections of each caller."""

    servers: Servers
    environment: dict[str, str]
    telegram: Client
    operator: Client
    bare: nats.NATS
    ledger: asyncpg.Pool

    def spawn(self, *command: str) -> subprocess.Popen[bytes]:
        """A process of ours with the rig's environment."""
        return subprocess.Popen([sys.executable, *command], env=self.environment)


@asynccontextmanager
async def rigged(state: Path) -> AsyncIterator[Rig]:
    """A rig on a fresh state folder, ended in order."""
    async with await start(state, (*nats_users(), BARE)) as servers:
        environment = os.environ | {
            "POSTGRES_URL": servers.postgres_url,
            "NATS_URL": servers.nats_url,
            "REDIS_URL": servers.redis_url,
            "NATS_MIGRATE_SEED_FILE": str(servers.nats_seeds["migrate"]),
            "NATS_SEED_FILE": str(servers.nats_seeds["api"]),
            "NATS_PUBLISHER_SEED_FILE": str(servers.nats_seeds["publisher"]),
            "BARE_SEED_FILE": str(servers.nats_seeds["bare"]),
            "OPEN_DEMANDS_PER_USER": "1000",
            "LOG_LEVEL": "WARNING",
            "HEALTH_PORT": str(free_port()),
        }
        subprocess.run([sys.executable, "-m", "api", "migrate"], env=environment, check=True)  # noqa: ASYNC221 - nothing else runs yet
        connections = {
            name: await connect(servers.nats_url, name=name, seed=servers.nats_seeds[name], inbox_prefix=inbox_of(name))
            for name in ("telegram", "operator")
        }
        # nats-py as it comes, so that what we made of it counts for our side only.
        bare = await nats.connect(
            servers.nats_url, nkeys_seed=str(servers.nats_seeds["bare"]), inbox_prefix=inbox_of("bare").encode()
        )
        ledger = await asyncpg.create_pool(servers.postgres_url, min_size=1, max_size=4)
        rig = Rig(
            servers, environment, Client(connections["telegram"], Caller.TELEGRAM, traceparent),
            Client(connections["operator"], Caller.OPERATOR, traceparent), bare, ledger,
        )  # fmt: skip
        api = rig.spawn("-m", "api", "serve")
        prototype = rig.spawn(str(HERE / "prototype.py"))
        try:
            await _answering(rig)
            yield rig
        finally:
            for process in (api, prototype):
                process.terminate()
            for process in (api, prototype):
                process.wait(30)
            await ledger.close()
            await bare.close()
            for connection in connections.values():
                await drain(connection, within=2)
    await erase(state)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _answering(rig: Rig) -> None:
    for _ in range(100):
        try:
            await rig.operator.call(SYSTEM_HEALTH, GetHealth())
            await rig.bare.request("bare.echo", b"{}", timeout=1)
        except (Failure, Exception):  # noqa: BLE001 - not yet
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError("the api does not answer")


@dataclass(frozen=True)
class Load:
    """What a closed loop of callers reached: calls a second, and milliseconds one call took."""

    per_second: float
    p50: float
    p99: float
    client_cpu_us: float
    failures: int


async def closed_loop(
    call: Callable[[int], Awaitable[object]], *, callers: int, seconds: float = 3.0, most: int = 10**9
) -> Load:
    """`callers` tasks calling without pause for `seconds`, or `most` calls in all; `call` gets a running number.

    A tenth of the time, without a bound on the calls, is warm-up and not counted.
    """
    took: list[float] = []
    failures = number = 0
    counting_from = time.perf_counter() + (seconds / 10 if most == 10**9 else 0.0)
    until = counting_from + seconds

    async def caller() -> None:
        nonlocal failures, number
        while number < most and (began := time.perf_counter()) < until:
            number += 1
            try:
                await call(number)
            except Failure:
                failures += 1
            if began >= counting_from:
                took.append(time.perf_counter() - began)

    cpu = _cpu()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(callers):
            tasks.create_task(caller())
    lasted = time.perf_counter() - counting_from
    spent = _cpu() - cpu
    took.sort()
    return Load(
        len(took) / lasted,
        1000 * took[len(took) // 2],
        1000 * took[int(len(took) * 0.99)],
        1e6 * spent / max(number, 1),
        failures,
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
