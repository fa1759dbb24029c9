"""The same servers from their official images, for machines that have Docker and want nothing from wheels."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_servers.addresses import Addresses
from local_servers.answering import nats_answers, postgres_answers, redis_answers
from local_servers.failures import ServerFailed, fix_for
from local_servers.nats_server import PROBE, BrokerUser, NatsUser, check, render
from local_servers.postgres import FAST_AND_FORGETFUL
from local_servers.process import Name
from local_servers.state import seed_file

IMAGES: dict[Name, str] = {"postgres": "postgres:18", "nats": "nats:2.15", "redis": "redis:8"}
PORTS: dict[Name, int] = {"postgres": 5432, "nats": 4222, "redis": 6379}
READY_WITHIN = 120.0  # s; PostgreSQL's image starts it twice
CONFIGURATION = "/etc/nats/local.conf"


@dataclass
class Containers:
    """Three running containers that keep nothing; made by `start_containers`."""

    addresses: Addresses
    running: list[Any] = field(default_factory=list)

    async def stop(self) -> None:
        """Stop and remove them."""
        await asyncio.gather(*(asyncio.to_thread(container.stop) for container in self.running))


@dataclass(frozen=True)
class _Watched:
    """A container as something to wait for."""

    name: Name
    container: Any

    def alive(self) -> bool:
        """Whether it has not exited."""
        wrapped = self.container.get_wrapped_container()
        wrapped.reload()
        return bool(wrapped.status in {"created", "running"})

    def failure(self, reason: str) -> ServerFailed:
        """The failure with what the container wrote."""
        log = "".join(part.decode(errors="replace") for part in self.container.get_logs())[-2000:]
        return ServerFailed(self.name, reason, log, fix_for(log))


async def start_containers(state: Path, nats_users: Sequence[BrokerUser]) -> Containers:
    """Start the images on free ports of this machine, tuned for tests; the folder keeps the NATS users' seeds.

    Raises ServerFailed when testcontainers is not installed, Docker does not answer, or a server does not start.
    """
    check(nats_users)
    seeds, words = _keys(state, nats_users)
    started: list[Any] = []
    try:
        made = _described(words, state / "nats.conf")
        for name, container in made.items():
            await asyncio.to_thread(container.with_exposed_ports(PORTS[name]).start)
            started.append(container)
        addresses = _addresses(made, words, seeds)
        watched = {name: _Watched(name, container) for name, container in made.items()}
        await postgres_answers(addresses.postgres_url, watched["postgres"], READY_WITHIN)
        await nats_answers(addresses.nats_url, seeds[PROBE], watched["nats"], READY_WITHIN)
        await redis_answers(addresses.redis_url, watched["redis"], READY_WITHIN)
    except BaseException as error:
        await asyncio.gather(*(asyncio.to_thread(container.stop) for container in started))
        if type(error).__module__.startswith(("docker.", "requests.")):
            raise ServerFailed("containers", f"Docker refused: {error}", "", "Start Docker, or unset MUTUAL_AID_SERVERS.") from error  # fmt: skip
        raise
    return Containers(addresses, started)


def _keys(state: Path, nats_users: Sequence[BrokerUser]) -> tuple[dict[str, Path], dict[Name, str]]:
    """NATS seeds by user and passwords by server; writes the NATS configuration they belong to."""
    everyone = (*nats_users, NatsUser(PROBE))
    state.mkdir(parents=True, exist_ok=True)
    seeds = {user.name: seed_file(state, user.name) for user in everyone}
    text = render(everyone, seeds, PORTS["nats"], store="/data", durable=False, host="0.0.0.0")  # noqa: S104 - inside its container
    (state / "nats.conf").write_text(text, encoding="utf-8")
    return seeds, {"postgres": secrets.token_urlsafe(24), "redis": secrets.token_urlsafe(24)}


def _described(words: dict[Name, str], nats_configuration: Path) -> dict[Name, Any]:
    """The three containers, not yet started."""
    try:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - a tool of tests, not of the product
    except ImportError as error:
        raise ServerFailed("containers", "testcontainers is not installed", "", "Run make dev.") from error
    fast = [part for name, value in FAST_AND_FORGETFUL.items() for part in ("-c", f"{name}={value}")]
    return {
        "postgres": DockerContainer(IMAGES["postgres"])
        .with_env("POSTGRES_PASSWORD", words["postgres"])
        .with_env(
            "POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"
        )
        .with_command(["postgres", *fast]),
        "nats": DockerContainer(IMAGES["nats"])
        .with_volume_mapping(str(nats_configuration.resolve()), CONFIGURATION, "ro")
        .with_command(["-c", CONFIGURATION]),
        "redis": DockerContainer(IMAGES["redis"]).with_command(["redis-server", "--requirepass", words["redis"]]),
    }


def _addresses(made: dict[Name, Any], words: dict[Name, str], seeds: dict[str, Path]) -> Addresses:
    host = {name: f"{one.get_container_host_ip()}:{one.get_exposed_port(PORTS[name])}" for name, one in made.items()}
    return Addresses(
        f"postgresql://postgres:{words['postgres']}@{host['postgres']}/postgres",
        f"nats://{host['nats']}",
        {name: seed for name, seed in seeds.items() if name != PROBE},
        f"redis://:{words['redis']}@{host['redis']}/0",
    )
