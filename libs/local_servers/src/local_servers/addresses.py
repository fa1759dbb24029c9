"""Where servers are, in a form that travels to other processes through the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_servers.failures import ServerFailed

NAMES = ("POSTGRES_URL", "NATS_URL", "NATS_SEEDS_DIR", "REDIS_URL")


@dataclass(frozen=True)
class Addresses:
    """URLs with their passwords, and the seed file of every NATS user by its name."""

    postgres_url: str
    nats_url: str
    nats_seeds: Mapping[str, Path]
    redis_url: str

    def environment(self) -> dict[str, str]:
        """The variables from which `from_environment` makes the same addresses."""
        folders = {path.parent for path in self.nats_seeds.values()}
        seeds = str(folders.pop()) if folders else ""
        return dict(zip(NAMES, (self.postgres_url, self.nats_url, seeds, self.redis_url), strict=True))


def from_environment(environment: Mapping[str, str] = os.environ) -> Addresses:
    """Addresses from POSTGRES_URL, NATS_URL, NATS_SEEDS_DIR (a folder of <user>.nk files) and REDIS_URL.

    Raises ServerFailed that lists all that are missing.
    """
    missing = [name for name in NAMES if not environment.get(name)]
    if missing:
        raise ServerFailed("external", f"not set: {', '.join(missing)}", "", "Set them to the servers' addresses.")
    folder = Path(environment["NATS_SEEDS_DIR"])
    if not folder.is_dir():
        raise ServerFailed(
            "external", f"NATS_SEEDS_DIR is no folder: {folder}", "", "Name the folder with <user>.nk files."
        )
    seeds = {path.stem: path for path in sorted(folder.glob("*.nk"))}
    return Addresses(environment["POSTGRES_URL"], environment["NATS_URL"], seeds, environment["REDIS_URL"])
