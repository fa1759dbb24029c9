"""Who runs a stack on a state folder, and what of it: written by `up`, read by every other command."""

import fcntl
import os
import tempfile
import time
from pathlib import Path
from typing import Literal

import msgspec

from local_servers.state import LOCK_PATIENCE, locked
from mutual_aid.place import Place

State = Literal["starting", "up", "unready", "down", "failing"]
Phase = Literal["starting", "ready", "stopping"]


LOOK = 0.02  # s between tries to have the lock


class ProcessLine(msgspec.Struct, kw_only=True):
    """One process: `port` is where it listens, `restarts` how often it was started again, `why` what it lacks."""

    name: str
    state: State = "starting"
    pid: int | None = None
    port: int | None = None
    restarts: int = 0
    why: str = ""


class Record(msgspec.Struct, kw_only=True):
    """What runs. `page` and `simulator` are the simulator's address, empty with real Telegram.

    `environment` holds the servers' addresses as POSTGRES_URL, NATS_URL, NATS_SEEDS_DIR and REDIS_URL.
    `limits` says whether sending is held to Telegram's limits, `trouble` what an operator has to see to.
    """

    pid: int
    phase: Phase = "starting"
    page: str = ""
    limits: bool = True
    environment: dict[str, str] = {}
    processes: list[ProcessLine] = []
    trouble: list[str] = []

    def process(self, name: str) -> ProcessLine | None:
        """The line of a process by name."""
        return next((line for line in self.processes if line.name == name), None)


class Running(Exception):
    """Another `up` runs on the state folder; `record` is what it last wrote, None while it has written nothing yet."""

    def __init__(self, record: Record | None) -> None:
        super().__init__("it runs already")
        self.record = record


def hold(place: Place) -> int:
    """Take the state folder for this process; returns the descriptor that keeps it. Raises Running when it is taken."""
    lock = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LOCK_PATIENCE
    while not locked(lock, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            os.close(lock)
            raise Running(read(place))
        time.sleep(LOOK)  # somebody looks at the lock, as `status` does
    place.record.unlink(missing_ok=True)
    return lock


def release(lock: int) -> None:
    """Let the next process have the state folder."""
    os.close(lock)


def running(place: Place) -> Record | None:
    """What runs on the state folder now, None when nothing does."""
    try:
        lock = os.open(place.lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return read(place)
    else:
        return None
    finally:
        os.close(lock)


def is_held(place: Place) -> bool:
    """Whether an `up` runs, also one that has not written what it does yet."""
    try:
        lock = os.open(place.lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(lock)


def read(place: Place) -> Record | None:
    """What was written last, None when there is nothing, or nothing one could read."""
    try:
        return msgspec.json.decode(place.record.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def write(place: Place, record: Record) -> None:
    """Put the record in place whole or not at all; it holds addresses with passwords, so only its owner reads it."""
    handle, name = tempfile.mkstemp(dir=place.folder, prefix=".up.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(record))
        Path(name).replace(place.record)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
