"""Playing on a real api: people asking, the model saying what that should come to, the ledger looked at after each step."""

import asyncio
import itertools
import threading
from collections.abc import Coroutine
from contextlib import contextmanager
from typing import Any, TypeVar

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from chaos.life.model import OPERATOR, Model
from chaos.life.truth import INVARIANTS, STATE, projected
from contracts.client import Client
from contracts.failures import Failure
from contracts.kinds import MembershipKind
from contracts.memberships import AssignMembership
from contracts.operations import BY_NAME
from contracts.scenarios import CreateScenario
from contracts.shapes import DemandId, ScenarioId
from contracts.users import UpdateMe
from integration.api.town import receive
from world import OPERATOR as OPERATOR_ACTOR
from world import Person, World

T = TypeVar("T")
PEOPLE, SCENARIOS, MODERATOR = 5, 2, 4
PEOPLE_OF_A_STEP = st.integers(0, PEOPLE - 1)
DEMAND_OF_A_STEP = st.integers(0, 7)
# Three calls in ten are made a second time under the same key.
TIMES = st.integers(1, 10).map(lambda number: 2 if number <= 3 else 1)
NUMBERS = itertools.count(1)

EMPTY = "TRUNCATE users, scenarios, demands, outbox, idempotency, audit CASCADE"


class Town:
    """A world that lives in a thread of its own, because hypothesis asks in turn and waits."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.world = world
        self._loop = loop

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
        providers=st.sets(st.tuples(PEOPLE_OF_A_STEP, st.integers(0, SCENARIOS - 1)), min_size=2),
        capacities=st.lists(st.integers(0, 2), min_size=PEOPLE, max_size=PEOPLE),
        phones=st.sets(PEOPLE_OF_A_STEP),
    )
    def people_and_scenarios(self, providers: set[tuple[int, int]], capacities: list[int], phones: set[int]) -> None:
        """A few people, two scenarios, one moderator of the first."""
        self.model = Model(PEOPLE, SCENARIOS)
        self.model.providers, self.model.has_phone = set(providers), set(phones)
        self.model.moderators = {(MODERATOR, 0)}
        self.model.capacity = dict(enumerate(capacities))
        self.at.run(self._found())

    async def _found(self) -> None:
        world = self.at.world
        await world.ledger.execute(EMPTY)
        self.people: list[Person] = [await world.person(f"Person {number}") for number in range(PEOPLE)]
        self.scenarios: list[ScenarioId] = []
        self.demands: list[DemandId] = []
        for number in range(SCENARIOS):
            made = await self._operator("scenarios.create", CreateScenario(place=f"Place {number}", resource="Help"))
            self.scenarios.append(made.id)
        for kind, pairs in (("provider", self.model.providers), ("moderator", self.model.moderators)):
            for person, scenario in sorted(pairs):
                await self._operator(
                    "memberships.assign",
                    AssignMembership(
                        user=self.people[person].user, scenario=self.scenarios[scenario], kind=MembershipKind(kind)
                    ),
                )
        for person, capacity in self.model.capacity.items():
            await world.capacity(self.people[person], capacity)
        for person in self.model.has_phone:
            await self.people[person].call(BY_NAME["users.update_me"], UpdateMe(phone=f"+99555522233{person}"))
        for person in self.people:
            await receive(person)

    async def _operator(self, operation: str, request: Any) -> Any:
        return await self.at.world.operator.call(BY_NAME[operation], request, actor=OPERATOR_ACTOR)

    # -- asking -----------------------------------------------------------------------------------------------------

    def ask(self, who: int, operation: str, request: Any, times: int, expected: str) -> Any:
        """The reply, or the failure, which has the expected name; asked again under the same key it is the same."""
        key = f"life {next(NUMBERS)}"
        got = self._answer(who, operation, request, key)
        assert type(got).__name__ == expected, f"{operation}: {got} instead of {expected}"
        if times > 1:
            assert self._answer(who, operation, request, key) == got, f"{operation} repeated"
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
        """The number of a demand there is."""
        assume(self.demands)
        number = which % len(self.demands)
        assume(self.model.demands[number].status != "gone")
        return number

    # -- steps ------------------------------------------------------------------------------------------------------

    # -- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def is_what_the_model_says(self) -> None:
        """The ledger's demands, seats and lines are the model's, and nothing in it contradicts itself."""
        if not hasattr(self, "people") or len(self.people) < PEOPLE:
            return
        found, wrong = self.at.run(self._looked())
        assert not wrong, wrong
        assert found == projected(self.model, [person.user for person in self.people], self.demands)

    async def _looked(self) -> tuple[list[Any], list[str]]:
        async with self.at.world.ledger.acquire() as ledger:
            rows = [dict(row) for row in await ledger.fetch(STATE)]
            wrong = [row["what"] for row in await ledger.fetch(INVARIANTS)]
        return rows, wrong
