"""One set of real servers for a whole run: the process that leads it starts them, xdist's workers inherit addresses.

MUTUAL_AID_SERVERS says which: `wheels` (default), `containers`, or `external` for those that POSTGRES_URL, NATS_URL,
NATS_SEEDS_DIR and REDIS_URL name. A run of tests/unit or tests/containers alone starts none.
"""

import asyncio
import contextlib
import gc
import hashlib
import os
import shutil
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from contracts.permissions import nats_users
from local_servers import Addresses, AlreadyRunning, ServerFailed, Servers, drop_clones, erase, from_environment, start
from local_servers.containers import Containers, start_containers

pytest_plugins = ["world"]

ROOT = Path(__file__).resolve().parent.parent
SLOTS = 16  # test runs at one time, each on servers of its own
MEMORY = Path("/dev/shm")  # noqa: S108 - copying a database is ten times faster there; the folder's owner is checked
MEMORY_NEEDED = 2 * 2**30  # bytes free; a run uses a tenth, and a small container's 64 MB are not enough
# How long an example takes is the machine's affair, and no run takes over what another one kept in the folder.
settings.register_profile("suite", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
RUNNING = pytest.StashKey[Servers | Containers]()


def pytest_configure(config: pytest.Config) -> None:
    # As it comes, structlog paints every traceback for seconds, in which a process under test answers nobody.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    if hasattr(config, "workerinput") or config.option.collectonly or _serverless(config):
        return
    running: Servers | Containers
    try:
        match os.environ.get("MUTUAL_AID_SERVERS", "wheels"):
            case "wheels":
                config.stash[RUNNING] = running = asyncio.run(_start())
                os.environ.update(running.addresses.environment())
            case "containers":
                config.stash[RUNNING] = running = asyncio.run(
                    start_containers(ROOT / ".local" / "tests" / "containers", nats_users())
                )
                os.environ.update(running.addresses.environment())
            case "external":
                from_environment()
            case other:
                raise pytest.UsageError(f"MUTUAL_AID_SERVERS is wheels, containers or external, not {other!r}")
    except ServerFailed as failure:
        raise pytest.UsageError(str(failure)) from failure


def pytest_collection_finish() -> None:
    """What is there now stays to the end: nobody need look through it for garbage again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # what tests make is soon gone by itself: looking for it cost a tenth of the time


def pytest_unconfigure(config: pytest.Config) -> None:
    if running := config.stash.get(RUNNING, None):
        asyncio.run(running.stop())
        if isinstance(running, Servers) and running.state.folder.is_relative_to(MEMORY):
            with contextlib.suppress(AlreadyRunning):  # the next run was quick
                asyncio.run(erase(running.state.folder))


@pytest.fixture(scope="session")
def servers() -> Addresses:
    """Where the run's PostgreSQL, NATS and Redis are. Shared by all tests: give yours a database or names of its own."""
    return from_environment()


def _serverless(config: pytest.Config) -> bool:
    folders = [ROOT / "tests" / name for name in ("unit", "containers")]
    asked = [Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args]
    return bool(asked) and all(any(path.is_relative_to(one) for one in folders) for path in asked)


def _places() -> list[Path]:
    """Folders for the servers' state: in memory where there is room, else beside other state."""
    name = f"mutual-aid-tests-{os.geteuid()}-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]}"
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    folder = MEMORY if roomy else ROOT / ".local" / "tests"
    places = [folder / f"{name}-{slot}" for slot in range(SLOTS)]
    return [place for place in places if not place.exists() or place.stat().st_uid == os.geteuid()]


async def _start() -> Servers:
    for place in _places():
        try:
            running = await start(place, nats_users(), durable=False)
        except AlreadyRunning:
            continue
        # A killed run may have left its things behind.
        await drop_clones(running.postgres_url)
        await running.erase_jetstream()
        return running
    raise pytest.UsageError(f"{SLOTS} test runs are at work already")
