"""The container engine of this machine, asked through its own command, and one project of containers on it."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
UP_WITHIN = 420  # s; a minute is usual where images are there, a slow machine starts nine Pythons one by one
BUILD_WITHIN = 1800

_ASKED = ("exec", "--no-TTY", "postgres", "psql", "-U", "postgres", "-d", "mutual_aid", "-xc")
_NATS = ("exec", "--no-TTY", "nats", "wget", "-q", "-O", "-")
_REDIS = 'export REDISCLI_AUTH="$(sed -n "s/^requirepass //p" /redis/redis.conf)"; '
# No words of anybody's: ids, states and times say what became of a line.
MESSAGES = "SELECT id, demand_id, seq, kind, author_role, created_at FROM messages ORDER BY created_at DESC LIMIT 20"
DELIVERIES = """
    SELECT id, destination_id, message_id, kind, notice, status, attempts, doubts, reason, holder, created_at, not_before,
      began_at, settled_at FROM deliveries ORDER BY id DESC LIMIT 40
"""
SESSIONS = """
    SELECT a.pid, a.client_addr, a.application_name, a.state, a.wait_event, a.xact_start, a.state_change, l.locktype, l.objid,
      l.mode, l.granted
    FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND (l.locktype = 'advisory' OR NOT l.granted)
    WHERE a.datname = current_database()
"""
OUTBOX = "SELECT id, subject, created_at, now() FROM outbox ORDER BY id LIMIT 40"
EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "containers": ("ps", "--all", "--no-trunc"),
    "logs": ("logs", "--no-color", "--timestamps"),
    "messages": (*_ASKED, MESSAGES),
    "deliveries": (*_ASKED, DELIVERIES),
    "destinations": (*_ASKED, "SELECT id, channel, reachable FROM destinations"),
    "outbox": (*_ASKED, OUTBOX),
    "sessions": (*_ASKED, SESSIONS),
    "streams": (*_NATS, "http://127.0.0.1:8222/jsz?accounts=true&streams=true&consumers=true&config=true"),
    "connections": (*_NATS, "http://127.0.0.1:8222/connz?subs=true&state=any"),
    "redis": ("exec", "--no-TTY", "redis", "sh", "-c", f"{_REDIS} redis-cli --scan --pattern 'telegram:*' | sort"),
    "overdue": (
        "exec", "--no-TTY", "redis", "sh", "-c",
        f"{_REDIS} for key in $(redis-cli --scan --pattern 'telegram:*:copies'); do redis-cli zrange $key 0 40 withscores; done",
    ),
}  # fmt: skip


def missing() -> str:
    """Why nothing can be tried in containers here, "" when it can."""
    if os.environ.get("MUTUAL_AID_CONTAINERS") not in {"1", "long"}:
        return "make test-containers asks for it"
    if shutil.which("docker") is None:
        return "there is no docker command"
    for words, what in ((("version",), "no container engine answers"), (("compose", "version"), "there is no compose")):
        tried = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=60)
        if tried.returncode:
            return f"{what}: {tried.stderr.strip().splitlines()[-1:] or ''}"
    return ""


def docker(*words: str, within: float = 120, check: bool = True) -> str:
    """What `docker ...` prints; AssertionError with all it said when it fails."""
    ran = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=within)
    if check and ran.returncode:
        raise AssertionError(f"docker {' '.join(words)}: {ran.returncode}\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}")
    return ran.stdout


@dataclass
class House:
    """A compose project.

    `once` are services that end by themselves, `page` is the simulator's address, `open` the ports on this machine by service.
    """

    name: str
    folder: Path
    files: tuple[Path, ...]
    env_file: Path
    page: str
    once: frozenset[str]
    open: Mapping[str, int]
    took: dict[str, float] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    has_people: bool = False
    made_by: object = None

    def compose(self, *words: str, within: float = UP_WITHIN, check: bool = True, **more: str) -> str:
        """What `docker compose ...` prints on both channels; AssertionError with all of it when it fails."""
        command = ["docker", "compose", "--project-name", self.name, "--project-directory", str(self.folder)]
        command += ["--env-file", str(self.env_file)]
        command += [word for file in self.files for word in ("--file", str(file))]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST", "BASE") if name in os.environ}
        ran = subprocess.run(
            [*command, *words], cwd=self.folder, env=kept | more,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=within,
        )  # fmt: skip
        if check and ran.returncode:
            raise AssertionError(f"docker compose {' '.join(words)}: {ran.returncode}\n{ran.stdout[-6000:]}")
        return ran.stdout

    def build(self) -> None:
        """Every image, from the sources as they are."""
        self.compose("build", "--quiet", within=BUILD_WITHIN)

    def up(self) -> float:
        """Bring everything up and wait until it is healthy, every one-shot done; returns the seconds it took."""
        began = time.monotonic()
        self.compose("up", "--detach", "--no-build")
        self.healthy()
        return time.monotonic() - began

    def healthy(self, within: float = UP_WITHIN) -> None:
        """Wait until all is well; AssertionError with what is not, and its last words."""
        wait(lambda: not self.ailing(), within, lambda: self.ailing() and f"{self.ailing()}\n{self.last_words()}")

    def ailing(self) -> dict[str, str]:
        """Each service that is not as it should be, and how it stands."""
        found = {one["Service"]: one for one in self.containers()}
        wanted = self.services()
        ailing = dict.fromkeys(wanted - set(found), "not there")
        for name, one in found.items():
            state, health, code = one["State"], one["Health"], one["ExitCode"]
            well = (state, code) == ("exited", 0) if name in self.once else (state, health) == ("running", "healthy")
            if not well and name in wanted:
                ailing[name] = f"{state} {health} {code}"
        return ailing

    def services(self) -> set[str]:
        """All that `up` starts."""
        if not self.names:
            # `config --services` walks the services in parallel, and was once seen to leave one out.
            printed = self.compose("config", "--format", "json")
            self.names |= set(json.loads(printed[printed.index("{") :])["services"])
        return set(self.names)

    def containers(self) -> list[dict[str, Any]]:
        """What compose says of each container, those that ended too."""
        printed = self.compose("ps", "--all", "--format", "json")
        return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]

    def container(self, service: str) -> dict[str, Any]:
        """All the engine knows of a service's container."""
        [found] = [one["ID"] for one in self.containers() if one["Service"] == service]
        return json.loads(docker("inspect", found))[0]

    def last_words(self) -> str:
        """The end of every log."""
        return self.compose("logs", "--tail", "12", "--no-color", check=False)[-6000:]

    def evidence(self, folder: Path) -> None:
        """Write down how everything stands: every log to its beginning, what is owed to whom, who holds what, what waits."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, words in EVIDENCE.items():
            try:
                said = self.compose(*words, within=60, check=False)
            except (OSError, subprocess.SubprocessError) as error:
                said = f"{type(error).__name__}: {error}"
            (folder / f"{name}.txt").write_text(said)

    def run(self, service: str, *words: str, within: float = UP_WITHIN) -> str:
        """What a service run once prints."""
        return self.compose("run", "--rm", "--no-TTY", service, *words, within=within)

    def down(self, *, volumes: bool) -> None:
        """Take it all away; with volumes nothing is left of it."""
        self.compose("down", "--remove-orphans", "--timeout", "40", *(["--volumes"] if volumes else []))


def wait(there: Callable[[], object], within: float, why: Callable[[], object]) -> None:
    """Look until it is there; AssertionError that says why it is not."""
    give_up = time.monotonic() + within
    while not there():
        if time.monotonic() > give_up and (found := why()):
            raise AssertionError(f"not within {within:.0f} s: {found}")
        time.sleep(0.5)
