"""A mirror goes where its demand and its group go, and leads nowhere once it is none."""

import asyncio

import pytest

from contracts.chats import BindChat, StaffChat, UnbindChat
from contracts.deliveries import Located, LocateDelivery
from contracts.demands import UpdateDemand
from contracts.kinds import Urgency
from contracts.messages import Origin, SendMessage
from contracts.operations.demands import (
    DEMANDS_UPDATE,
    PARTICIPANTS_ADD,
)
from contracts.operations.messages import (
    DELIVERIES_LOCATE,
    MESSAGES_SEND,
)
from contracts.operations.scenarios import CHATS_BIND, CHATS_UNBIND
from contracts.participants import AddParticipant
from contracts.scenarios import Scenario
from contracts.shapes import DemandId, DestinationId
from integration.api.chat_cases import bound, place_of
from integration.api.chats.test_topics import TOPIC, mirrored, read_in
from integration.api.town import seated, words
from world import OPERATOR, Person, World, until

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def waiting_in(world: World, scenario: Scenario, requester: Person) -> DemandId:
    """A demand nobody holds yet, in which something was said."""
    demand = (await world.demand(requester, scenario)).id
    await requester.call(MESSAGES_SEND, SendMessage(demand=demand, text="hello"))
    return demand


async def topic_of(world: World, demand: DemandId, chat: StaffChat) -> DestinationId:
    """Where a demand is mirrored now; in a topic of this group."""
    place: DestinationId = await world.ledger.fetchval(TOPIC, demand)
    there = await world.ledger.fetchval("SELECT chat_id FROM destinations WHERE id = $1", place)
    assert there == await place_of(world, chat)
    return place


async def test_a_demand_that_moves_is_mirrored_in_the_group_it_moved_to_and_no_more_in_the_old_one(
    world: World,
) -> None:
    one, other, unseen = await world.scenario(), await world.scenario(), await world.scenario()
    chats = [await bound(world, scenario, topics=True) for scenario in (one, other)]
    requester = await world.person()
    demand = await waiting_in(world, one, requester)
    old = await topic_of(world, demand, chats[0])
    assert words(await read_in(world, old)) == ["topic_opened", "hello"]

    await requester.call(DEMANDS_UPDATE, UpdateDemand(demand=demand, version=1, scenario=unseen.id))
    await requester.call(MESSAGES_SEND, SendMessage(demand=demand, text="unseen"))
    assert await world.ledger.fetchval(TOPIC, demand) == old, "nothing is opened where it is not any more"
    await requester.call(DEMANDS_UPDATE, UpdateDemand(demand=demand, version=2, scenario=other.id))
    place = await topic_of(world, demand, chats[1])
    told = await read_in(world, place)
    assert words(told) == ["topic_opened", "hello", "demand_updated", "unseen", "demand_updated"]
    await requester.call(MESSAGES_SEND, SendMessage(demand=demand, text="here"))
    assert words(await read_in(world, place)) == ["here"]
    assert await read_in(world, old) == []

    await requester.call(DEMANDS_UPDATE, UpdateDemand(demand=demand, version=3, urgency=Urgency.URGENT))
    assert await topic_of(world, demand, chats[1]) == place, "it stays where it is"


async def test_a_group_in_place_of_another_goes_on_with_what_goes_on(world: World) -> None:
    scenario, requester = await world.scenario(), await world.person()
    chat = await bound(world, scenario, topics=True)
    demand = await waiting_in(world, scenario, requester)
    old = await topic_of(world, demand, chat)
    await read_in(world, old)
    await world.operator.call(CHATS_UNBIND, UnbindChat(scenario=scenario.id, address=chat.address), actor=OPERATOR)
    await requester.call(MESSAGES_SEND, SendMessage(demand=demand, text="meanwhile"))
    assert await read_in(world, old) == []
    place = await topic_of(world, demand, await bound(world, scenario, topics=True))
    assert words(await read_in(world, place)) == ["topic_opened", "hello", "meanwhile"]


async def test_two_changes_in_one_instant_open_one_topic(world: World) -> None:
    scenario, requester = await world.scenario(), await world.person()
    chat = await bound(world, scenario, topics=True)
    demand = await waiting_in(world, scenario, requester)
    await world.ledger.execute(
        "UPDATE destinations SET chat_id = NULL WHERE id = $1", await topic_of(world, demand, chat)
    )
    changes = "SELECT owe_cards_v1($1, $2, '')"
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as other, other.transaction():
        await other.execute(changes, demand, scenario.id)
        group.create_task(world.ledger.execute(changes, demand, scenario.id))
        await until(lambda: world.ledger.fetchval(WAITS))
    opened = "SELECT count(*) FROM deliveries WHERE demand_id = $1 AND notice = 'topic_opened'"
    assert await world.ledger.fetchval(opened, demand) == 2, "the old one, and one new one"
    await topic_of(world, demand, chat)


@pytest.mark.parametrize("ending", ["stopped", "unbound", "moved"])
async def test_a_topic_that_mirrors_no_more_leads_to_nobody(world: World, ending: str) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario, topics=True)
    place = await mirrored(world, at)
    address = f"{chat.address}/77"
    read = await read_in(world, place)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    origin = Origin(address=address, channel_message_id="500")
    await at.moderator.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="I am here", origin=origin))

    async def located(number: str) -> Located:
        return await world.bot.call(DELIVERIES_LOCATE, LocateDelivery(address=address, channel_message_id=number))

    plain, answer, own = "900", f"t-{read[0].id}", "500"
    assert [(await located(number)).demand for number in (plain, answer, own)] == [at.demand] * 3
    if ending == "stopped":
        stopped = BindChat(scenario=at.scenario.id, address=chat.address, topics=False)
        await world.operator.call(CHATS_BIND, stopped, actor=OPERATOR)
    elif ending == "unbound":
        gone = UnbindChat(scenario=at.scenario.id, address=chat.address)
        await world.operator.call(CHATS_UNBIND, gone, actor=OPERATOR)
    else:
        other = await world.scenario()
        await world.ledger.execute("UPDATE demands SET scenario_id = $1 WHERE id = $2", other.id, at.demand)
    for number in (plain, answer, own):
        found = await located(number)
        assert (found.demand, found.message, found.is_over) == (None, None, True)
