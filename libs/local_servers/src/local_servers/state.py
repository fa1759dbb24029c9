"""What must stay the same from one start to the next: who holds the state, its ports, passwords and keys."""

import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nkeys  # type: ignore[import-untyped]  # it ships no types

from local_servers.account import give
from local_servers.failures import AlreadyRunning, ServerFailed

# Below the range kernels draw outgoing ports from (32768 on Linux, 49152 on macOS): there a recorded port could be
# somebody's outgoing connection at the next start.
PORTS = range(20_000, 32_000)
PORT_TRIES = 100  # all of them taken means that none is to be had
LOCK_PATIENCE = 0.5  # s; longer than a look at the lock by `running` takes


@dataclass
class State:
    """A state folder held by this process. Ports by server name, passwords by server name."""

    folder: Path
    lock: int
    data_lock: int = -1  # on data that lie elsewhere
    ports: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def save(self) -> None:
        """Write ports and passwords, readable by their owner only."""
        give(self.folder / "kept.json", json.dumps({"ports": self.ports, "passwords": self.passwords}), None)

    def announce(self, addresses: dict[str, str]) -> None:
        """Tell whoever finds the state held who holds it, and where the servers listen."""
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, json.dumps({"pid": os.getpid(), "addresses": addresses}).encode(), 0)

    def release(self) -> None:
        """Let the next process have the state. Safe to call twice."""
        if self.lock != -1:
            os.ftruncate(self.lock, 0)
            os.close(self.lock)
            self.lock = -1
        if self.data_lock != -1:
            os.close(self.data_lock)
            self.data_lock = -1


def hold(folder: Path) -> State:
    """Take the state folder, made if need be, for this process alone.

    Raises AlreadyRunning when another process has it (the kernel drops the lock of one that died, however it died),
    ServerFailed when the folder cannot be written.
    """
    folder = folder.resolve()
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                folder.chmod(0o711)  # the servers' account passes through to its data; every secret in here is 0600
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ServerFailed(
                "state",
                f"{error.filename or folder}: {error.strerror}",
                "",
                f"Make {folder} a folder this account can write to, or name another.",
            ) from error
        if locked(lock, fcntl.LOCK_EX):
            if _still_there(folder, lock):
                break
            os.close(lock)  # its last holder erased the folder: what we locked is no longer in it
        elif time.monotonic() > deadline:
            raise _held(folder, lock)
        else:
            os.close(lock)
            time.sleep(0.02)
    state = State(folder, lock)
    state.announce({})
    try:
        _recall(state)
    except ServerFailed:
        state.release()
        raise
    return state


def running(folder: Path) -> AlreadyRunning | None:
    """Who runs servers on this state now, None when nobody does.

    Changes nothing and waits for nobody. Raises ServerFailed when the folder is closed to us.
    """
    try:
        lock = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise ServerFailed("state", f"{folder} belongs to another account", "", "Ask as that account.") from error
    if locked(lock, fcntl.LOCK_SH):
        os.close(lock)
        return None
    return _held(folder, lock)


def choose_ports(state: State, names: Iterable[str]) -> None:
    """Give every server a port on loopback: the one it had, while that is free, else a new one, and record it."""
    before = dict(state.ports)
    for name in names:
        others = {port for other, port in state.ports.items() if other != name}
        port = state.ports.get(name)
        tries = 0
        while port is None or port in others or not free(port):
            if (tries := tries + 1) > PORT_TRIES:
                raise ServerFailed(
                    "state", "no port of 127.0.0.1 can be listened on", "", "Allow this account to use the network."
                )
            port = secrets.choice(PORTS)
        state.ports[name] = port
    if state.ports != before:
        state.save()


def free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: recent connections do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def seed_file(folder: Path, name: str) -> Path:
    """The file with a NATS user's seed, made at the first call; its owner alone can read it."""
    seeds = folder / "seeds"
    seeds.mkdir(mode=0o700, exist_ok=True)
    path = seeds / f"{name}.nk"
    if not path.exists():
        give(path, nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode(), None)
    return path


def public_key(seed: Path) -> str:
    """What the server knows a user by: the public half of the key in a seed file."""
    name: bytes = nkeys.from_seed(seed.read_bytes().strip()).public_key
    return name.decode()


def _recall(state: State) -> None:
    kept = state.folder / "kept.json"
    if kept.exists():
        try:
            found = json.loads(kept.read_text(encoding="utf-8"))
            state.ports = {str(name): int(port) for name, port in found["ports"].items()}
            state.passwords = {str(name): str(word) for name, word in found["passwords"].items()}
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ServerFailed(
                "state",
                f"{kept} is damaged: {error}",
                "",
                f"Restore it from a backup, or move {state.folder} away to begin anew (without its data).",
            ) from error
    for name in ("postgres", "redis"):
        state.passwords.setdefault(name, secrets.token_urlsafe(32))
    state.save()


def locked(lock: int, how: int) -> bool:
    """Whether this lock could be had at once (fcntl.LOCK_EX, fcntl.LOCK_SH); the kernel drops it with its holder."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _still_there(folder: Path, lock: int) -> bool:
    """Whether the file we locked is the one in the folder."""
    try:
        return os.path.samestat(os.fstat(lock), (folder / "lock").stat())
    except FileNotFoundError:
        return False


def _held(folder: Path, lock: int) -> AlreadyRunning:
    try:
        holder = json.loads(os.pread(lock, 4096, 0) or "{}")
    except ValueError:
        holder = {}
    finally:
        os.close(lock)
    return AlreadyRunning(folder, int(holder.get("pid", 0)), dict(holder.get("addresses", {})))
