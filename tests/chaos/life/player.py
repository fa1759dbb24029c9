"""Playing on a real api: people asking, the model saying what that should come to, the ledger looked at after each step."""

import asyncio
import itertools
import threading
from collections import Counter
from collections.abc import Coroutine
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition
from msgspec.structs import replace

from chaos.life import asking
from chaos.life.model import OPERATOR, Model
from chaos.life.onlooking import PHONE, look, nothing_leaks
from chaos.life.truth import INVARIANTS, OWED, STATE, owed_by, projected
from contracts.client import Client
from contracts.demands import CreateDemand
from contracts.failures import Failure, KeyReused
from contracts.operations import BY_NAME
from contracts.shapes import DemandId, ScenarioId
from world import OPERATOR as OPERATOR_ACTOR
from world import Person, World

T = TypeVar("T")
PEOPLE, SCENARIOS, MODERATOR = 5, 2, 4
PEOPLE_OF_A_STEP = st.integers(0, PEOPLE - 1)
# Whoever it happens to be; or, twice as often, somebody who sits in the demand or could take it.
PARTY_OF_A_STEP = st.integers(0, 3 * PEOPLE - 1)
DEMAND_OF_A_STEP = st.integers(0, 7)
LINE_OF_A_STEP = st.integers(0, 31)
# Three calls in ten are made a second time under the same key.
TIMES = st.integers(1, 10).map(lambda number: 2 if number <= 3 else 1)
NUMBERS = itertools.count(1)

# Steps that need a demand are not even chosen while there is none: a step given up is the whole example given up.
some_demand = precondition(lambda self: bool(self.model.there()))

EMPTY = "TRUNCATE demands, memberships, outbox, idempotency, audit, deliveries CASCADE"

# How often each operation came to each answer, in all examples together.
CAME_TO: Counter[tuple[str, str]] = Counter()


