"""The servers below: ours, started on this machine, or theirs, named by a URL in the environment."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contracts.permissions import nats_users
from local_servers import ServerFailed, Servers, start
from local_servers.failures import AlreadyRunning
from mutual_aid.place import Place
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack.deaths import Deaths
from mutual_aid.stack.record import ProcessLine, Record
from mutual_aid.stack.theirs import NAMES, Name, check, named
from mutual_aid.trouble import Trouble, of_server


@dataclass
class Backing:
    """Where the servers are. `servers` runs ours, None when all are theirs; `lines` has one line for each of ours."""

    environment: dict[str, str]
    servers: Servers | None
    lines: dict[Name, ProcessLine] = field(default_factory=dict)

    @property
    def nats_url(self) -> str:
        """Where NATS is."""
        return self.environment["NATS_URL"]

    def seed(self, user: str) -> Path:
        """The seed file of a NATS user."""
        return seed_in(self.environment, user)

    async def watch(self, changed: Callable[[], None], told: Callable[[Trouble], None]) -> None:
        """Start ours again whenever one dies, for ever; `told` hears what an operator has to see to."""
        if self.servers is None:
            return
        deaths = {name: Deaths() for name in NAMES}
        since = dict.fromkeys(NAMES, time.monotonic())
        lacked: dict[Name, str] = {}  # why one could not be started again: says more than that it is dead
        while True:
            failure = await self.servers.failed()
            name = next(name for name in NAMES if name == failure.name)
            line = self.lines[name]
            pause = deaths[name].note(time.monotonic() - since[name])
            line.state, line.why, line.pid = "down", lacked.pop(name, failure.reason), None
            if deaths[name].too_many:
                line.state = "failing"
                told(of_server(failure))
            changed()
            await asyncio.sleep(pause)
            line.restarts += 1
            since[name] = time.monotonic()
            try:
                await self.servers.restart(name)
            except ServerFailed as again:
                lacked[name] = again.reason
            except OSError as error:  # as on a full disk: tried again like any other death
                lacked[name] = f"{error.filename or name}: {error.strerror}"
            else:
                line.state, line.why, line.pid = "up", "", self.servers.processes().get(name)
            changed()


def seed_in(environment: dict[str, str], user: str) -> Path:
    """The seed file of a NATS user in the folder an environment names."""
    return Path(environment["NATS_SEEDS_DIR"]) / f"{user}.nk"


@asynccontextmanager
async def backing(place: Place, settings: OperatorSettings, *, own: bool = False) -> AsyncIterator[Backing]:
    """Servers that answer, for as long as the block runs: theirs where a URL is set, ours otherwise.

    own=True starts ours whatever the environment says. Raises Trouble when one cannot be had.
    """
    theirs = {} if own else named(settings)
    await check(theirs)
    servers = None
    if len(theirs) < len(NAMES):
        try:
            servers = await start(place.servers, nats_users(), only=tuple(name for name in NAMES if name not in theirs))
        except ServerFailed as failure:
            raise of_server(failure) from failure
        except AlreadyRunning as other:
            raise Trouble("state", str(other), "Run `mutual-aid down` first.") from other
    try:
        yield Backing(_environment(theirs, settings, servers), servers, _lines(servers))
    finally:
        if servers is not None:
            await servers.stop()


def elsewhere(settings: OperatorSettings) -> Record | None:
    """What runs elsewhere, as in containers, when all servers are theirs; None when one of them would be ours.

    Nobody looked whether it answers. Raises Trouble without the seeds.
    """
    theirs = named(settings)
    if len(theirs) < len(NAMES):
        return None
    page = settings.simulator_url if settings.uses_simulator else ""
    return Record(pid=0, phase="ready", page=(page or "").rstrip("/"), environment=_environment(theirs, settings, None))


def _environment(theirs: dict[Name, str], settings: OperatorSettings, servers: Servers | None) -> dict[str, str]:
    environment = servers.addresses.environment() if servers else {}
    environment |= {f"{name.upper()}_URL": url for name, url in theirs.items()}
    if "nats" in theirs:
        folder = settings.nats_seeds_dir
        if folder is None or not folder.is_dir():
            raise Trouble(
                "nats",
                "NATS_URL is set and NATS_SEEDS_DIR names no folder",
                "Set NATS_SEEDS_DIR to the folder with the seed of every NATS user (<user>.nk).",
            )
        environment["NATS_SEEDS_DIR"] = str(folder.resolve())
    return environment


def _lines(servers: Servers | None) -> dict[Name, ProcessLine]:
    if servers is None:
        return {}
    ports = {
        "postgres": urlsplit(servers.postgres_url).port,
        "nats": urlsplit(servers.nats_url).port,
        "redis": urlsplit(servers.redis_url).port,
    }
    pids = servers.processes()
    return {
        name: ProcessLine(name=name, state="up", pid=pid, port=ports[name]) for name in NAMES if (pid := pids.get(name))
    }
