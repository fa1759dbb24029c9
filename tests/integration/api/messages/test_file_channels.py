"""A file is opened where it lies: its id says nothing in another channel, so each bears the name of its own."""

import pytest

from contracts import wire
from contracts.attachments import WrittenAttachment
from contracts.deliveries import Delivery
from contracts.demands import CreateDemand, TakeDemand
from contracts.kinds import AttachmentKind
from contracts.messages import SearchMessages, SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEARCH, MESSAGES_SEND
from contracts.shapes import DemandId
from integration.api.town import receive
from integration.api.users.visitors import Visitor, signed_up
from world import Person, World

FILE = WrittenAttachment(kind=AttachmentKind.DOCUMENT, file_id="id-in-its-own-channel", name="recipe.pdf")


async def met(world: World) -> tuple[Visitor, Person, Person, DemandId]:
    """Somebody who asks on the web, and a provider and a moderator in Telegram who answer."""
    scenario = await world.scenario()
    visitor, provider = await signed_up(world), await world.member(scenario)
    demand = (await visitor.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="x"))).id
    await provider.call(DEMANDS_TAKE, TakeDemand(demand=demand))
    moderator = await world.member(scenario, "moderator")
    await receive(provider)
    return visitor, provider, moderator, demand


@pytest.mark.parametrize("by", ["web", "telegram"])
async def test_a_file_bears_the_channel_it_came_by_whoever_it_goes_to(world: World, by: str) -> None:
    visitor, provider, moderator, demand = await met(world)
    author: Visitor | Person = visitor if by == "web" else provider
    sent = await author.call(MESSAGES_SEND, SendMessage(demand=demand, text="here", attachments=[FILE]))
    for reader in (visitor, provider, moderator):
        page = await reader.call(MESSAGES_SEARCH, SearchMessages(demand=demand))
        [line] = [line for line in page.items if line.id == sent.id]
        assert [(file.state, file.name) for file in line.attachments] == [("remote", "recipe.pdf")]
        assert FILE.file_id not in wire.encode(page).decode(), "readers of no channel get an id of any"
    delivered: list[Delivery] = await receive(provider)
    if by == "web":
        [owed] = delivered
        assert [(file.channel, file.file_id) for file in owed.attachments] == [("web", FILE.file_id)]
    else:
        assert delivered == [], "no echo"
    kept = await world.ledger.fetch("SELECT channel, file_id FROM attachments WHERE message_id = $1", sent.id)
    assert [tuple(row) for row in kept] == [(by, FILE.file_id)]


async def test_files_of_both_channels_in_one_conversation_keep_their_own(world: World) -> None:
    visitor, provider, _, demand = await met(world)
    told = await world.person("Second")
    await visitor.call(MESSAGES_SEND, SendMessage(demand=demand, attachments=[FILE, FILE]))
    await provider.call(MESSAGES_SEND, SendMessage(demand=demand, attachments=[FILE]))
    await world.ledger.execute(
        "UPDATE users SET is_admin = true WHERE id = $1",
        told.user,
    )
    await told.call(MESSAGES_SEND, SendMessage(demand=demand, text="I am here"))
    owed = [[file.channel for file in each.attachments] for each in await receive(told) if each.attachments]
    assert owed == [["web", "web"], ["telegram"]], "who comes later is told the same of the history"
