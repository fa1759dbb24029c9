"""People who take, hand back and close demands without pause, and remember what they asked and heard."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import nats.errors

from chaos.history import Call
from contracts import wire
from contracts.client import Client
from contracts.demands import CloseDemand, Declined, DeclineDemand, NextDemand, TakeDemand, Taken
from contracts.failures import Busy, DeadlineExceeded, Failure
from contracts.kinds import Caller
from contracts.operations import BY_NAME, Operation
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, DEMANDS_NEXT, DEMANDS_TAKE
from contracts.operations.system import SYSTEM_ANSWER
from contracts.shapes import DemandId
from contracts.system import GetAnswer
from service_kit.broker import Connection
from service_kit.correlation import traceparent
from world import Person

PATIENCE = 90.0  # s; the machine may have other work, and then everything that was killed takes that long to come back
ENOUGH = 20  # answers between two faults; a machine with nothing else to do gives more in any second
LURK, CROWD = 3.0, 3  # s to wait for somebody to hand something back; how many lie in wait before anybody is told
RELEASE: Operation[Any, Any] = BY_NAME["demands.release"]
WHAT = {
    DEMANDS_TAKE.name: "claim",
    DEMANDS_DECLINE.name: "hand_back",
    DEMANDS_CLOSE.name: "close",
    RELEASE.name: "release",
}


@dataclass(frozen=True)
class Vanished:
    """A caller who did not wait for the answer, or got none for half a minute."""

    person: Person
    operation: Operation[Any, Any]
    key: str
    demand: str
    began: float


@dataclass
class Records:
    """What all of them remember, and how often each kind of answer came."""

    calls: list[Call] = field(default_factory=list)
    vanished: list[Vanished] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    claims: int = 0
    _paced: int = 0
    _next_free: asyncio.Future[DemandId] | None = None
    _in_wait: int = 0

    def go_on(self) -> bool:
        """Whether enough was answered since the last time it was, for the next fault not to undo all there is."""
        if len(self.calls) < self._paced + ENOUGH:
            return False
        self._paced = len(self.calls)
        return True

    async def free(self) -> DemandId | None:
        """A demand that was put back into the queue, told to some who wait at one instant; None when none is."""
        if self._next_free is None or self._next_free.done():
            self._next_free = asyncio.get_running_loop().create_future()
        told = self._next_free
        self._in_wait += 1
        await asyncio.wait([told], timeout=LURK)
        self._in_wait -= 1
        return told.result() if told.done() else None

    def put_back(self, demand: DemandId) -> None:
        """Tell those who wait for one, when they are enough."""
        if self._in_wait >= CROWD and self._next_free is not None and not self._next_free.done():
            self._next_free.set_result(demand)

    def note(self, person: Person, operation: Operation[Any, Any], demand: str, began: float, got: object) -> None:
        """Write down an answer that says something about one demand."""
        self.kinds[f"{operation.name} {type(got).__name__}"] += 1
        ended, who = time.monotonic(), str(person.user)
        match got:
            case Taken():
                self.calls.append(Call(who, "claim", str(got.id), began, ended, "ok"))
            case Declined():
                answer = "was_held" if got.was_held else "was_not_held"
                self.calls.append(Call(who, "hand_back", demand, began, ended, answer))
            case Failure():
                if type(got).__name__ in {"AlreadyTaken", "AlreadyDeclined", "AlreadyClosed", "WrongStatus"}:
                    self.calls.append(Call(who, WHAT[operation.name], demand, began, ended, type(got).__name__))
            case _ if operation.name in {DEMANDS_CLOSE.name, RELEASE.name}:
                self.calls.append(Call(who, WHAT[operation.name], demand, began, ended, "ok"))


@dataclass
class Volunteer:
    """Somebody at one of their two devices who acts, at most `pause` seconds after they acted before.

    Now and then both devices claim at one instant, by a line each, when there may be room for one only; and now and then
    they lie in wait for what somebody hands back, as others do, to take it in the same instant.
    """

    name: str
    person: Person
    connection: Connection
    other: Connection
    chance: random.Random
    records: Records
    demands: Sequence[DemandId]
    requesters: dict[DemandId, Person]
    pause: float
    held: list[DemandId]
    asked: int = 0

    async def work(self, is_over: Callable[[], bool]) -> None:
        """Go on until the day is over."""
        while not is_over():
            await asyncio.sleep(self.chance.uniform(0, self.pause))
            await self.act()

    async def act(self) -> None:
        """One thing a person might do now."""
        lot = self.chance.random()
        somewhere = self.chance.choice(self.demands)
        mine = self.chance.choice(self.held) if self.held else somewhere
        if lot < 0.2:
            async with asyncio.TaskGroup() as both:
                both.create_task(self.claim(self.connection, somewhere))
                both.create_task(self.claim(self.other, self.chance.choice(self.demands)))
        elif lot < 0.32:
            await self.claim(self.connection, somewhere)
        elif lot < 0.55:
            if (demand := await self.records.free()) is not None:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self.take(self.connection, demand))
                    if self.chance.random() < 0.3:
                        both.create_task(self.claim(self.other, somewhere))
        elif lot < 0.88:
            await self.ask(self.person, DEMANDS_DECLINE, DeclineDemand(demand=mine), mine)
        elif lot < 0.96:
            await self.ask(self.requesters[mine], RELEASE, RELEASE.request(demand=mine), mine)
        elif lot > 0.985:
            await self.ask(self.requesters[somewhere], DEMANDS_CLOSE, CloseDemand(demand=somewhere), somewhere)

    async def claim(self, by: Connection, somewhere: DemandId) -> None:
        """Ask for whatever is next, or for this one."""
        if self.chance.random() < 0.3:
            await self.take(by, somewhere)
        else:
            self.records.claims += 1
            await self.ask(self.person, DEMANDS_NEXT, NextDemand(), "", by)

    async def take(self, by: Connection, demand: DemandId) -> None:
        """Ask for this one."""
        self.records.claims += 1
        await self.ask(self.person, DEMANDS_TAKE, TakeDemand(demand=demand), demand, by)

    async def ask(
        self,
        person: Person,
        operation: Operation[Any, Any],
        request: Any,
        about: DemandId | str,
        by: Connection | None = None,
    ) -> None:
        """Ask until there is an answer, under one key; one in twelve does not wait and never asks again."""
        by = by or self.connection
        self.asked += 1
        key, began, demand = f"{self.name}-{self.asked}", time.monotonic(), str(about)
        if self.chance.random() < 1 / 12:
            await self._without_waiting(person, operation, request, key, by)
            self.records.vanished.append(Vanished(person, operation, key, demand, began))
            return
        client = Client(by, Caller.TELEGRAM, traceparent)
        while time.monotonic() - began < PATIENCE:
            try:
                got = await client.call(operation, request, actor=person.actor, key=key)
            except (Busy, DeadlineExceeded):
                await asyncio.sleep(0.05)
                continue
            except Failure as failure:
                got = failure
            self.records.note(person, operation, demand, began, got)
            self._remember(operation, got, about)
            return
        self.records.unanswered += 1
        self.records.vanished.append(Vanished(person, operation, key, demand, began))

    async def _without_waiting(
        self, person: Person, operation: Operation[Any, Any], request: Any, key: str, by: Connection
    ) -> None:
        headers = {wire.ACTOR: person.actor, wire.IDEMPOTENCY_KEY: key}
        with contextlib.suppress(TimeoutError, nats.errors.Error):
            await by.request(
                wire.subject_of(operation, Caller.TELEGRAM), wire.encode(request), self.chance.uniform(0, 0.02),
                headers=headers,
            )  # fmt: skip

    def _remember(self, operation: Operation[Any, Any], got: object, about: DemandId | str) -> None:
        if isinstance(got, Taken) and got.id not in self.held:
            self.held.append(got.id)
        elif operation is DEMANDS_DECLINE and about in self.held:
            self.held.remove(about)  # type: ignore[arg-type]
        if (isinstance(got, Declined) and got.was_held) or (operation is RELEASE and not isinstance(got, Failure)):
            self.records.put_back(about)  # type: ignore[arg-type]


async def resolve(records: Records, client: Client) -> None:
    """Note what became of those who vanished, by what the ledger kept under their keys: done at some time, or never."""
    for one in records.vanished:
        kept = await client.call(
            SYSTEM_ANSWER, GetAnswer(operation=one.operation.name, key=one.key), actor=one.person.actor
        )
        if kept.done:
            got = wire.decode_reply(one.operation, wire.encode(kept.reply))
            records.note(one.person, one.operation, one.demand, one.began, got)
