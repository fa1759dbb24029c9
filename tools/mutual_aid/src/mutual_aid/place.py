"""The state folder: where everything this machine keeps for one stack lies."""

from dataclasses import dataclass
from pathlib import Path

from mutual_aid.trouble import Trouble


@dataclass(frozen=True)
class Place:
    """One state folder, `.local` unless another is named."""

    folder: Path

    @property
    def logs(self) -> Path:
        """One file per process of ours, the last run's as `.1`."""
        return self.folder / "logs"

    @property
    def servers(self) -> Path:
        """What the local servers keep."""
        return self.folder / "servers"

    @property
    def record(self) -> Path:
        """What runs now, for the other commands; readable by its owner only."""
        return self.folder / "up.json"

    @property
    def lock(self) -> Path:
        """Held by the `up` that runs, dropped by the kernel however that ends."""
        return self.folder / "up.lock"

    @property
    def ports(self) -> Path:
        """The ports of our own processes, the same at every start while they are free."""
        return self.folder / "ports.json"

    @property
    def simulator(self) -> Path:
        """People and chats of the simulated Telegram, so that a conversation goes on after a restart."""
        return self.folder / "simulator.json"

    @property
    def totp_key(self) -> Path:
        """The key that seals the secrets of second factors; whoever loses it locks people out. Its owner's alone."""
        return self.folder / "totp.key"

    @property
    def demo(self) -> "Place":
        """The state folder of a day that is played in a stack of its own."""
        return Place(self.folder / "demo")

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self.logs / f"{name}.log"


def make(folder: Path) -> Place:
    """The state folder, made if need be; raises Trouble when it cannot be written to."""
    place = Place(folder.resolve())
    try:
        place.logs.mkdir(parents=True, exist_ok=True)
        probe = place.folder / ".probe"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        raise Trouble(
            "state",
            f"{error.filename or place.folder}: {error.strerror}",
            "Free some disk space, then start again."
            if error.errno in {28, 122}  # ENOSPC, EDQUOT
            else f"Make {place.folder} a folder this account can write to, or name another with --state.",
        ) from error
    return place
