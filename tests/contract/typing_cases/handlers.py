"""What a type checker says of handlers: the row decides what they take and what they answer."""

from api.binding import bind, bind_hot
from api.call import Call, HotCall
from contracts.demands import Created, CreateDemand, Next, NextDemand, NothingWaiting, Taken
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_NEXT, DEMANDS_TAKE
from contracts.operations.scenarios import SCENARIOS_GET
from contracts.scenarios import GetScenario, Scenario, ScenarioPage
from contracts.shapes import Done


async def get_scenario(call: Call, request: GetScenario) -> Scenario:
    raise NotImplementedError


async def get_page(call: Call, request: GetScenario) -> ScenarioPage:
    raise NotImplementedError


async def get_by_name(call: Call, request: str) -> Scenario:
    raise NotImplementedError


async def next_demand(call: HotCall, request: NextDemand) -> Next:
    raise NotImplementedError


async def next_or_done(call: HotCall, request: NextDemand) -> Taken | Done:
    raise NotImplementedError


async def nothing(call: HotCall, request: NextDemand) -> NothingWaiting:
    raise NotImplementedError


async def create(call: HotCall, request: CreateDemand) -> Created:
    raise NotImplementedError


def create_at_once(call: HotCall, request: CreateDemand) -> Created:
    raise NotImplementedError


bind(SCENARIOS_GET, get_scenario)
bind(SCENARIOS_GET, get_page)  # E: arg-type
bind(SCENARIOS_GET, get_by_name)  # E: arg-type
bind(SCENARIOS_GET, next_demand)  # E: arg-type
bind_hot(DEMANDS_NEXT, next_demand)
bind_hot(DEMANDS_NEXT, nothing)
bind_hot(DEMANDS_NEXT, next_or_done)  # E: arg-type
bind_hot(DEMANDS_TAKE, next_demand)  # E: arg-type
bind_hot(DEMANDS_CREATE, create)
bind_hot(DEMANDS_CREATE, create_at_once)  # E: arg-type
