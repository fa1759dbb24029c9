"""An answer fits into what the broker carries in one message; and one that does not is a refusal, not silence."""

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from contracts.deliveries import BeginDeliveries, Delivery
from contracts.demands import GetDemand, TakeDemand
from contracts.failures import Internal
from contracts.messages import SendMessage, WrittenEntity
from contracts.operations.demands import DEMANDS_GET, DEMANDS_TAKE
from contracts.operations.messages import DELIVERIES_BEGIN, MESSAGES_SEND
from contracts.operations.scenarios import SCENARIOS_SEARCH
from contracts.scenarios import Scenario, SearchScenarios
from contracts.shapes import DestinationId
from integration.api.town import chat_of, receive, settle
from world import World

LINKS = [
    WrittenEntity(type="text_link", offset=at, length=1, url="https://x.example/" + "a" * 2030) for at in range(100)
]
LARGEST = "x" * 8192


async def test_what_chats_are_owed_comes_in_as_many_answers_as_it_needs_and_each_once(world: World) -> None:
    scenario, requester = await world.scenario(), await world.person()
    chats: list[DestinationId] = []
    for number in range(5):
        helper = await world.member(scenario)
        demand = await world.demand(requester, scenario, f"Box {number}")
        await helper.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
        await receive(helper)
        await requester.call(MESSAGES_SEND, SendMessage(demand=demand.id, text=LARGEST, entities=LINKS))
        chats.append(await chat_of(helper))
    began = list[list[Delivery]]()
    async with asyncio.timeout(20):
        while not began or began[-1]:
            begun = await world.bot.call(DELIVERIES_BEGIN, BeginDeliveries(destinations=chats, holder="bot a"))
            for item in begun.items:
                assert len(item.entities) == 100
                assert await settle(world, item, parts=["1"]) == 1
            began.append(begun.items)
            left = await world.ledger.fetchval(
                "SELECT count(*) FILTER (WHERE status = 'pending') FROM deliveries WHERE destination_id = ANY ($1)",
                chats,
            )
            assert left == 5 - sum(map(len, began)), "what did not fit waits, and is in nobody's hand"
    assert len(began) > 2
    assert sorted(item.destination for items in began for item in items) == sorted(chats)
    assert {item.attempt for items in began for item in items} == {1}


async def test_a_page_of_scenarios_ends_when_it_is_full_and_the_next_goes_on_there(world: World) -> None:
    for number in range(70):
        await world.scenario("Riverside", f"Kind {number:02}", description="ж" * 8192)
    found: list[Scenario] = []
    sizes: list[int] = []
    more = True
    while more:
        page = await world.bot.call(SCENARIOS_SEARCH, SearchScenarios(limit=100, offset=len(found)))
        found, more = found + page.items, page.more
        sizes.append(len(page.items))
        assert sizes[-1] > 0
    assert [one.resource for one in found] == [f"Kind {number:02}" for number in range(70)]
    assert len(sizes) > 1


async def test_an_answer_that_no_message_can_hold_is_a_refusal_at_once_and_on_record(world: World) -> None:
    requester = await world.person()
    demand = await world.demand(requester, await world.scenario())
    await world.ledger.execute("UPDATE demands SET payload = jsonb_build_object('a', repeat('secret', 200000))")
    began = time.monotonic()
    with capture_logs() as logs, pytest.raises(Internal):
        await requester.call(DEMANDS_GET, GetDemand(demand=demand.id))
    assert time.monotonic() - began < 4, "not by waiting for the deadline"
    [said] = [line for line in logs if line["log_level"] == "error"]
    assert (said["event"], said["operation"]) == ("call.failed", "demands.get")
    assert "secret" not in str(said)
