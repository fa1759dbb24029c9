"""The two houses: docker-compose.yml as it stands, and deploy/example as somebody would copy it to a server."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers.engine import ROOT, House, missing
from telegram_simulator.people import DEMO_TOKEN

VERSION = "test"
HOST = "bot.example.org"  # a name for documentation: nobody's


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without an engine, or unasked, a plain skip with the reason."""
    ours = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    reason = missing() if ours else ""
    for item in ours:
        item.add_marker(pytest.mark.containers)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def base() -> str:
    """What the images are built on."""
    return os.environ.get("BASE", "python:3.13-slim")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain(folder: Path) -> House:
    """`docker compose up` in the repository, with nothing set but names and ports that disturb nobody."""
    port = free_port()
    told = folder / "told.env"
    told.write_text(f"VERSION={VERSION}\nSIMULATOR_PORT={port}\nDELIVERY_LEASE_SECONDS=10\n")
    return House(
        "mutual-aid-test", ROOT, (ROOT / "docker-compose.yml",), told, f"http://127.0.0.1:{port}", frozenset({"secrets", "migrate", "people"}), {"simulator": port},
    )  # fmt: skip


def example(folder: Path) -> House:
    """A copy of deploy/example, set up as its README says, with a simulated Telegram."""
    home = folder / "example"
    shutil.copytree(ROOT / "deploy" / "example", home, ignore=shutil.ignore_patterns("secrets", "backups"))
    port, public = free_port(), free_port()
    (home / ".env").write_text(
        f"PUBLIC_HOST={HOST}\nLISTEN=127.0.0.1\nPUBLIC_PORT={public}\nVERSION={VERSION}\nSOURCE={ROOT}\nSIMULATOR_PORT={port}\n"
    )
    (home / "settings" / "api.env").write_text("DELIVERY_LEASE_SECONDS=10\n")
    keys = home / "secrets" / "keys"
    keys.mkdir(parents=True)
    (keys / "bot_token").write_text(f"{DEMO_TOKEN}\n")
    return House(
        "mutual-aid-example-test", home, (home / "compose.yml", ROOT / "tests" / "containers" / "telegram.yml"),
        home / ".env", f"http://127.0.0.1:{port}",
        frozenset({"secrets", "migrate"}), {"simulator": port, "nginx": public},
    )  # fmt: skip


@pytest.fixture(scope="session", params=[plain, example], ids=["compose", "example"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One of the two, built and up from nothing; taken away with everything it kept."""
    made: House = request.param(tmp_path_factory.mktemp("house"))
    made.down(volumes=True)  # what a killed run left
    try:
        made.build()
        made.took["cold start"] = made.up()
        yield made
    finally:
        if not os.environ.get("MUTUAL_AID_KEEP_CONTAINERS"):
            made.down(volumes=True)


@pytest.fixture(scope="session")
def people(house: House) -> House:
    """The demo's people and kinds of help, wherever the house did not bring them in by itself."""
    if "people" not in house.services():
        said = house.run("operator", "seed")
        assert "3 people and 6 scenarios are new" in said, said
    return house
