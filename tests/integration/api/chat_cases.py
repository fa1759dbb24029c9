"""More cases of operations that keep their answer: those of staff chats. And what a group is shown."""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import msgspec

from contracts.chats import BindChat, Card, StaffChat, UnbindChat
from contracts.deliveries import BeginDeliveries, Delivery
from contracts.operations.messages import DELIVERIES_BEGIN
from contracts.operations.scenarios import CHATS_BIND
from contracts.scenarios import Scenario
from contracts.shapes import DestinationId
from integration.api.case import Case, by
from integration.api.town import settle
from world import OPERATOR, World

_groups = count(1_001_000_000_001)
PLACE = "SELECT id FROM destinations WHERE channel = 'telegram' AND address = $1"


def new_group() -> str:
    """The address of a group nobody knows yet."""
    return f"-{next(_groups)}"


async def bound(world: World, scenario: Scenario, address: str = "", **settings: Any) -> StaffChat:
    """A staff chat of the scenario."""
    request = BindChat(scenario=scenario.id, address=address or new_group(), **settings)
    return await world.operator.call(CHATS_BIND, request, actor=OPERATOR)


async def place_of(world: World, chat: StaffChat) -> DestinationId:
    """The destination of a staff chat."""
    found: DestinationId = await world.ledger.fetchval(PLACE, chat.address)
    return found


async def begin_in(world: World, place: DestinationId) -> Delivery | None:
    """What a group is owed next, begun."""
    begun = await world.bot.call(DELIVERIES_BEGIN, BeginDeliveries(destinations=[place]))
    return begun.items[0] if begun.items else None


async def shown_in(world: World, chat: StaffChat) -> list[Delivery]:
    """All that a group is owed now, each made as one message: a new one has an id of its own, a change keeps its target's."""
    place, made = await place_of(world, chat), []
    while (delivery := await begin_in(world, place)) is not None:
        made.append(delivery)
        assert await settle(world, delivery, parts=[] if delivery.targets else [f"m-{delivery.id}"]) == 1
    return made


def card(delivery: Delivery) -> Card:
    """What a card says."""
    assert (delivery.kind, delivery.text, delivery.alias) == ("card", "", None)
    return msgspec.convert(delivery.data, Card)


async def binding(world: World) -> Case:
    made = await world.scenario()
    request, other = (BindChat(scenario=made.id, address=address) for address in (new_group(), new_group()))
    return by(await world.member(made, "moderator"), "chats.bind", request, other)


async def unbinding(world: World) -> Case:
    made = await world.scenario()
    one, two = await bound(world, made), await bound(world, made)
    request, other = (UnbindChat(scenario=made.id, address=chat.address) for chat in (one, two))
    return by(await world.member(made, "moderator"), "chats.unbind", request, other)


OF_CHATS: dict[str, Callable[[World], Awaitable[Case]]] = {"chats.bind": binding, "chats.unbind": unbinding}
