"""A disk of one's own to fill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import small_disk as disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one mebibyte."""
    with disks.small_disk(tmp_path / "small", "1m") as folder:
        yield folder
