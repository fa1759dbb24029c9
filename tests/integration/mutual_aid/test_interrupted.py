"""Ctrl-C, a closed terminal, a logout: what was started ends in order, or goes on where it was meant to."""

import asyncio
import contextlib
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from mutual_aid import place
from mutual_aid.place import Place
from mutual_aid.stack import detach, record

WITHIN = 60.0  # s
OURS = {"POSTGRES_URL", "NATS_URL", "NATS_SEEDS_DIR", "REDIS_URL", "BOT_TOKEN", "BOT_API_URL"}
# Stands for `up` while it starts: it has the folder, says so, and stops in order when it is asked to.
STARTING = """
import os, signal, sys
from pathlib import Path
from mutual_aid import place
from mutual_aid.stack import record
here = place.make(Path(sys.argv[1]))
lock = record.hold(here)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
record.write(here, record.Record(pid=os.getpid()))
print("held", flush=True)
os.kill(os.getppid(), int(sys.argv[2]))
while True: signal.pause()
"""


@pytest.fixture(autouse=True)
def hanging_up_ends() -> Iterator[None]:
    """As in a terminal, also where the tests run under nohup, whose children ignore it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stack_that_is_interrupted_while_it_starts_is_not_left_behind(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = place.make(tmp_path)
    popen, begun = subprocess.Popen, []

    def start(_: list[str], **how: object) -> "subprocess.Popen[bytes]":
        begun.append(popen([sys.executable, "-c", STARTING, tmp_path, str(int(number))], **how))  # type: ignore[call-overload]
        return begun[0]  # type: ignore[no-any-return]

    monkeypatch.setattr(detach.subprocess, "Popen", start)

    async def day() -> None:  # a day's stack is started inside a loop
        detach.start(here, ())

    try:
        with pytest.raises(KeyboardInterrupt), detach.ended_like_ctrl_c():
            asyncio.run(day())
        assert begun[0].returncode == 0, "asked, not killed"
    finally:
        begun[0].kill()
    assert not record.is_held(here)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_down_stops_a_day_as_well(tmp_path: Path) -> None:
    demo = place.make(Place(tmp_path).demo.folder)
    with subprocess.Popen([sys.executable, "-c", STARTING, demo.folder, "0"], stdout=subprocess.PIPE) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == b"held\n"
            with subprocess.Popen(
                [sys.executable, "-m", "mutual_aid", "--state", tmp_path, "down"], stdout=subprocess.PIPE, cwd=tmp_path
            ) as down:
                assert running.wait(WITHIN) == 0
                assert down.communicate(timeout=WITHIN)[0] == b"Stopped.\n"
        finally:
            running.kill()


def test_a_closed_terminal_is_an_orderly_end(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    state = Place(tmp_path / "state")
    take = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    with subprocess.Popen(
        [sys.executable, "-c", take, "-m", "mutual_aid", "--state", state.folder, "up", "--apart"],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name not in OURS} | {"TERM": "xterm"},
    ) as front:  # fmt: skip
        try:
            os.close(theirs)
            said = b""
            while b"postgres" not in said:
                said += os.read(ours, 4096)
            with contextlib.suppress(psutil.Error):
                family = psutil.Process(front.pid).children(recursive=True)
            os.close(ours)
            assert front.wait(WITHIN) == 0
        finally:
            front.kill()
    assert not psutil.wait_procs(family, timeout=10)[1]
    assert not record.is_held(state)
    assert not state.record.exists()
    subprocess.run(
        [sys.executable, "-m", "mutual_aid", "--state", state.folder, "erase", "--yes"], check=True, timeout=WITHIN
    )
