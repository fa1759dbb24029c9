"""NATS with JetStream: its users and what each may say and hear, its configuration, and whether it answers."""

import json
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from local_servers.account import Account, give, own
from local_servers.answering import nats_answers
from local_servers.process import Process, clear_away, spawn
from local_servers.state import public_key

MAX_PAYLOAD = 2**20  # bytes, the largest NATS advises
MAX_STORE = 8 * 2**30  # bytes of streams; a full disk would stop PostgreSQL too
MAX_MEMORY_STORE = 64 * 2**20  # bytes
MEMORY_GOAL = "96MiB"  # Go's collector works harder from here on instead of growing
PROBE = "local-servers-probe"  # a user that may connect and nothing else: readiness needs no rights


@dataclass(frozen=True)
class NatsUser:
    """A user and all it may do; what is not listed is refused.

    publish and subscribe are subjects with wildcards; a subscription "subject queue" is allowed in that queue only.
    The name becomes the name of the file with its seed.
    """

    name: str
    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()


class BrokerUser(Protocol):
    """Anything that says as much as a NatsUser."""

    @property
    def name(self) -> str:
        """As in NatsUser."""

    @property
    def publish(self) -> tuple[str, ...]:
        """As in NatsUser."""

    @property
    def subscribe(self) -> tuple[str, ...]:
        """As in NatsUser."""


@dataclass(frozen=True)
class Nats:
    """A server: its program, folder, port, users' seed files; durable: a stored message is on the disk when acked."""

    program: Path
    data: Path
    port: int
    users: tuple[BrokerUser, ...]
    seeds: Mapping[str, Path]
    durable: bool

    @property
    def url(self) -> str:
        """Where a client finds it."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def configuration(self) -> Path:
        """Its configuration file, written at every start."""
        return configuration(self.data)

    @property
    def store(self) -> Path:
        """Where JetStream keeps its streams, in the folder it is given."""
        return self.data / "jetstream"

    async def prepare(self, account: Account | None, _: Path) -> None:
        """Clear away an earlier run."""
        await clear_away([str(self.configuration)], account)
        own(account, self.data)

    def launch(self, account: Account | None, log: Path) -> Process:
        """Start the server with its users as they are now."""
        users = (*self.users, NatsUser(PROBE))
        give(
            self.configuration,
            render(users, self.seeds, self.port, store=str(self.data), durable=self.durable),
            account,
        )
        return spawn(
            "nats", [self.program, "-c", self.configuration],
            account=account, stop_signal=signal.SIGTERM, folder=self.data, log=log,
            environment={"GOMEMLIMIT": MEMORY_GOAL},
        )  # fmt: skip

    async def answers(self, process: Process, within: float) -> None:
        """Wait until a user can connect; raises ServerFailed after so many seconds, or when it dies."""
        await nats_answers(self.url, self.seeds[PROBE], process, within)

    def erase(self) -> None:
        """Forget every stream and message. The server must not run."""
        shutil.rmtree(self.store, ignore_errors=True)


def render(
    users: Sequence[BrokerUser],
    seeds: Mapping[str, Path],
    port: int,
    *,
    store: str,
    durable: bool,
    host: str = "127.0.0.1",
    monitoring: int = 0,
) -> str:
    """The server's configuration as JSON, which its parser reads: paths and names need no quoting of our own.

    monitoring is a port on the same host where it tells how it is, to whoever asks; 0 for none.
    """
    jetstream: dict[str, object] = {
        "store_dir": store,
        "max_file_store": MAX_STORE,
        "max_memory_store": MAX_MEMORY_STORE,
    }
    if durable:
        jetstream["sync_interval"] = "always"  # the default writes to the disk up to two minutes after the ack
    allowed = [
        {
            "nkey": public_key(seeds[user.name]),
            "permissions": {"publish": _allow(user.publish), "subscribe": _allow(user.subscribe)},
        }
        for user in users
    ]
    return json.dumps(
        {
            "server_name": "local",
            "host": host,
            "port": port,
            **({"http": f"{host}:{monitoring}"} if monitoring else {}),
            "max_payload": MAX_PAYLOAD,
            "jetstream": jetstream,
            "authorization": {"users": allowed},
        },
        indent=2,
        ensure_ascii=False,
    )


def _allow(subjects: tuple[str, ...]) -> dict[str, list[str]]:
    """An allow list; an empty one would allow everything, so nothing is said by denying all."""
    return {"allow": list(subjects)} if subjects else {"deny": [">"]}


def check(users: Sequence[BrokerUser]) -> None:
    """Raises ValueError for users whose names repeat, or cannot be the name of a file."""
    names = [user.name for user in users]
    for name in names:
        if (
            not name
            or name == PROBE
            or not all(letter.isalnum() or letter in "-_." for letter in name)
            or name[0] == "."
        ):
            raise ValueError(f"not a name for a NATS user: {name!r}")
    if len(set(names)) != len(names):
        raise ValueError(f"NATS users' names repeat: {sorted(names)}")


def configuration(data: Path) -> Path:
    """The configuration file in a server's folder; its process names it on the command line."""
    return data / "nats.conf"
