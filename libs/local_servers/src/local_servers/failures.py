"""Why servers could not be had, each with one sentence that says what to do about it."""

import re
from dataclasses import dataclass
from pathlib import Path

# What a server, the loader or the kernel says, and what helps. The first match in the log decides, so the
# narrower patterns stand first. Sentences are shown to people as they are.
FIXES: tuple[tuple[str, str], ...] = (
    (r"No space left on device|disk quota exceeded|could not write .*: ENOSPC|insufficient storage", "Free some disk space, then start again."),
    (r"could not (resize|open) shared memory segment", "Give /dev/shm more room (in a container: --shm-size=256m), then start again."),
    (r"address already in use|Address in use|bind: .*in use", "Another program took the port: start again, and another port is chosen."),
    (r"error while loading shared libraries: (?P<what>\S+?):", "Install the system library {what}, then start again."),
    (r"version `(?P<what>GLIBC\S*)' not found", "This system is too old for the bundled server ({what} is missing): install the server from the system's packages."),
    (r"Exec format error|cannot execute binary file", "The bundled server is for another processor: install the server from the system's packages."),
    (r"database files are incompatible with server", "The data were written by another PostgreSQL version: dump them with that version, or move the state folder away to begin anew."),
    (r"(PANIC|FATAL):.*(checkpoint record|could not locate a valid|read \d+ of \d+|invalid data in file|incorrect checksum)", "The database files are damaged: restore a backup, or move the state folder away to begin anew."),
    (r"could not create semaphores|could not create shared memory|Cannot allocate memory|out of memory", "Free some memory, then start again."),
    (r"Permission denied|Operation not permitted|Read-only file system|wrong ownership", "Make the state folder and everything in it writable for the account that starts the servers."),
    (r"Too many open files", "Raise the limit of open files (ulimit -n 4096), then start again."),
)  # fmt: skip
UNKNOWN = "Read the lines above; the whole log is in the state folder under logs."


def fix_for(log: str) -> str:
    """The sentence that says what to do about a server that left this log."""
    for pattern, sentence in FIXES:
        if found := re.search(pattern, log, re.IGNORECASE):
            return sentence.format(**found.groupdict())
    return UNKNOWN


@dataclass(eq=False)
class ServerFailed(Exception):
    """A server did not start, or died.

    name is the server ("postgres", "nats", "redis") or "state" when the folder itself is at fault; reason says what
    was seen; log_tail holds the server's last lines (may be empty); fix is one sentence for a person.
    """

    name: str
    reason: str
    log_tail: str
    fix: str

    def __str__(self) -> str:
        """Reason, log and fix, each on lines of its own."""
        return "\n".join(part for part in (f"{self.name}: {self.reason}", self.log_tail.rstrip(), self.fix) if part)


@dataclass(eq=False)
class AlreadyRunning(Exception):
    """Another process runs servers on this state; it was left alone.

    addresses maps server names to "host:port" without secrets, and is empty while that process is still starting.
    """

    state: Path
    pid: int
    addresses: dict[str, str]

    def __str__(self) -> str:
        """One sentence: who runs what, where."""
        where = ", ".join(f"{name} at {address}" for name, address in self.addresses.items()) or "still starting"
        return f"process {self.pid} already runs these servers ({where}) on {self.state}"
