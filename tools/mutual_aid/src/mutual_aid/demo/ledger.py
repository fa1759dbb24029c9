"""The same day as the ledger has it: every demand, who held it, every message, asked for through the api."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from contracts.client import Client
from contracts.demands import DemandLine, GetDemand, SearchDemands
from contracts.kinds import DemandStatus, EntryKind, MembershipKind, Role
from contracts.messages import SearchMessages
from contracts.operations.demands import DEMANDS_GET, DEMANDS_SEARCH, PARTICIPANTS_LIST
from contracts.operations.messages import MESSAGES_SEARCH
from contracts.operations.scenarios import SCENARIOS_CREATE, SCENARIOS_RETIRE, SCENARIOS_SEARCH
from contracts.participants import ListParticipants
from contracts.scenarios import CreateScenario, RetireScenario, Scenario, SearchScenarios
from contracts.shapes import ScenarioId, UserId
from mutual_aid.demo.count import marked
from mutual_aid.demo.rows import PLACES
from mutual_aid.seed import assign
from mutual_aid.stack.figures import operator

AT_ONCE = 16  # calls under way
PAGE = 100
MESSAGES = 1000


@dataclass
class Ledger:
    """What the ledger says of the day, by number of the row."""

    demands: Counter[int] = field(default_factory=Counter)
    closed: set[int] = field(default_factory=set)
    claims: int = 0
    declines: int = 0
    messages: Counter[tuple[int, int]] = field(default_factory=Counter)
    owed: int = 0
    parked: int = 0


async def open_scenarios(api: Client, resources: list[str], helpers: dict[str, list[UserId]]) -> list[ScenarioId]:
    """A scenario for every place and kind of help, with the place's volunteers as its providers.

    One of the same name that an earlier day left behind is retired first: what waits there is not for this day.
    """
    for old in await _left_behind(api, resources):
        await api.call(SCENARIOS_RETIRE, RetireScenario(id=old.id), actor=operator())
    calls = asyncio.Semaphore(AT_ONCE)

    async def open_one(place: str, resource: str) -> ScenarioId:
        async with calls:
            made = await api.call(SCENARIOS_CREATE, CreateScenario(place=place, resource=resource), actor=operator())
            for user in helpers[place]:
                await assign(api, user, made.id, MembershipKind.PROVIDER)
        return made.id

    async with asyncio.TaskGroup() as opening:
        tasks = [opening.create_task(open_one(place, resource)) for place in PLACES for resource in resources]
    return [task.result() for task in tasks]


async def _left_behind(api: Client, resources: list[str]) -> list[Scenario]:
    found: list[Scenario] = []
    for place in PLACES:
        page = await api.call(SCENARIOS_SEARCH, SearchScenarios(place=place, limit=PAGE), actor=operator())
        found += [one for one in page.items if one.resource in resources]
    return found


async def close_scenarios(api: Client, scenarios: list[ScenarioId]) -> None:
    """The day is over: these kinds of help are offered no more."""
    for one in scenarios:
        await api.call(SCENARIOS_RETIRE, RetireScenario(id=one), actor=operator())


async def read(api: Client, scenarios: list[ScenarioId]) -> Ledger:
    """Everything the ledger has in these scenarios."""
    ledger = Ledger()
    calls = asyncio.Semaphore(AT_ONCE)
    lines = [line for scenario in scenarios for line in await _demands(api, scenario)]

    async def read_one(line: DemandLine) -> None:
        async with calls:
            await _read_demand(api, ledger, line)

    async with asyncio.TaskGroup() as reading:
        for line in lines:
            reading.create_task(read_one(line))
    return ledger


async def _demands(api: Client, scenario: ScenarioId) -> list[DemandLine]:
    found: list[DemandLine] = []
    while True:
        wanted = SearchDemands(scenario=scenario, is_active=None, limit=PAGE, offset=len(found))
        page = await api.call(DEMANDS_SEARCH, wanted, actor=operator())
        found += page.items
        if not page.more:
            return found


async def _read_demand(api: Client, ledger: Ledger, line: DemandLine) -> None:
    demand = await api.call(DEMANDS_GET, GetDemand(demand=line.id), actor=operator())
    found = marked(demand.description)
    number = found[0] if found else 0
    ledger.demands[number] += 1
    if line.status is DemandStatus.CLOSED:
        ledger.closed.add(number)
    seen, more = 0, True
    while more:
        people = await api.call(PARTICIPANTS_LIST, ListParticipants(demand=line.id, offset=seen), actor=operator())
        seen, more = seen + len(people.items), people.more
        providers = [one for one in people.items if one.role is Role.PROVIDER]
        ledger.claims += len(providers)
        ledger.declines += sum(one.declined_at is not None for one in providers)
    page = await api.call(MESSAGES_SEARCH, SearchMessages(demand=line.id, limit=MESSAGES), actor=operator())
    ledger.messages.update(marked(one.text) or (number, 0) for one in page.items if one.kind is EntryKind.MESSAGE)
