"""Every built operation by everybody at every time: what the table of rights does not allow is refused, and nothing else.

The same walk looks at every answer, refusals too, for words of others that the asker may not have; and compares what is
hidden with what is absent: one answer, one number of statements.
"""

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event

from api.handlers import HANDLERS
from api.redis_scripts import RedisScripts, open_redis
from api.rights import RIGHTS
from api.sessions import Sessions
from chaos.api.crowd import LONG
from contracts.failures import NotFound, NotSignedIn
from contracts.kinds import Caller, DemandStatus, Writes
from contracts.operations import BY_NAME
from contracts.operations.row import EVERYBODY
from integration.api.matrix.cast import CLOSED, DRAFT, HELD, WAITING, Cast, Stage, cast_in, leaks
from integration.api.matrix.entries import ENTRIES
from integration.api.matrix.entry import Entry, Scope
from integration.api.matrix.staging import Kept, kept, renewed, staged
from integration.api.matrix.walking import Answer, actors, ask, expected, fingerprint
from local_servers import Addresses, Servers
from world import made_world

HIDING = frozenset({Scope.DEMAND, Scope.PERSON, Scope.REPORT})


@pytest.fixture
async def cast(servers: Addresses, broker: Servers) -> AsyncIterator[Cast]:
    redis = open_redis(servers.redis_url)
    async with (
        aclosing(redis),
        made_world(servers, broker, open_demands_per_user=1000, password_memory_kib=8192, password_passes=1) as world,
    ):
        yield await cast_in(world, Sessions(RedisScripts(redis).run, idle_days=1, absolute_days=1))


def test_every_built_operation_is_walked() -> None:
    walked = {entry.name for entry in ENTRIES}
    assert walked == {name for name, _ in HANDLERS}
    assert walked == RIGHTS.keys()


@pytest.mark.parametrize("status", [WAITING, HELD, CLOSED, DRAFT])
async def test_nobody_does_more_to_a_demand_than_the_table_says_nor_less(cast: Cast, status: DemandStatus) -> None:
    walk = await walked(cast, status, [entry for entry in ENTRIES if entry.scope is Scope.DEMAND])
    if status is not DRAFT:
        assert walk.replied > 20, "a walk in which hardly anybody may do anything proves little"
        assert walk.hidden > 50


async def test_nobody_does_more_elsewhere_than_the_table_says_nor_less(cast: Cast) -> None:
    walk = await walked(cast, HELD, [entry for entry in ENTRIES if entry.scope is not Scope.DEMAND])
    assert walk.replied > 200
    assert walk.hidden > 10


async def walked(cast: Cast, status: DemandStatus, entries: Iterable[Entry]) -> "Walk":
    """A walk without a problem."""
    walk = Walk(cast, status)
    for entry in entries:
        await walk.through(entry)
    assert not walk.problems, "\n".join(walk.problems)
    assert walk.asked > 200
    return walk


class Walk:
    """One demand after another, each with the same status, through every operation."""

    def __init__(self, cast: Cast, status: DemandStatus) -> None:
        self.cast, self.status = cast, status
        self.problems: list[str] = []
        self.gone: set[str] = set()
        self.asked = self.replied = self.hidden = 0
        self._stage: Stage | None = None
        self._last: Stage | None = None
        self._kept: Kept | None = None
        self._before: tuple[object, ...] | None = None
        self._idle: list[str] = []  # asked since then, with nothing to come of it

    async def through(self, entry: Entry) -> None:
        """Everybody asks for it; who may change something does so on the web no more than once, after Telegram."""
        row, again = BY_NAME[entry.name], False
        for caller, who, actor in await actors(entry, await self._staged()):
            if caller is Caller.WEB and Caller.TELEGRAM in row.callers and not LONG:
                continue  # the same rights by another door; the long run goes through that one, too
            if caller is Caller.WEB and row.callers == EVERYBODY and row.writes is not Writes.NO:
                may = None in expected(entry, who, self.status)
                if may and again:
                    continue
                again |= may
            await self._one(entry, caller, who, actor)
        await self._nothing_was_done()

    async def _one(self, entry: Entry, caller: Caller, who: str, actor: str | None) -> None:
        at = dataclasses.replace(await self._staged(), me=who)
        writes = BY_NAME[entry.name].writes is not Writes.NO
        wanted = frozenset({NotSignedIn}) if who in self.gone else expected(entry, who, self.status)
        if writes and None in wanted:
            await self._nothing_was_done()
        self._before = self._before or await fingerprint(self.cast.world.ledger)
        with counted() as statements:
            got = await ask(at, caller, entry.name, entry.ask(at), actor)
        self.asked += 1
        what = f"{entry.name} ({caller}) by {who} while {self.status}"
        if got.kind not in wanted:
            names = sorted("a reply" if kind is None else kind.__name__ for kind in wanted)
            self.problems.append(f"{what}: {got.failure or 'a reply'}, not {names}")
        for leak in leaks(self.cast, entry.viewer or who, got.body.decode(), entry.shows):
            self.problems.append(f"{what}: shows {leak}")
        if got.failure is None:
            self.replied += 1
        if got.failure is None and writes:
            if not entry.keeps:
                self._stage = None if entry.scope is Scope.DEMAND else await renewed(at)
                self._last = self._stage or self._last
            if entry.name == "users.erase_me":
                self.gone.add(who)
            self._before = None
            self._idle.clear()
        else:
            self._idle.append(f"{what}: {got.failure or 'a reading'}")
        if entry.scope in HIDING and wanted == {NotFound} and _first(caller, entry):
            await self._as_if_absent(what, got, len(statements), partial(self._absent, at, caller, entry, actor))

    async def _nothing_was_done(self) -> None:
        """Compare the ledger with what it was before all those who were refused, or only read."""
        if self._idle and self._before != (now := await fingerprint(self.cast.world.ledger)):
            self.problems.append("something was done by one of\n  " + "\n  ".join(self._idle))
            self._before = now
        self._idle.clear()

    async def _as_if_absent(self, what: str, got: Answer, spent: int, absent: Callable[[], Awaitable[Answer]]) -> None:
        """What is hidden answers as what is absent does, for as many statements."""
        self.hidden += 1
        with counted() as for_nothing:
            nothing = await absent()
        if nothing != got:
            self.problems.append(f"{what}: hidden is {got.body!r}, absent is {nothing.body!r}")
        if len(for_nothing) != spent:
            self.problems.append(f"{what}: {spent} statements where it is hidden, {len(for_nothing)} absent")

    async def _absent(self, at: Stage, caller: Caller, entry: Entry, actor: str | None) -> Answer:
        nothing: Any = uuid4()
        elsewhere = dataclasses.replace(at, demand=nothing, person=nothing, report=nothing)
        return await ask(at, caller, entry.name, entry.ask(elsewhere), actor)

    async def _staged(self) -> Stage:
        if self._stage is None:
            self._before = None
            if self._kept is not None and self._last is not None:
                self._stage = await self._kept.put_back(self._last)
            else:
                self._stage = self._last = await staged(self.cast, self.status)
                if self.status is not DRAFT:  # which is one call, and of which nothing may be owed
                    self._kept = await kept(self._stage)
        return self._stage


def _first(caller: Caller, entry: Entry) -> bool:
    """Whether this is the caller whose hidden and absent are compared: telegram wherever it may ask."""
    return caller is Caller.TELEGRAM or Caller.TELEGRAM not in BY_NAME[entry.name].callers


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements the api's engine sends meanwhile; hot operations are one each by themselves."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
