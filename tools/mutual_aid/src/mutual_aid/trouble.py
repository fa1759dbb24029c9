"""What stands in the operator's way, always with what to do about it."""

import re
from dataclasses import dataclass
from pathlib import Path

from local_servers import ServerFailed
from local_servers.failures import fix_for
from local_servers.process import tail

# What our own processes write when they cannot go on; what servers and the kernel say is known to `fix_for`.
# The first match decides, so the narrower patterns stand first.
FIXES: tuple[tuple[str, str], ...] = (
    (r"the settings are wrong", "Correct the settings named above, in the environment or in .env."),
    (r"Unauthorized|token is invalid", "Put the token BotFather gave into BOT_TOKEN, whole and without quotes."),
    (r"[Aa]uthorization [Vv]iolation", "NATS does not know this user's key: start again, so that users and seeds are written anew."),
    (r"password authentication failed|InvalidPassword", "Correct the user name and password in POSTGRES_URL."),
    (r"WRONGPASS|NOAUTH", "Correct the password in REDIS_URL."),
    (r"MISCONF|OOM command not allowed", "Give Redis memory and disk space, then start again."),
)  # fmt: skip


@dataclass(eq=False)
class Trouble(Exception):
    """Something that keeps the product from running.

    name is the process or thing at fault, reason says what was seen, fix is one sentence for a person, log_tail holds
    the last lines a process wrote (may be empty).
    """

    name: str
    reason: str
    fix: str
    log_tail: str = ""

    safe_to_log = True

    def __str__(self) -> str:
        """Reason, log and fix, each on lines of its own."""
        parts = (f"{self.name}: {self.reason}", self.log_tail.rstrip(), f"What to do: {self.fix}")
        return "\n".join(part for part in parts if part)


def among(group: BaseExceptionGroup[BaseException]) -> Trouble | None:
    """The first trouble in a group of errors, None when there is none."""
    for error in group.exceptions:
        found = among(error) if isinstance(error, BaseExceptionGroup) else error
        if isinstance(found, Trouble):
            return found
    return None


def of_server(failure: ServerFailed) -> Trouble:
    """The same trouble in our words."""
    return Trouble(failure.name, failure.reason, failure.fix, failure.log_tail)


def of_process(name: str, reason: str, log: Path) -> Trouble:
    """The trouble of a process that ended or does not answer, with the end of its log and what helps."""
    lines = tail(log)
    for pattern, fix in FIXES:
        if re.search(pattern, lines):
            return Trouble(name, reason, fix, lines)
    known = fix_for(lines)
    fix = f"Read the lines above; the whole log is {log}." if known == fix_for("") else known
    return Trouble(name, reason, fix, lines)
