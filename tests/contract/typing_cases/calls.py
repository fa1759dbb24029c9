"""What a type checker says of calls: `# E:` lines are errors it has to find, `# N:` what it has to infer."""

from typing import reveal_type

from contracts.client import Client
from contracts.demands import CloseDemand, NextDemand, TakeDemand
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_CREATE, DEMANDS_NEXT, DEMANDS_TAKE
from contracts.operations.users import USERS_ME
from contracts.shapes import DemandId, ScenarioId
from contracts.users import GetMe


async def right(client: Client, demand: DemandId) -> None:
    found = await client.call(DEMANDS_NEXT, NextDemand())
    reveal_type(found)  # N: contracts.demands.Taken | contracts.demands.NothingWaiting | contracts.demands.NotAProvider | contracts.demands.Paused  # fmt: skip
    reveal_type(await client.call(DEMANDS_TAKE, TakeDemand(demand=demand)))  # N: contracts.demands.Taken
    reveal_type((await client.call(USERS_ME, GetMe(), actor="telegram:1")).user)  # N: contracts.users.User


async def wrong(client: Client, demand: DemandId, scenario: ScenarioId) -> None:
    await client.call(DEMANDS_NEXT, TakeDemand(demand=demand))  # E: Cannot infer value of type parameter "Q" of "call" of "Client"  # fmt: skip
    await client.call(DEMANDS_CREATE, CloseDemand(demand=demand))  # E: Cannot infer value of type parameter "Q" of "call" of "Client"  # fmt: skip
    await client.call(DEMANDS_CLOSE, {"demand": demand})  # E: Cannot infer value of type parameter "Q" of "call" of "Client"  # fmt: skip
    await client.call("demands.next", NextDemand())  # E: arg-type
    await client.call(DEMANDS_NEXT)  # E: call-arg
    found = await client.call(DEMANDS_NEXT, NextDemand())
    print(found.number)  # E: union-attr  # noqa: T201 - never runs
    TakeDemand(demand=scenario)  # E: arg-type
