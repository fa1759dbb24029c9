"""Three running servers: watch them, break them on purpose, stop them."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from local_servers.account import Account
from local_servers.addresses import Addresses
from local_servers.failures import ServerFailed
from local_servers.nats_server import Nats
from local_servers.postgres import Postgres
from local_servers.process import Name, Process, bound
from local_servers.redis_server import Redis
from local_servers.state import State

NAMES: tuple[Name, ...] = ("postgres", "nats", "redis")
READY_WITHIN = 60.0  # s; half a second is usual, PostgreSQL first repairs what a crash left
STOP_WITHIN = 15.0  # s; PostgreSQL writes out its memory
WATCH = 0.2  # s between looks at the processes
BOUND_EVERY = 25  # looks between looks at the size of the logs


class Server(Protocol):
    """What the three have in common."""

    async def prepare(self, account: Account | None, log: Path) -> None:
        """End an earlier run and make what the server needs to start."""

    def launch(self, account: Account | None, log: Path) -> Process:
        """Start it."""

    async def answers(self, process: Process, within: float) -> None:
        """Wait until it serves clients; raises ServerFailed after so many seconds, or when it dies."""


@dataclass
class Servers:
    """Three running servers; made by `start`. Ends them when used as an async context manager."""

    addresses: Addresses
    state: State
    account: Account | None
    postgres: Postgres
    nats: Nats
    redis: Redis
    running: dict[Name, Process] = field(default_factory=dict)

    @property
    def postgres_url(self) -> str:
        """postgresql://user:password@127.0.0.1:port/database of a superuser."""
        return self.addresses.postgres_url

    @property
    def nats_url(self) -> str:
        """nats://127.0.0.1:port; clients show the seed of a user."""
        return self.addresses.nats_url

    @property
    def nats_seeds(self) -> dict[str, Path]:
        """The seed file of every NATS user by name."""
        return dict(self.addresses.nats_seeds)

    @property
    def redis_url(self) -> str:
        """redis://:password@127.0.0.1:port/0."""
        return self.addresses.redis_url

    def processes(self) -> dict[Name, int]:
        """The process id of every server that runs; PostgreSQL's is that of its parent process."""
        return {name: process.pid for name, process in self.running.items() if process.alive()}

    async def failed(self) -> ServerFailed:
        """Wait until a server dies that nobody here stopped, and say which, with its last lines.

        Keeps the logs within bounds meanwhile; a program that runs for long should always have this waiting.
        """
        looks = 0
        while True:
            for process in self.running.values():
                if process.wanted and not process.alive():
                    return process.failure(f"it died with status {process.child.returncode}")
            looks += 1
            if looks % BOUND_EVERY == 0:
                for process in self.running.values():
                    bound(process.log)
            await asyncio.sleep(WATCH)

    async def kill(self, name: Name) -> None:
        """Kill one server as a crash would; it stays down until `restart`."""
        await self.running[name].kill()

    async def restart(self, name: Name) -> None:
        """Start one server again on its port and data, stopping it in order first if it runs.

        Raises ServerFailed or OSError when it does not come back; `failed` then goes on reporting it.
        """
        if name in self.running:
            await self.running[name].stop(STOP_WITHIN)
        servers: dict[Name, Server] = {"postgres": self.postgres, "nats": self.nats, "redis": self.redis}
        server = servers[name]
        log = self.state.folder / "logs" / f"{name}.log"
        try:
            await server.prepare(self.account, log)
            self.running[name] = server.launch(self.account, log)
            await server.answers(self.running[name], READY_WITHIN)
        except (ServerFailed, OSError):
            if name in self.running:
                await self.running[name].kill()
                self.running[name].wanted = True
            raise

    async def erase_jetstream(self) -> None:
        """Stop NATS, delete every stream, start it again: the worst that can happen to it."""
        await self.running["nats"].stop(STOP_WITHIN)
        self.nats.erase()
        await self.restart("nats")

    async def stop(self) -> None:
        """Stop all servers in order and let the state go. Safe to call twice."""
        try:
            await self.stop_all()
        finally:
            self.state.release()

    async def stop_all(self) -> None:
        """Stop all servers in order and keep the state."""
        await asyncio.gather(*(process.stop(STOP_WITHIN) for process in self.running.values()))

    async def __aenter__(self) -> Self:
        """The servers, which already run."""
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.stop()
