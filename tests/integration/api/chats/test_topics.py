"""A conversation mirrored into a topic: all that the group may read, in order, and nothing that is for one person only."""

from contracts.chats import BindChat
from contracts.deliveries import Delivery, LocateDelivery
from contracts.demands import CloseDemand, TakeDemand, UpdateDemand
from contracts.kinds import SendOutcome
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
from contracts.operations.scenarios import CHATS_BIND
from contracts.operations.users import USERS_ERASE_ME, USERS_SET_REACHABLE, USERS_UPDATE_ME
from contracts.own_data import EraseMe
from contracts.participants import AddParticipant, ShareContact
from contracts.shapes import DestinationId
from contracts.users import SetReachable, UpdateMe
from integration.api.chat_cases import begin_in, bound, shown_in
from integration.api.town import Seated, receive, seated, settle, words
from world import OPERATOR, World

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
