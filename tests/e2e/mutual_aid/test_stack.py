"""The whole product on one machine, by the operator's command: up, hurt, status, doctor, down, and up again."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from local_servers import Addresses
from mutual_aid.place import Place
from mutual_aid.stack import record
from small_disk import small_disk
from telegram_simulator import DEMO_TOKEN, Simulator, running_simulator

WITHIN = 120.0  # s for anything; a few are usual on a quiet machine
OURS = {"POSTGRES_URL", "NATS_URL", "NATS_SEEDS_DIR", "REDIS_URL", "BOT_TOKEN", "BOT_API_URL", "SIMULATOR_PORT"}


class Command:
    """`mutual-aid` on a state folder of its own, without the servers and tokens of whoever runs the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = Place(folder / "state")

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        return subprocess.run(
            [sys.executable, "-m", "mutual_aid", "--state", self.place.folder, *words],
            capture_output=True, text=True, check=False, cwd=self.folder, env=clean | environment, timeout=300,
        )  # fmt: skip

    def running(self) -> record.Record:
        found = record.running(self.place)
        assert found is not None
        return found

    def pid(self, name: str) -> int:
        line = self.running().process(name)
        assert line is not None
        assert line.pid is not None
        return line.pid

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for what another process does; the record is all there is to look at."""
        give_up = time.monotonic() + WITHIN
        while not true():
            assert time.monotonic() < give_up, self.place.log("up").read_text()
            time.sleep(0.05)

    def is_up_again(self, name: str, before: int) -> bool:
        found = record.running(self.place)
        line = found.process(name) if found else None
        return line is not None and line.state == "up" and line.pid not in {before, None}


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    made = Command(tmp_path)
    yield made
    if record.is_held(made.place):
        made.run("down")
    if made.place.servers.exists():
        made.run("erase", "--yes")


def test_up_hurt_down_and_up_again(command: Command) -> None:
    started = command.run("up", "--detach")
    assert started.returncode == 0, started.stderr
    page = command.running().page
    assert f"{page}/" in started.stdout

    again = command.run("up")
    assert again.returncode == 0
    assert "runs already" in again.stdout
    assert page in again.stdout

    shown = command.run("status")
    assert shown.returncode == 0
    for name in ("postgres", "nats", "redis", "simulator", "api", "bot"):
        assert str(command.pid(name)) in shown.stdout
    command.until(lambda: re.search(r"\b0 owed", command.run("status").stdout) is not None)
    for figure in ("since the api started", "99 % within", "streams hold: EVENTS", "updates handled, 0 parked"):
        assert figure in shown.stdout, shown.stdout

    looked = command.run("doctor")
    assert looked.returncode == 0, looked.stdout
    assert "Nothing is wrong" in looked.stdout
    assert "nats keeps: what it acknowledges is on the disk" in looked.stdout

    token = command.run("admin", "create")
    assert "/start admin_" in token.stdout

    assert "Nothing is parked." in command.run("parked", "list").stdout
    assert "0 are put back" in command.run("parked", "retry").stdout
    nowhere = command.run("parked", "show", "7")
    assert nowhere.returncode == 1
    assert "number 7 is not parked" in nowhere.stderr

    for name in ("api", "nats"):
        before = command.pid(name)
        os.kill(before, signal.SIGKILL)
        command.until(lambda name=name, before=before: command.is_up_again(name, before))  # type: ignore[misc]

    everything = [command.running().pid, *(command.pid(line.name) for line in command.running().processes)]
    for pid in everything:
        with suppress(ProcessLookupError):  # one goes with another
            os.kill(pid, signal.SIGKILL)
    command.until(lambda: not record.is_held(command.place))
    assert command.run("status").returncode == 1

    revived = command.run("up", "--detach")
    assert revived.returncode == 0, revived.stderr
    assert command.running().page.startswith("http://127.0.0.1:")
    alive = [psutil.Process(line.pid) for line in command.running().processes if line.pid]
    assert command.run("erase", "--yes").returncode == 1
    assert command.run("down").returncode == 0
    gone, left = psutil.wait_procs(alive, timeout=5)
    assert not left
    assert len(gone) == 6
    assert "Nothing runs here" in command.run("down").stdout
    assert command.run("erase").returncode == 1
    kept = Path(note.read_text().strip()) if (note := command.place.servers / "data-is-in").exists() else None
    assert command.run("erase", "--yes").returncode == 0
    assert not command.place.servers.exists()
    assert kept is None or not kept.exists()


async def test_the_seed_is_there_and_a_server_that_is_theirs_is_used(command: Command, servers: Addresses) -> None:
    theirs = servers.redis_url.removesuffix("/0") + "/9"
    started = command.run("up", "--detach", REDIS_URL=theirs)
    assert started.returncode == 0, started.stderr
    assert command.running().environment["REDIS_URL"] == theirs
    assert command.running().process("redis") is None
    async with Simulator(command.running().page) as simulator:
        labels = {person.label for person in await simulator.people()}
    assert labels == {"asks for help", "volunteer", "moderator"}
    assert command.run("seed").stdout.strip() == "0 people and 0 scenarios are new."


def test_in_front_it_tells_what_it_does_and_stops_when_asked(command: Command) -> None:
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    with subprocess.Popen(
        [sys.executable, "-m", "mutual_aid", "--state", command.place.folder, "up"],
        stdout=subprocess.PIPE, text=True, env=clean, cwd=command.folder,
    ) as front:  # fmt: skip
        assert front.stdout is not None
        said: list[str] = []
        for line in front.stdout:
            said.append(line)
            if line.startswith("ready."):
                break
        began = time.monotonic()
        front.send_signal(signal.SIGINT)
        assert front.wait(60) == 0
        assert time.monotonic() - began < 30
        said += front.stdout.readlines()
    assert any(line.startswith("bot: up") for line in said)
    assert "simulator: down" in said[-1]
    assert not record.is_held(command.place)


def test_a_taken_port_is_named(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = command.run("up", SIMULATOR_PORT=str(port))
    assert refused.returncode == 1
    assert f"port {port} is taken" in refused.stderr
    assert "What to do:" in refused.stderr
    assert not record.is_held(command.place)


async def test_a_wrong_token_is_named(command: Command) -> None:
    wrong = "1111111111:" + "x" * 35
    async with running_simulator(tokens=(DEMO_TOKEN,)) as telegram:
        refused = await asyncio.to_thread(command.run, "up", BOT_TOKEN=wrong, BOT_API_URL=telegram.url)
    assert refused.returncode == 1
    assert "does not know this BOT_TOKEN" in refused.stderr
    assert "BotFather" in refused.stderr
    assert wrong not in refused.stdout + refused.stderr


def test_wrong_settings_are_listed(command: Command) -> None:
    refused = command.run("up", SIMULATOR_PORT="http", BOT_MODE="carrier pigeon")
    assert refused.returncode == 2
    assert "SIMULATOR_PORT" in refused.stderr
    assert "BOT_MODE" in refused.stderr


def test_a_server_that_is_theirs_and_dead_is_named(command: Command) -> None:
    with socket.socket() as taken:  # nobody else gets the port, and nobody listens there
        taken.bind(("127.0.0.1", 0))
        dead = taken.getsockname()[1]
        refused = command.run("up", POSTGRES_URL=f"postgresql://u:hidden@127.0.0.1:{dead}/x")
    assert refused.returncode == 1
    assert f"postgres: nothing listens at 127.0.0.1:{dead}" in refused.stderr
    assert "What to do: Start PostgreSQL" in refused.stderr
    assert "hidden" not in refused.stderr


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "16m") as folder:
        refused = Command(folder).run("up")
    assert refused.returncode == 1
    assert "disk: 1" in refused.stderr
    assert "What to do: Free some disk space" in refused.stderr


def test_benchmarks_are_looked_for_where_they_are(command: Command) -> None:
    refused = command.run("bench")
    assert refused.returncode == 1
    assert "clone of the repository" in refused.stderr
