"""A conversation mirrored into a topic: all that the group may read, in order, and nothing that is for one person only."""

import asyncio

import pytest

from contracts.chats import BindChat, StaffChat, UnbindChat
from contracts.deliveries import Delivery, Located, LocateDelivery
from contracts.demands import CloseDemand, TakeDemand, UpdateDemand
from contracts.kinds import SendOutcome, Urgency
from contracts.messages import EditMessage, NoteMessage, Origin, SendMessage, TakeBackMessage, WrittenContact
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_TAKE,
    DEMANDS_UPDATE,
    PARTICIPANTS_ADD,
    PARTICIPANTS_SHARE_CONTACT,
)
from contracts.operations.messages import (
    DELIVERIES_LOCATE,
    MESSAGES_EDIT,
    MESSAGES_NOTE,
    MESSAGES_SEND,
    MESSAGES_TAKE_BACK,
)
from contracts.operations.scenarios import CHATS_BIND, CHATS_UNBIND
from contracts.operations.users import USERS_ERASE_ME, USERS_SET_REACHABLE, USERS_UPDATE_ME
from contracts.own_data import EraseMe
from contracts.participants import AddParticipant, ShareContact
from contracts.scenarios import Scenario
from contracts.shapes import DemandId, DestinationId
from contracts.users import SetReachable, UpdateMe
from integration.api.chat_cases import begin_in, bound, place_of, shown_in
from integration.api.town import Seated, receive, seated, settle, words
from world import OPERATOR, Person, World, until

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
TOPIC = "SELECT topic FROM conversations WHERE demand_id = $1"


async def mirrored(world: World, at: Seated) -> DestinationId:
    """The topic of a demand, made by its first delivery."""
    place: DestinationId = await world.ledger.fetchval(TOPIC, at.demand)
    first = await begin_in(world, place)
    assert first is not None
    chat, _, thread = first.address.partition("/")
    assert thread.startswith("new:")
    assert (first.notice, first.data) == ("topic_opened", {"title": "", "description": "Insulin"})
    await settle(world, first, parts=["1"], migrated_to=f"{chat}/77")
    return place


async def read_in(world: World, place: DestinationId) -> list[Delivery]:
    read = []
    while (delivery := await begin_in(world, place)) is not None:
        read.append(delivery)
        await settle(world, delivery, parts=[] if delivery.targets else [f"t-{delivery.id}"])
    return read


async def test_a_topic_begins_with_what_was_said_and_goes_on_with_what_is_said(world: World) -> None:
    at = await seated(world)
    said = await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="hello"))
    chat = await bound(world, at.scenario, topics=True, locale="ru")
    place = await mirrored(world, at)
    before = await read_in(world, place)
    assert words(before) == ["provider_joined", "hello"]
    assert {one.address for one in before} == {f"{chat.address}/77"}
    assert {one.locale for one in before} == {"ru"}
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="coming", reply_to=said.id))
    [answer] = await read_in(world, place)
    assert (answer.text, answer.author_role, answer.reply_to) == ("coming", "provider", f"t-{before[1].id}")
    await at.requester.call(MESSAGES_EDIT, EditMessage(demand=at.demand, message=said.id, text="hello!"))
    [edit] = await read_in(world, place)
    assert (edit.kind, edit.text, [one.channel_message_id for one in edit.targets]) == (
        "edit",
        "hello!",
        [f"t-{before[1].id}"],
    )
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=said.id))
    [gone] = await read_in(world, place)
    assert (gone.kind, gone.text) == ("delete", "")
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    assert words(await read_in(world, place)) == ["closed"]


async def test_what_is_for_one_person_is_not_for_a_group(world: World) -> None:
    at = await seated(world)
    await bound(world, at.scenario, topics=True)
    place = await mirrored(world, at)
    await read_in(world, place)
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone="+995555000111"))
    await at.requester.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))
    card = WrittenContact(phone="+995555000222")
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="", contact=card))
    await at.moderator.call(MESSAGES_NOTE, NoteMessage(demand=at.demand, text="between us"))
    assert await read_in(world, place) == []
    assert {"contact_shared"} <= set(words(await receive(at.provider))), "whom it is for has it"


