"""`demo`: start what is needed, play the day, count it, say how it went."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from contracts.client import Client
from mutual_aid import place as places
from mutual_aid.demo import ledger, rows, summary
from mutual_aid.demo.crowd import Crowd
from mutual_aid.demo.day import Day, play, volunteers
from mutual_aid.demo.kill import kill_each
from mutual_aid.demo.ledger import Ledger
from mutual_aid.demo.verdict import judge
from mutual_aid.place import Place
from mutual_aid.seed import enter
from mutual_aid.stack import detach, record
from mutual_aid.stack.figures import client, figures
from mutual_aid.trouble import Trouble
from telegram_simulator.client import Simulator

SETTLED_WITHIN = 90.0  # s; what a killed bot had begun comes again after a minute
LOOK = 0.25  # s
TENTHS = 10


@dataclass(frozen=True)
class Wishes:
    """What to play: the file (None: the sample), with Telegram's limits, with processes killed on the way."""

    file: Path | None = None
    limits: bool = False
    kill: bool = False


@dataclass(frozen=True)
class Stage:
    """Where the day is played: the stack that runs, its state folder if it is to be hurt, the terminal."""

    running: record.Record
    killed: Place | None
    console: Console


async def day(place: Place, wishes: Wishes, console: Console, far: record.Record | None = None) -> bool:
    """Play a day and print how it went; False when something was lost, doubled or out of order.

    `far` is a stack that runs elsewhere, used when none runs here.
    Raises Trouble when the file cannot be read or the stack does not come up.
    """
    wanted = rows.read(wishes.file)
    with _stack(place, wishes, console, far) as (where, running):
        async with Simulator(running.page) as simulator, client(running.environment) as api:
            await simulator.limits(on=wishes.limits)
            found, crowd = Day(wanted), Crowd(simulator)
            began = time.monotonic()
            stage = Stage(running, where if wishes.kill else None, console)
            kept = await _live(found, crowd, api, stage)
            verdict = judge(found, crowd, kept)
            summary.show(console, found, crowd, kept, verdict, seconds=time.monotonic() - began)
            return verdict.good


@contextmanager
def _stack(
    place: Place, wishes: Wishes, console: Console, far: record.Record | None
) -> Iterator[tuple[Place, record.Record]]:
    """The stack that runs here if the day fits into it, else one elsewhere, else one of its own in a folder of its own."""
    running = record.running(place)
    if running is None and far is not None and far.page:
        if wishes.kill:
            raise Trouble("demo", "the stack elsewhere has processes that are not ours to kill", "Leave out --kill.")
        console.print(f"Playing in the stack elsewhere: {far.page}/", soft_wrap=True)
        yield place, far
        return
    if running is not None and running.phase == "ready" and running.page and running.limits == wishes.limits:
        console.print(f"Playing in the stack that runs: {running.page}/", soft_wrap=True)
        yield place, running
        return
    own = places.make(place.demo.folder)
    detach.stop(own)
    console.print("Starting a stack for the day …")
    flags = ("--apart", *(("--real-limits",) if wishes.limits else ()))
    started = detach.start(own, flags)
    console.print(f"It can be watched at {started.page}/", soft_wrap=True)
    try:
        yield own, started
    finally:
        detach.stop(own)


async def _live(found: Day, crowd: Crowd, api: Client, stage: Stage) -> Ledger:
    """Bring people and scenarios together, play, wait until nothing is owed, and read the ledger."""
    await crowd.begin()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stage.console) as progress:
        bar = progress.add_task("gathering", total=len(found.rows))
        async with asyncio.TaskGroup() as tasks:
            background = [tasks.create_task(crowd.follow())]
            helpers = await volunteers(found, crowd)
            everybody = {chat.id: chat.person.facts.first_name for chats in helpers.values() for chat in chats}
            users = await enter(stage.running.environment, everybody)
            members = {place: [users[chat.id] for chat in chats] for place, chats in helpers.items()}
            scenarios = await ledger.open_scenarios(api, rows.resources(found.rows), members)
            progress.update(bar, description="playing")
            if stage.killed is not None:
                murders = kill_each(stage.killed, lambda: found.over / len(found.rows), progress.console.print)
                background.append(tasks.create_task(murders))
            await play(found, crowd, helpers, lambda: _advance(progress, bar))
            progress.update(bar, description="counting")
            waits = await _settled(api)
            kept = await ledger.read(api, scenarios)
            kept.owed, kept.parked = waits
            await ledger.close_scenarios(api, scenarios)
            await asyncio.sleep(LOOK)  # what is on its way through the journal
            for task in background:
                task.cancel()
    return kept


def _advance(progress: Progress, bar: TaskID) -> None:
    """One story more is over; where no bar is drawn, every tenth of the day is a line."""
    progress.advance(bar)
    task = progress.tasks[0]
    done, total = int(task.completed), int(task.total or 1)
    if not progress.console.is_terminal and done * TENTHS // total > (done - 1) * TENTHS // total:
        progress.console.print(f"{done} of {total} played")


async def _settled(api: Client) -> tuple[int, int]:
    """Wait until nothing is owed any more, or for long enough; deliveries owed and parked in the end."""
    give_up = time.monotonic() + SETTLED_WITHIN
    while True:
        waits = await figures(api)
        if waits is not None and (waits.owed == 0 or time.monotonic() > give_up):
            return waits.owed, waits.parked
        if time.monotonic() > give_up:
            raise Trouble("api", "it does not say what is owed", "See the api's log.")
        await asyncio.sleep(LOOK)
