"""Real processes and real signals: what a process does at its start and its end."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, sys, time
from pydantic import Field, SecretStr
from service_kit.logs import configure_logs
from service_kit.process import Stop, run
from service_kit.settings import Settings, load

class Example(Settings):
    token: SecretStr = Field(description="a token")
    port: int = Field(description="a port")

def ready():
    print("ready", flush=True)

async def settings(stop):
    load(Example)

async def waits(stop):
    configure_logs("example")
    ready()
    await stop.wait()
    await asyncio.sleep(0)
    print("finished", flush=True)

async def slow(stop):
    configure_logs("example")
    ready()
    await stop.wait()
    await asyncio.Event().wait()

async def stubborn(stop):
    configure_logs("example")
    ready()
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            print("cancelled", flush=True)

async def stuck(stop):
    configure_logs("example")
    ready()
    await stop.wait()
    time.sleep(3600)

async def fails(stop):
    configure_logs("example")
    raise ValueError("canary")

class Told(Exception):
    safe_to_log = True

async def told(stop):
    raise Told("PostgreSQL at postgresql://u:canary@localhost is not there")

async def gives_up(stop):
    configure_logs("example")
    stop.fail("NATS closed the connection")
    await stop.wait()

async def times_out(stop):
    configure_logs("example")
    raise TimeoutError

async def returns(stop):
    configure_logs("example")

import service_kit.process
# Only what has to be ended by force: how long an orderly end takes is the machine's affair.
service_kit.process.GRACE = 20.0 if sys.argv[1] == "slow" else 0.3
run(globals()[sys.argv[1]], stop_within=float(sys.argv[2]))
"""

Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    processes: list[asyncio.subprocess.Process] = []
    (tmp_path / "program.py").write_text(PROGRAM)

    async def start(main: str, stop_within: float = 20, **environment: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "program.py",
            main,
            str(stop_within),
            cwd=tmp_path,
            env={**{name: value for name, value in os.environ.items() if name not in {"TOKEN", "PORT"}}, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"ready\n"


async def end(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    out, err = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, out.decode(), err.decode()


async def test_wrong_settings_refuse_the_start_with_the_whole_list(start: Start):
    code, _, err = await end(await start("settings", PORT="canary"))
    assert code == 2
    assert err.splitlines() == [
        "the settings are wrong, nothing was started:",
        "TOKEN: is missing; expected a token",
        "PORT: should be a valid integer, unable to parse string as an integer; expected a port",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_asks_main_to_stop_and_lets_it_finish(start: Start, number: signal.Signals):
    process = await start("waits")
    await ready(process)
    process.send_signal(number)
    code, out, err = await end(process)
    assert (code, out) == (0, "finished\n")
    assert [json.loads(line)["reason"] for line in err.splitlines()] == [number.name]


@pytest.mark.parametrize("main", ["slow", "stubborn"])
async def test_a_second_signal_ends_at_once(start: Start, main: str):
    process = await start(main, 3600)
    await ready(process)
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    assert b"process.stopping" in await process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert (await end(process))[0] == 128 + signal.SIGTERM


@pytest.mark.parametrize("main", ["slow", "stubborn", "stuck"])
async def test_a_main_that_does_not_stop_in_time_is_ended(start: Start, main: str):
    process = await start(main, 0.1)
    await ready(process)
    process.send_signal(signal.SIGTERM)
    code, _, err = await end(process)
    assert code == 1
    # Only what can be cancelled ends in order; the others are ended by force.
    assert ("process.stop_too_slow" in err) is (main == "slow")


async def test_an_unexpected_error_is_logged_without_its_words(start: Start):
    code, _, err = await end(await start("fails"))
    assert code == 1
    (line,) = map(json.loads, err.splitlines())
    assert (line["level"], line["event"]) == ("critical", "process.failed")
    assert "ValueError: <withheld 6 characters>" in line["exception"]


async def test_an_error_fit_for_the_operator_is_one_sentence(start: Start):
    assert await end(await start("told")) == (1, "", "PostgreSQL at postgresql://<userinfo>@localhost is not there\n")


async def test_giving_up_is_an_orderly_end_with_code_1(start: Start):
    code, _, err = await end(await start("gives_up"))
    assert code == 1
    assert "NATS closed the connection" in err


async def test_a_time_out_of_main_is_an_error_and_not_a_slow_stop(start: Start):
    code, _, err = await end(await start("times_out"))
    assert code == 1
    assert json.loads(err.splitlines()[-1])["event"] == "process.failed"


async def test_a_main_that_returns_ends_well(start: Start):
    assert await end(await start("returns")) == (0, "", "")
