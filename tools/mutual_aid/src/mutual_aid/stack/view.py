"""How a running stack looks: a small table that stays up to date, or one plain line for every change."""

import os
import sys
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mutual_aid.stack.figures import Figures
from mutual_aid.stack.life import Stack
from mutual_aid.stack.record import Phase, ProcessLine, Record, State

COLOURS: dict[State, str] = {
    "starting": "yellow",
    "up": "green",
    "unready": "yellow",
    "down": "red",
    "failing": "bold red",
}
SAYING: dict[Phase, str] = {"starting": "starting …", "ready": "running; Ctrl-C stops it", "stopping": "stopping …"}


def addresses(record: Record) -> str:
    """Where a person goes: the simulator's page, or their own Telegram."""
    if record.page:
        return f"Simulated Telegram, to play requester, volunteer and moderator: {record.page}/"
    return "The bot answers in Telegram."


def table(record: Record, figures: Figures | None) -> Group:
    """The stack as a rich renderable."""
    lines = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("process", "state", "pid", "port", "restarts", ""):
        lines.add_column(title)
    for line in record.processes:
        state = Text(line.state, style=COLOURS[line.state])
        why = Text(line.why, overflow="ellipsis", no_wrap=True)
        lines.add_row(line.name, state, str(line.pid or ""), str(line.port or ""), str(line.restarts or ""), why)
    waits = str(figures) if figures else "what waits: the api has not said yet"
    troubles = (Text(f"\n{trouble}", style="red") for trouble in record.trouble[-1:])
    return Group(Text(addresses(record)), Text(SAYING[record.phase], style="dim"), lines, Text(waits), *troubles)


async def live(stack: Stack) -> None:
    """Keep a table on the terminal up to date."""
    with Live(table(stack.record, None), console=Console(), refresh_per_second=4, transient=False) as shown:
        while True:
            await stack.changed.wait()
            stack.changed.clear()
            shown.update(table(stack.record, stack.figures))


async def lines(stack: Stack, out: TextIO | None = None) -> None:
    """Write one line for every change: a process that comes or goes, trouble, the addresses once it is ready."""
    stream = out or sys.stdout
    seen: dict[str, str] = {}
    told: set[str] = set()
    while True:
        news = [(line.name, _line(line)) for line in stack.record.processes]
        if stack.record.phase == "ready":
            news += [("", f"ready. {addresses(stack.record)}")]
        if stack.figures:
            news += [("what waits", f"what waits: {_calm(stack.figures)}")]
        for name, text in news:
            if seen.get(name) != text:
                seen[name] = text
                print(text, file=stream, flush=True)
        for trouble in stack.record.trouble:
            if trouble not in told:
                told.add(trouble)
                print(trouble, file=stream, flush=True)
        await stack.changed.wait()
        stack.changed.clear()


def _line(line: ProcessLine) -> str:
    pid = f" (process {line.pid}, port {line.port})" if line.pid else ""
    again = f", started again {line.restarts} times" if line.restarts else ""
    return f"{line.name}: {line.state}{pid}{again}" + (f": {line.why}" if line.why else "")


def _calm(figures: Figures) -> str:
    """The figures without what changes at every look."""
    return f"demands {figures.waiting} waiting, {figures.held} held · deliveries {figures.parked} parked"


async def show(stack: Stack) -> None:
    """The table on a terminal, lines elsewhere."""
    try:
        await (live(stack) if sys.stdout.isatty() else lines(stack))
    except OSError:
        _speak_to_nobody()


def _speak_to_nobody() -> None:
    """Whoever listened is gone, as a closed terminal is: what runs goes on, or stops in order, without a word."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_healthy(record: Record) -> bool:
    """Whether everything of a stack is up."""
    return record.phase == "ready" and all(line.state == "up" for line in record.processes)
