"""A short day through the whole stack, with the bot, the api and NATS killed on the way."""

import os
import subprocess
import sys
from pathlib import Path

# What a killed bot had begun is given out again after a minute, too long for a test to wait.
HURRIED = {"DELIVERY_LEASE_SECONDS": "10"}
LAST = "lost 0, doubled 0, out of order 0, flagged repeats "


def test_the_sample_day_ends_well(tmp_path: Path) -> None:
    foreign = {"POSTGRES_URL", "NATS_URL", "NATS_SEEDS_DIR", "REDIS_URL", "BOT_TOKEN", "BOT_API_URL"}
    clean = {name: value for name, value in os.environ.items() if name not in foreign}
    played = subprocess.run(
        [sys.executable, "-m", "mutual_aid", "--state", tmp_path / "state", "demo", "--kill"],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=clean | HURRIED, timeout=400,
    )  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "mutual_aid", "--state", tmp_path / "state", "erase", "--yes"], check=True, timeout=60
    )
    last = played.stdout.strip().splitlines()[-1]
    assert last.startswith(LAST), played.stdout + played.stderr
    assert last.removeprefix(LAST).isdecimal()
    assert played.returncode == 0
    assert all(f"killed {name}" in played.stdout for name in ("bot", "api", "nats"))
