"""The probe of a container: 0 exactly when the process says that it is ready, and quick when nobody answers."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service_kit import probe
from service_kit.health import Health, Unhealthy, serve_health


async def asked(port: int, *words: str, host: str = "0.0.0.0") -> tuple[int, str]:  # noqa: S104 - as in a container
    """Exit code and words of the probe as an image runs it."""
    ran = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-I", "-S", Path(probe.__file__), *words], capture_output=True, text=True,
        check=False, timeout=20, env={"HEALTH_HOST": host, "HEALTH_PORT": str(port), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    return ran.returncode, ran.stdout


async def test_ready_is_0_and_anything_else_1_with_the_reason() -> None:
    health, well = Health(), True

    async def check() -> None:
        if not well:
            raise Unhealthy("the ledger is away")

    health.add("ledger", check)
    async with serve_health(health) as port:
        code, said = await asked(port)
        assert (code, '"ready": true' in said) == (0, True)
        well = False
        code, said = await asked(port)
        assert (code, "the ledger is away" in said) == (1, True)
        assert (await asked(port, "/live"))[0] == 0
        assert (await asked(port, "/nowhere"))[0] == 1
    assert await asked(port) == (1, "nobody answers (ConnectionRefusedError)\n")


@pytest.mark.parametrize("port", ["", "many"])
def test_a_port_that_is_none_is_no_health(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_PORT", port)
    monkeypatch.setenv("HEALTH_HOST", "127.0.0.1")
    assert probe.main([]) == 1
