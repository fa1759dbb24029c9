"""`status`: what runs and what waits, once."""

from rich.console import Console
from rich.table import Table

from contracts.failures import Failure
from mutual_aid.place import Place
from mutual_aid.stack import metrics, record, view
from mutual_aid.stack.figures import client, figures
from mutual_aid.stack.memory import proportional
from mutual_aid.trouble import Trouble

MIB = 2**20
UNKNOWN = "What waits: nobody can say"


async def show(place: Place, console: Console, far: record.Record | None = None) -> bool:
    """Print processes with their memory, what waits and what was measured; False when nothing runs, or not everything is up.

    `far` is a stack that runs elsewhere: of that what waits is known, and not its processes.
    """
    found = record.running(place)
    if found is None and far is not None:
        console.print(view.addresses(far), soft_wrap=True)
        waits = await _asked(far)
        console.print(waits, soft_wrap=True)
        return not waits.startswith(UNKNOWN)
    if found is None:
        console.print(
            "It is just starting." if record.is_held(place) else "Nothing runs here. `mutual-aid up` starts it."
        )
        return False
    console.print(view.addresses(found), soft_wrap=True)
    console.print(_processes(found))
    console.print(await _asked(found), soft_wrap=True)
    for line in metrics.lines(await metrics.measured(found)):
        console.print(line, soft_wrap=True, highlight=False)
    for trouble in found.trouble:
        console.print(trouble, style="red", soft_wrap=True, markup=False)
    return view.is_healthy(found)


def _processes(found: record.Record) -> Table:
    lines = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("process", "state", "pid", "port", "restarts", "memory"):
        lines.add_column(title, justify="right" if title == "memory" else "left")
    whole = 0
    for line in (record.ProcessLine(name="up", state="up", pid=found.pid), *found.processes):
        used = proportional(line.pid) if line.pid and line.name != "up" else _alone(line.pid)
        whole += used or 0
        size = f"{used / MIB:.0f} MiB" if used else ""
        lines.add_row(line.name, line.state, str(line.pid or ""), str(line.port or ""), str(line.restarts or ""), size)
    lines.add_row("all", "", "", "", "", f"{whole / MIB:.0f} MiB", style="dim")
    return lines


def _alone(pid: int | None) -> int | None:
    """The memory of `up` without its children, which have lines of their own."""
    return proportional(pid, with_children=False) if pid else None


async def _asked(found: record.Record) -> str:
    try:
        async with client(found.environment, within=3.0) as api:
            waits = await figures(api)
    except (Trouble, Failure, KeyError) as error:
        return f"{UNKNOWN} ({error})."
    return f"What waits: {waits}." if waits else f"{UNKNOWN}: the api does not answer."
