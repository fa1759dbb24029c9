"""People in their places, and what chats are told."""

import asyncio
from dataclasses import dataclass
from typing import Any

from contracts.deliveries import BeginDeliveries, Delivery, Result, SettleDeliveries
from contracts.demands import TakeDemand
from contracts.kinds import SendOutcome
from contracts.operations.demands import DEMANDS_TAKE
from contracts.operations.messages import DELIVERIES_BEGIN, DELIVERIES_SETTLE
from contracts.scenarios import Scenario
from contracts.shapes import DemandId, DestinationId
from world import Person, World


@dataclass
class Seated:
    """A held demand with everybody who has to do with it; the moderator only might join."""

    world: World
    scenario: Scenario
    demand: DemandId
    number: str
    requester: Person
    provider: Person
    moderator: Person


async def seated(world: World, **scenario: Any) -> Seated:
    """A demand held by its provider."""
    made = await world.scenario(**scenario)
    requester = await world.person("Requester")
    provider, moderator = await world.member(made), await world.member(made, "moderator", "Moderator")
    demand = await world.demand(requester, made)
    await provider.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    return Seated(world, made, demand.id, demand.number, requester, provider, moderator)


async def chat_of(person: Person) -> DestinationId:
    """The destination of somebody's own chat."""
    found: DestinationId = await person.world.ledger.fetchval(
        "SELECT t.id FROM destinations t JOIN identities i ON i.id = t.identity_id WHERE i.user_id = $1", person.user
    )
    return found


async def begin(person: Person) -> Delivery | None:
    """What somebody's chat is owed next, begun."""
    begun = await person.world.bot.call(DELIVERIES_BEGIN, BeginDeliveries(destinations=[await chat_of(person)]))
    assert len(begun.items) <= 1
    return begun.items[0] if begun.items else None


async def settle(world: World, delivery: Delivery, outcome: SendOutcome = SendOutcome.SENT, **more: Any) -> int:
    """Say what became of a delivery; how many were settled."""
    result = Result(delivery=delivery.id, attempt=delivery.attempt, outcome=outcome, **more)
    return (await world.bot.call(DELIVERIES_SETTLE, SettleDeliveries(results=[result]))).count


async def receive(person: Person, *, within: float = 20) -> list[Delivery]:
    """Everything somebody's chat is owed now, each sent as one message with an id of its own."""
    received = []
    async with asyncio.timeout(within):
        while (delivery := await begin(person)) is not None:
            received.append(delivery)
            assert await settle(person.world, delivery, parts=[f"m-{delivery.id}"]) == 1
    return received


def words(deliveries: list[Delivery]) -> list[str]:
    """What the deliveries say: a person's text, or the name of a notice."""
    return [delivery.notice or delivery.text for delivery in deliveries]
