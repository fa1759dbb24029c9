"""`up`: start everything in order, keep it running, stop it in order."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from local_servers.process import bound
from local_servers.state import free
from mutual_aid import telegram, whose
from mutual_aid.place import Place
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import ports, programs, record, secrets, tools
from mutual_aid.stack.backing import Backing, backing
from mutual_aid.stack.child import Child
from mutual_aid.stack.crew import Crew
from mutual_aid.stack.figures import Figures, client, figures
from mutual_aid.trouble import Trouble, among
from service_kit.process import Stop

ROOM = 256 * 2**20  # bytes; the write-ahead log and the streams of a quiet day
LOOK = 2.0  # s between two looks at what waits
ASK_WITHIN = 2.0  # s a process has to say how it is
TRIES = 5  # ports for the page, when several stacks start at one moment
TOLD = 5  # troubles kept for whoever looks later


@dataclass(frozen=True)
class Wishes:
    """What the operator asked for.

    `apart` takes nothing from the environment: simulated people, servers of its own. `limits` holds sending to
    Telegram's limits, in the simulator too. `seed` fills an empty ledger when people are simulated.
    """

    apart: bool = False
    limits: bool = False
    seed: bool = True


@dataclass
class Stack:
    """What runs, for those who show it; `changed` is set whenever something in it is new."""

    place: Place
    record: record.Record
    figures: Figures | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        """Something changed: write it down for the other commands, wake whoever shows it.

        On a full disk what runs goes on; only the other commands see how it stood before.
        """
        try:
            record.write(self.place, self.record)
        except OSError as error:
            why = f"{self.place.record} cannot be written ({error.strerror}): status shows what was"
            trouble = str(Trouble("state", why, "Free some disk space, or let this account write there."))
            if trouble not in self.record.trouble:
                self.record.trouble = [*self.record.trouble[1 - TOLD :], trouble]
        self.changed.set()

    def warn(self, trouble: Trouble) -> None:
        """Something an operator has to see to, told once as long as it stays the same."""
        if str(trouble) not in self.record.trouble:
            self.record.trouble = [*self.record.trouble[1 - TOLD :], str(trouble)]
            self.tell()

    def heard(self, child: Child) -> None:
        """A process of ours changed."""
        if all(line is not child.line for line in self.record.processes):
            self.record.processes = [*self.record.processes, child.line]
        if child.trouble is not None and self.record.phase == "ready":
            self.warn(child.trouble)
        self.tell()

    def forget(self, child: Child) -> None:
        """A process of ours is no part of it any more."""
        self.record.processes = [line for line in self.record.processes if line is not child.line]
        self.tell()


Show = Callable[[Stack], Coroutine[Any, Any, None]]
Seed = Callable[[record.Record], Awaitable[None]]


class _Asked(Exception):
    """The end was asked for."""


async def run(place: Place, settings: OperatorSettings, wishes: Wishes, stop: Stop, *, show: Show, seed: Seed) -> None:
    """Run a stack until asked to stop.

    Raises Trouble when it does not come up, or when one runs already. Everything is stopped when it returns.
    """
    try:
        lock = record.hold(place)
    except record.Running:
        raise Trouble("up", "it runs already", "See `mutual-aid status`; `mutual-aid down` stops it.") from None
    stack = Stack(place, record.Record(pid=os.getpid(), limits=wishes.limits))
    stack.tell()
    try:
        _room(place)
        async with asyncio.TaskGroup() as shown:
            showing = shown.create_task(show(stack))
            try:
                await _live(stack, settings, wishes, stop, seed)
            finally:
                showing.cancel()
    except BaseExceptionGroup as group:
        if (trouble := among(group)) is None:
            raise
        raise trouble from None
    finally:
        place.record.unlink(missing_ok=True)
        record.release(lock)


async def _live(stack: Stack, settings: OperatorSettings, wishes: Wishes, stop: Stop, seed: Seed) -> None:
    simulated = wishes.apart or settings.uses_simulator
    chosen = ports.choose(stack.place, None if wishes.apart else settings.simulator_port)
    stack.record.page = f"http://127.0.0.1:{chosen['simulator']}" if simulated else ""
    totp_key = secrets.totp_key(stack.place) if wishes.apart else secrets.sealing(stack.place, settings)
    timeout = aiohttp.ClientTimeout(total=ASK_WITHIN)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:
            tasks.create_task(_end_when_asked(stop))
            crew = Crew(stack.place, session, tasks, stack.heard)
            try:
                people = tasks.create_task(_people(stack, crew, settings, chosen["simulator"], wishes))
                async with backing(stack.place, settings, own=wishes.apart) as below:
                    tasks.create_task(below.watch(stack.tell, stack.warn))
                    try:
                        bot = "" if wishes.apart else whose.bot_of(settings)
                        await _bring_up(stack, below, crew, chosen, people, bot=bot, totp_key=totp_key)
                        if simulated and wishes.seed:
                            await seed(stack.record)
                        stack.record.phase = "ready"
                        stack.tell()
                        await _look_after(stack, stop)
                    finally:
                        stack.record.phase = "stopping"
                        stack.tell()
                        await crew.stop()
            finally:
                await crew.stop()
    except* _Asked:
        pass


async def _people(stack: Stack, crew: Crew, settings: OperatorSettings, port: int, wishes: Wishes) -> None:
    """Who stands behind the bot: the simulator, or Telegram, asked whether it knows the token."""
    if not stack.record.page:
        if settings.bot_token is not None:
            await telegram.check_token(settings.bot_api_url, settings.bot_token.get_secret_value())
        return
    memory = None if wishes.apart else stack.place.simulator
    asked_for = None if wishes.apart else settings.simulator_port
    for again in range(TRIES):
        child = crew.start(programs.simulator(port, memory, limits=wishes.limits))
        try:
            await child.ready()
        except Trouble:
            # Taken between being chosen and being used: another one will do, unless it was this one that was wanted.
            if asked_for is not None or again == TRIES - 1 or free(port):
                raise
            await child.stop(1)
            stack.forget(child)
            port = ports.choose(stack.place, None)["simulator"]
            stack.record.page = f"http://127.0.0.1:{port}"
        else:
            return


async def _bring_up(
    stack: Stack,
    below: Backing,
    crew: Crew,
    chosen: dict[str, int],
    people: asyncio.Task[None],
    *,
    bot: str,
    totp_key: str,
) -> None:
    """Start everything on the servers below; bot is the id of the one whose ledger it is to be, "" for anybody's."""
    stack.record.environment = below.environment
    stack.record.processes = [*below.lines.values(), *stack.record.processes]
    stack.tell()
    await people
    ledger, simulated = below.environment["POSTGRES_URL"], bool(stack.record.page)
    anew = whose.OURS if "postgres" in below.lines else whose.THEIRS
    if bot:
        known = whose.simulated_people(stack.place)
        await whose.check(ledger, bot, simulated=simulated, known=known, anew=anew)
    # The bot takes longest to come up, and waits for its streams by itself.
    mouth = crew.start(programs.bot(below, chosen["bot"], stack.record.page, limits=stack.record.limits))
    await tools.run(stack.place, "migrate", ("api", "migrate"), programs.migrate(below))
    if bot:
        await whose.mark(ledger, bot, simulated=simulated, anew=anew)
    api = crew.start(programs.api(below, chosen["api"], totp_key))
    async with asyncio.TaskGroup() as waiting:
        waiting.create_task(api.ready())
        waiting.create_task(mouth.ready())


async def _look_after(stack: Stack, stop: Stop) -> None:
    """Look at what waits until the end is asked for."""
    # Asked for and not only cancelled: `asyncio.wait_for` of Python 3.11, by which nats-py waits, loses a cancellation
    # that comes together with what it waits for.
    async with client(stack.record.environment) as api:
        while not stop.requested:
            found = await figures(api)
            bound(stack.place.log("operator"))
            if found != stack.figures:
                stack.figures = found
                stack.changed.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await stop.wait()


async def _end_when_asked(stop: Stop) -> None:
    await stop.wait()
    raise _Asked


def _room(place: Place) -> None:
    free = shutil.disk_usage(place.folder).free
    if free < ROOM:
        raise Trouble(
            "disk",
            f"{free // 2**20} MiB are free where {place.folder} lies, {ROOM // 2**20} MiB are needed",
            "Free some disk space, then start again.",
        )