async def test_nothing_of_who_was_forgotten_is_kept_for_a_topic(world: World) -> None:
    at = await seated(world)
    await bound(world, at.scenario, topics=True)
    await mirrored(world, at)
    await at.requester.call(DEMANDS_UPDATE, UpdateDemand(demand=at.demand, version=2, description="A canary"))
    kept = "SELECT count(*) FROM deliveries v WHERE v::text LIKE '%canary%'"
    assert await world.ledger.fetchval(kept) > 0
    await at.requester.call(USERS_ERASE_ME, EraseMe(confirm="erase"))
    assert await world.ledger.fetchval(kept) == 0


async def test_who_writes_in_the_topic_is_heard_by_the_others_and_not_twice_in_it(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario, topics=True)
    place = await mirrored(world, at)
    await read_in(world, place)
    address = f"{chat.address}/77"
    found = await world.bot.call(DELIVERIES_LOCATE, LocateDelivery(address=address, channel_message_id="500"))
    assert (found.demand, found.message) == (at.demand, None)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await read_in(world, place)
    await receive(at.requester)
    origin = Origin(address=address, channel_message_id="500")
    said = await at.moderator.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="I am here", origin=origin))
    assert await read_in(world, place) == []
    assert words(await receive(at.requester)) == ["I am here"]
    found = await world.bot.call(DELIVERIES_LOCATE, LocateDelivery(address=address, channel_message_id="500"))
    assert (found.demand, found.message, found.is_own) == (at.demand, said.id, True)
    await at.moderator.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="from my own chat"))
    assert words(await read_in(world, place)) == ["from my own chat"]


async def test_without_the_setting_nothing_is_mirrored_and_turned_off_nothing_more(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario)
    assert await world.ledger.fetchval(TOPIC, at.demand) is None
    await world.operator.call(
        CHATS_BIND, BindChat(scenario=at.scenario.id, address=chat.address, topics=True), actor=OPERATOR
    )
    later = await world.demand(at.requester, at.scenario)
    place = await world.ledger.fetchval(TOPIC, later.id)
    await world.operator.call(
        CHATS_BIND, BindChat(scenario=at.scenario.id, address=chat.address, topics=False), actor=OPERATOR
    )
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=later.id, text="private"))
    assert await begin_in(world, place) is None
    reasons = await world.ledger.fetch("SELECT DISTINCT reason FROM deliveries WHERE destination_id = $1", place)
    assert [row["reason"] for row in reasons] == ["no longer theirs"]


async def test_a_topic_that_is_gone_is_made_anew_and_its_author_hears_of_nothing(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario, topics=True)
    place = await mirrored(world, at)
    await read_in(world, place)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="one"))
    delivery = await begin_in(world, place)
    assert delivery is not None
    await settle(world, delivery, parts=["9"], migrated_to=f"{chat.address}/99")
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="two"))
    again = await begin_in(world, place)
    assert again is not None
    assert again.address == f"{chat.address}/99"
    await receive(at.requester)
    await settle(world, again, SendOutcome.REFUSED, reason="bad_request")
    assert await receive(at.requester) == []


async def test_topics_come_back_with_their_group(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario, topics=True)
    place = await mirrored(world, at)
    await read_in(world, place)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="one"))
    delivery = await begin_in(world, place)
    assert delivery is not None
    await settle(world, delivery, SendOutcome.UNREACHABLE, reason="forbidden")
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="two"))
    assert await read_in(world, place) == []
    for is_there in (False, True):
        await world.bot.call(USERS_SET_REACHABLE, SetReachable(address=chat.address, reachable=is_there))
    assert words(await read_in(world, place)) == ["one", "two"]


async def test_taking_is_seen_in_the_topic(world: World) -> None:
    scenario, requester = await world.scenario(), await world.person()
    chat = await bound(world, scenario, topics=True)
    demand = await world.demand(requester, scenario)
    provider = await world.member(scenario)
    await provider.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    place = await world.ledger.fetchval(TOPIC, demand.id)
    assert words(await read_in(world, place)) == ["topic_opened", "provider_joined"]
    assert len(await shown_in(world, chat)) == 1, "and the card stays one"


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