class Town:
    """A world that lives in a thread of its own, because hypothesis asks in turn and waits."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.world = world
        self._loop = loop
        self.lives = self.steps = 0
        self.people: list[Person] = []
        self.scenarios: list[ScenarioId] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine comes to, in the world's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


@contextmanager
def town(made_world: Any) -> Any:
    """A town on a world; it ends with the block."""
    loop, ready, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    held: dict[str, Any] = {}

    async def live() -> None:
        try:
            async with made_world as world:
                held["world"] = world
                ready.set()
                await done.wait()
        finally:
            ready.set()

    def main() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            try:
                runner.run(live())
            except BaseException as error:  # noqa: BLE001 - told to the test below
                held["error"] = error

    thread = threading.Thread(target=main)
    thread.start()
    ready.wait(60)
    try:
        if "world" in held:
            yield Town(held["world"], loop)
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(60)
        if "error" in held:
            raise held["error"]


class Player(RuleBasedStateMachine):
    """A town at the start of its history; `at` is where it is, set by the test."""

    at: Town

    @initialize(
        providers=st.sets(st.tuples(PEOPLE_OF_A_STEP, st.integers(0, SCENARIOS - 1)), min_size=4),
        capacities=st.lists(st.sampled_from([2, 1, 3, 0]), min_size=PEOPLE, max_size=PEOPLE),
        phones=st.sets(PEOPLE_OF_A_STEP),
        calls=st.lists(st.tuples(PEOPLE_OF_A_STEP, st.integers(0, SCENARIOS - 1)), min_size=2, max_size=4),
    )
    def people_and_scenarios(
        self, providers: set[tuple[int, int]], capacities: list[int], phones: set[int], calls: list[tuple[int, int]]
    ) -> None:
        """A few people, two scenarios, one moderator of the first; some have asked for help already.

        Hypothesis leaves out some kinds of steps in each example: without those first calls many have nothing to live.
        """
        self.model = Model(PEOPLE, SCENARIOS)
        self.model.providers, self.model.has_phone = set(providers), set(phones)
        self.model.moderators = {(MODERATOR, 0)}
        self.model.capacity = dict(enumerate(capacities))
        self.at.run(self._found())
        for who, scenario in calls:
            self.ask_for_help(who, scenario, "normal", draft=False, times=1)

    async def _found(self) -> None:
        world = self.at.world
        if not self.at.people:
            self.at.people = [await world.person(f"Person {number}") for number in range(PEOPLE)]
            self.at.scenarios = [(await world.scenario(f"Place {number}", "Help")).id for number in range(SCENARIOS)]
        self.people, self.scenarios = self.at.people, self.at.scenarios
        self.demands: list[DemandId] = []
        self.steps, self.before = 0, {}
        self.at.lives += 1
        async with world.ledger.acquire() as ledger, ledger.transaction():
            await ledger.execute(EMPTY)
            await ledger.execute("UPDATE users SET banned_at = NULL, held = 0, phone = NULL")
            await ledger.execute("UPDATE scenarios SET retired_at = NULL WHERE retired_at IS NOT NULL")
            for person, capacity in self.model.capacity.items():
                phone = f"{PHONE}{person}" if person in self.model.has_phone else None
                await ledger.execute(
                    "UPDATE users SET capacity = $1, phone = $2 WHERE id = $3",
                    capacity,
                    phone,
                    self.people[person].user,
                )
            await ledger.executemany(
                "INSERT INTO memberships (user_id, scenario_id, kind, state) VALUES ($1, $2, $3, 'live')",
                [
                    (self.people[person].user, self.scenarios[scenario], kind)
                    for kind, pairs in (("provider", self.model.providers), ("moderator", self.model.moderators))
                    for person, scenario in pairs
                ],
            )

    def ask_for_help(self, who: int, scenario: int, urgency: Any, *, draft: bool, times: int) -> None:
        """A new demand, or the refusal of one."""
        expected = asking.create(self.model, who, scenario, urgency, draft=draft)
        request = CreateDemand(scenario=self.scenarios[scenario], description="Help", urgency=urgency, draft=draft)
        made = self.ask(who, "demands.create", request, times, expected)
        if expected == "Created":
            self.demands.append(made.id)

    # -- asking -----------------------------------------------------------------------------------------------------

    def ask(self, who: int, operation: str, request: Any, times: int, expected: str) -> Any:
        """The reply, or the failure, which has the expected name; asked again under the same key it is the same."""
        key = f"life {next(NUMBERS)}"
        got = self._answer(who, operation, request, key)
        assert type(got).__name__ == expected, f"{operation}: {got} instead of {expected}"
        if times > 1:
            assert self._answer(who, operation, request, key) == got, f"I18 {operation} repeated"
            if not isinstance(got, Failure) and hasattr(request, "demand"):
                other = replace(request, demand=DemandId(uuid4()))
                assert isinstance(self._answer(who, operation, other, key), KeyReused), f"I18 {operation} of another"
        if who != OPERATOR:
            nothing_leaks(self.model, who, got)
        CAME_TO[operation, expected] += 1
        return got

    def _answer(self, who: int, operation: str, request: Any, key: str) -> Any:
        world = self.at.world
        client: Client = world.operator if who == OPERATOR else world.bot
        actor = OPERATOR_ACTOR if who == OPERATOR else self.people[who].actor
        try:
            return self.at.run(client.call(BY_NAME[operation], request, actor=actor, key=key))
        except Failure as failure:
            return failure

    def chosen(self, which: int) -> int:
        """The number of a demand there is; for steps that are only taken when there is one."""
        there = self.model.there()
        return there[which % len(there)]

    def somebody(self, party: int, number: int) -> int:
        """Who does this to the demand: most steps would only be refused if anybody did."""
        seated = sorted(self.model.demands[number].seats)
        return seated[party % len(seated)] if party >= PEOPLE else party

    def helper(self, party: int, number: int) -> int:
        """The same, of those whom the demand could be given to."""
        demand = self.model.demands[number]
        offered = [who for who in range(PEOPLE) if self.model.offered(who, demand)]
        return offered[party % len(offered)] if party >= PEOPLE and offered else party % PEOPLE

    # -- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def is_what_the_model_says(self) -> None:
        """The ledger's demands, seats, lines and debts are the model's, and nothing in it contradicts itself."""
        if not hasattr(self, "demands"):
            return
        rows, owed, wrong = self.at.run(self._looked())
        assert not wrong, wrong
        users = [person.user for person in self.people]
        assert rows == projected(self.model, users, self.demands)
        theirs = owed_by(self.model, users)
        assert owed == theirs, {users.index(who): (owed.get(who), theirs.get(who)) for who in {*owed, *theirs} if owed.get(who) != theirs.get(who)}  # fmt: skip
        holders = {row["id"]: row["provider"] for row in rows if row["provider"] is not None}
        for demand, holder in holders.items() - self.before.items():
            who = users.index(holder)
            assert len(self.model.held(who)) <= self.model.capacity[who], f"I5 above capacity by {demand}"
        self.before = holders

    @invariant()
    def is_shown_as_the_model_says(self) -> None:
        """Whoever looks in meanwhile sees what they may, and nothing else."""
        if hasattr(self, "demands"):
            self.steps += 1
            self.at.steps += 1
            self.at.run(look(self.model, self.steps, self.people, self.scenarios, self.demands))

    async def _looked(self) -> tuple[list[Any], dict[Any, list[str]], list[str]]:
        async with self.at.world.ledger.acquire() as ledger:
            rows = [dict(row) for row in await ledger.fetch(STATE)]
            wrong = [row["what"] for row in await ledger.fetch(INVARIANTS)]
            owed = {row["who"]: row["says"] for row in await ledger.fetch(OWED)}
        return rows, owed, wrong
