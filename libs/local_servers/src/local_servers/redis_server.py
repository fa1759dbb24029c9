"""Redis: its configuration and whether it answers."""

import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from local_servers.account import Account, give, own
from local_servers.answering import redis_answers
from local_servers.process import Process, clear_away, spawn

MAX_MEMORY = 128 * 2**20  # bytes; full, it refuses writes rather than forget a session


@dataclass(frozen=True)
class Redis:
    """A server: its program, folder, port, password; durable: it keeps what it holds, at worst without the last second."""

    program: Path
    data: Path
    port: int
    password: str
    durable: bool

    @property
    def url(self) -> str:
        """Where a client finds it."""
        return f"redis://:{quote(self.password)}@127.0.0.1:{self.port}/0"

    @property
    def configuration(self) -> Path:
        """Its configuration file, written at every start."""
        return configuration(self.data)

    async def prepare(self, account: Account | None, _: Path) -> None:
        """Clear away an earlier run."""
        await clear_away([str(self.configuration)], account)
        own(account, self.data)

    def launch(self, account: Account | None, log: Path) -> Process:
        """Start the server."""
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,  # in a file of its own, not on a command line others can read
            "dir": ".",
            "save": '""',
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory": str(MAX_MEMORY),
            "maxmemory-policy": "noeviction",
            "maxclients": "500",
            "set-proc-title": "no",  # the command line must go on naming the configuration
            "daemonize": "no",
        }
        give(self.configuration, "".join(f"{name} {value}\n" for name, value in settings.items()), account)
        return spawn(
            "redis", [self.program, self.configuration],
            account=account, stop_signal=signal.SIGTERM, folder=self.data, log=log,
        )  # fmt: skip

    async def answers(self, process: Process, within: float) -> None:
        """Wait until it answers a PING; raises ServerFailed after so many seconds, or when it dies."""
        await redis_answers(self.url, process, within)


def configuration(data: Path) -> Path:
    """The configuration file in a server's folder; its process names it on the command line."""
    return data / "redis.conf"
