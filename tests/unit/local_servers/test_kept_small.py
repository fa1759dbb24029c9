from pathlib import Path

import pytest

from local_servers import Addresses, ServerFailed, from_environment
from local_servers.process import LOG_LIMIT, bound, rotate


def test_a_log_keeps_its_end_within_bounds_while_its_writer_goes_on(tmp_path: Path):
    log = tmp_path / "logs" / "nats.log"
    rotate(log)
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n")
        bound(log)
        assert log.read_bytes() == b"old\n"
        writer.write(b"x" * LOG_LIMIT + b"last\n")
        bound(log)
        assert log.stat().st_size == 0
        assert log.with_suffix(".log.1").stat().st_size == LOG_LIMIT
        assert log.with_suffix(".log.1").read_bytes().endswith(b"xlast\n")
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    rotate(log)
    assert log.read_bytes() == b""
    assert log.with_suffix(".log.1").read_bytes() == b"new\n"


def test_addresses_travel_through_the_environment(tmp_path: Path):
    for name in ("api", "telegram"):
        (tmp_path / f"{name}.nk").touch()
    seeds = {"api": tmp_path / "api.nk", "telegram": tmp_path / "telegram.nk"}
    addresses = Addresses("postgresql://u:p%40@h:1/d", "nats://h:2", seeds, "redis://:p@h:3/0")
    assert from_environment(addresses.environment()) == addresses


def test_missing_addresses_are_listed_together(tmp_path: Path):
    with pytest.raises(ServerFailed, match=r"POSTGRES_URL, NATS_SEEDS_DIR, REDIS_URL"):
        from_environment({"NATS_URL": "nats://h:2", "REDIS_URL": ""})
    whole = dict.fromkeys(("POSTGRES_URL", "NATS_URL", "REDIS_URL"), "x")
    with pytest.raises(ServerFailed, match="no folder"):
        from_environment(whole | {"NATS_SEEDS_DIR": str(tmp_path / "nowhere")})
