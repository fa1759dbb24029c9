"""Killing the bot, the api and NATS once each on the way; `up` starts them again."""

import asyncio
import os
import signal
from collections.abc import Callable

from mutual_aid.place import Place
from mutual_aid.stack import record
from mutual_aid.trouble import Trouble

VICTIMS = ("bot", "api", "nats")
LOOK = 0.1  # s
BACK_WITHIN = 180.0  # s; five are usual


async def kill_each(place: Place, progress: Callable[[], float], told: Callable[[str], None]) -> None:
    """Kill -9 one after the other, at a quarter, half and three quarters of the day."""
    for at, name in enumerate(VICTIMS, start=1):
        while progress() < at / (len(VICTIMS) + 1):  # noqa: ASYNC110 - the day is at no single event
            await asyncio.sleep(LOOK)
        pid = _pid(place, name)
        if pid is None:
            told(f"{name} is not ours to kill")
            continue
        os.kill(pid, signal.SIGKILL)
        told(f"killed {name} (process {pid})")
        try:
            await _back(place, name, pid)
        except TimeoutError:
            reason = f"killed, it did not come back within {BACK_WITHIN:.0f} s"
            raise Trouble(name, reason, f"Read {place.log(name)}.") from None


async def _back(place: Place, name: str, pid: int) -> None:
    async with asyncio.timeout(BACK_WITHIN):
        while _pid(place, name) in {pid, None}:  # noqa: ASYNC110 - another process writes the record
            await asyncio.sleep(LOOK)


def _pid(place: Place, name: str) -> int | None:
    found = record.running(place)
    line = found.process(name) if found else None
    return line.pid if line and line.state == "up" else None
