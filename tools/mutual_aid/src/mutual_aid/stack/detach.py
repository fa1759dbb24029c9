"""A stack in the background: start it and wait for it, and end one."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

import psutil  # type: ignore[import-untyped]  # it ships no types

from local_servers.process import rotate, tail
from mutual_aid.place import Place
from mutual_aid.stack import record
from mutual_aid.trouble import Trouble

READY_WITHIN = 180.0  # s; servers that repair what a crash left, then the slowest process
STOP_WITHIN = 30.0  # s; an orderly end takes up to 25
LOOK = 0.1  # s


def start(place: Place, arguments: tuple[str, ...], environment: Mapping[str, str] | None = None) -> record.Record:
    """Start `up` as a daemon with these arguments, and return what runs once it is ready.

    Raises Trouble with what it wrote when it is not ready in time, or ends. Interrupted meanwhile, it leaves none running.
    """
    log = place.log("up")
    rotate(log)
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "mutual_aid", "--state", str(place.folder), "up", *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            env=os.environ | dict(environment or {}),
        )  # fmt: skip
    try:
        with _interruptible():
            return _ready(place, child)
    except BaseException:
        child.terminate()
        child.wait(STOP_WITHIN)
        raise


def _ready(place: Place, child: "subprocess.Popen[bytes]") -> record.Record:
    log = place.log("up")
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        found = record.running(place)
        if found is not None and found.pid == child.pid and found.phase == "ready":
            child.returncode = 0  # it lives on without us; nothing is left to wait for
            return found
        if child.poll() is not None:
            raise Trouble("up", "it did not start", f"The whole log is {log}.", tail(log))
        time.sleep(LOOK)
    raise Trouble("up", f"it was not ready within {READY_WITHIN:.0f} s", f"The whole log is {log}.", tail(log))


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """The first Ctrl-C ends the block also inside a loop of asyncio, which would only note it for its next task."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """Inside the block SIGTERM and a closed terminal are Ctrl-C: what was started is stopped on the way out."""
    numbers = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, lambda *_: signal.raise_signal(signal.SIGINT)) for one in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop(place: Place) -> bool:
    """End the stack that runs on the state folder; False when none does. Raises Trouble when it does not end."""
    found = record.running(place)
    if found is None:
        return False
    try:
        process = psutil.Process(found.pid)
    except psutil.NoSuchProcess:
        return True
    try:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_WITHIN)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(5)
        raise Trouble(
            "down", f"process {found.pid} did not end within {STOP_WITHIN:.0f} s and was killed", "Nothing is lost."
        ) from None
    deadline = time.monotonic() + STOP_WITHIN
    while record.is_held(place) and time.monotonic() < deadline:
        time.sleep(LOOK)
    return True
