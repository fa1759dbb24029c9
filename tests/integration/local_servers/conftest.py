"""Servers of a test's own: these tests break them."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_servers import erase

MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of its own there


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    above = Path(tempfile.mkdtemp(prefix="local servers ", dir=folder))
    above.chmod(0o755)
    state = above / "всё своё, 'quoted' \"twice\" $HOME"
    try:
        yield state
    finally:
        asyncio.run(erase(state))
        shutil.rmtree(above)


@pytest.fixture
def state() -> Iterator[Path]:
    """A place for a state that any account can reach, under a name that trips careless quoting."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2**30
    with _place(MEMORY if roomy else None) as folder:
        yield folder


@pytest.fixture
def state_on_disk() -> Iterator[Path]:
    """As `state`, where people keep theirs."""
    with _place(None) as folder:
        yield folder


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder on a disk that runs programs, as memory may not."""
    folder = Path(tempfile.mkdtemp(prefix="local servers "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed() -> Iterator[Path]:
    """A place for a state in a folder that nobody but root can enter, as /root is; its data lie elsewhere."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    folder = Path(tempfile.mkdtemp(prefix="local servers "))
    folder.chmod(0o700)
    yield folder / "проект" / "state"
    asyncio.run(erase(folder / "проект" / "state"))
    shutil.rmtree(folder)
