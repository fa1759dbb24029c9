"""The two houses: docker-compose.yml as it stands, and deploy/example as somebody would copy it to a server."""

import os
import shutil
import socket
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from containers.engine import ROOT, House, missing
from telegram_simulator.people import DEMO_TOKEN

VERSION = "test"
HOST = "bot.example.org"  # a name for documentation: nobody's


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test is for both houses, or for those its file names."""
    if "house" in metafunc.fixturenames:
        chosen = getattr(metafunc.module, "HOUSES", (plain, example))
        metafunc.parametrize("house", chosen, indirect=True, ids=[made.__name__ for made in chosen])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One house after the other. Without an engine, or unasked, a plain skip with the reason."""
    ours = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    reason = missing() if ours else ""
    for item in ours:
        item.add_marker(pytest.mark.containers)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
    order = {item: "plain" not in item.name for item in ours}
    items[:] = [item for item in items if item not in order] + sorted(ours, key=order.__getitem__)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What failed leaves how everything stood at that moment, in .local/containers."""
    report = yield
    house = getattr(item, "funcargs", {}).get("house")
    if call.when == "call" and report.failed and isinstance(house, House):
        folder = ROOT / ".local" / "containers" / f"{house.name}-{item.name.partition('[')[0]}"
        house.evidence(folder)
        report.sections.append(("how everything stood", str(folder)))
    return report


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
        "mutual-aid-test", ROOT, (ROOT / "docker-compose.yml",), told, f"http://127.0.0.1:{port}", frozenset({"secrets", "migrate", "no-made-up-people", "people"}), {"simulator": port},
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


@pytest.fixture(scope="session")
def standing() -> Iterator[list[House]]:
    """The house that stands; there is one at a time."""
    houses: list[House] = []
    yield houses
    leave(houses)


def leave(houses: list[House]) -> None:
    """Take away what stands, with everything it kept."""
    while houses:
        if not os.environ.get("MUTUAL_AID_KEEP_CONTAINERS"):
            houses[-1].down(volumes=True)
        houses.pop()


@pytest.fixture
def house(request: pytest.FixtureRequest, standing: list[House], tmp_path_factory: pytest.TempPathFactory) -> House:
    """One of the two, built and up from nothing by whoever asks first; it stands until the other one is asked for."""
    if not standing or standing[0].made_by is not request.param:
        leave(standing)
        made: House = request.param(tmp_path_factory.mktemp("house"))
        made.made_by = request.param
        standing.append(made)
        made.down(volumes=True)  # what a killed run left
        made.build()
        made.took["cold start"] = made.up()
    return standing[0]


@pytest.fixture
def people(house: House) -> House:
    """The demo's people and kinds of help, wherever the house did not bring them in by itself."""
    if "people" not in house.services() and not house.has_people:
        said = house.run("operator", "seed")
        assert "3 people and 6 scenarios are new" in said, said
        house.has_people = True
    return house
