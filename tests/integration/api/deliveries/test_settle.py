"""What becomes of deliveries, and what their authors hear of it."""

import pytest

from contracts.deliveries import Delivery, LocateDelivery
from contracts.kinds import EntryKind, SendOutcome
from contracts.messages import Origin, SendMessage
from contracts.operations.demands import PARTICIPANTS_ADD
from contracts.operations.messages import DELIVERIES_LOCATE, MESSAGES_SEND
from contracts.operations.users import USERS_ENTER, USERS_SET_REACHABLE
from contracts.participants import AddParticipant
from contracts.users import EnterUser, SetReachable
from integration.api.town import Seated, begin, receive, seated, settle, words
from world import Person, World


@pytest.fixture
async def at(world: World) -> Seated:
    """A held demand whose chats have received everything so far."""
    here = await seated(world)
    for person in (here.requester, here.provider, here.moderator):
        await receive(person)
    return here


async def say(at: Seated, person: Person, text: str, **more: object) -> None:
    await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text, **more))  # type: ignore[arg-type]


async def begun(person: Person) -> Delivery:
    delivery = await begin(person)
    assert delivery is not None
    return delivery


async def back(person: Person) -> None:
    await person.call(USERS_ENTER, EnterUser(display_name="Back"))


async def test_settled_twice_is_settled_once(at: Seated) -> None:
    await say(at, at.provider, "Иду")
    delivery = await begun(at.requester)
    assert await settle(at.world, delivery, parts=["1"]) == 1
    for outcome in SendOutcome:
        assert await settle(at.world, delivery, outcome) == 0
    assert await receive(at.requester) == []
    assert await at.world.ledger.fetchval("SELECT status FROM deliveries WHERE id = $1", delivery.id) == "sent"
    assert await receive(at.provider) == [], "no word of a refusal that was none"


async def test_a_doubt_brings_it_back_as_a_repeat(at: Seated) -> None:
    await say(at, at.provider, "Иду")
    for attempt in range(1, 6):
        delivery = await begun(at.requester)
        assert (delivery.attempt, delivery.repeat) == (attempt, attempt > 1)
        assert await settle(at.world, delivery, SendOutcome.UNKNOWN) == 1
    assert await begin(at.requester) is None
    [parked] = await at.world.ledger.fetch("SELECT reason, settled_at FROM deliveries WHERE status = 'parked'")
    assert parked["reason"] == "unknown too often"


async def test_the_late_word_of_a_dead_sender_does_not_touch_the_attempt_after_it(at: Seated) -> None:
    await say(at, at.provider, "Иду")
    first = await begun(at.requester)
    await settle(at.world, first, SendOutcome.UNKNOWN)
    second = await begun(at.requester)
    assert (second.id, second.attempt) == (first.id, first.attempt + 1)
    for late in set(SendOutcome) - {SendOutcome.SENT}:
        assert await settle(at.world, first, late) == 0
    assert await settle(at.world, second) == 1


async def test_both_copies_of_a_repeat_lead_back_to_the_message(at: Seated) -> None:
    await say(at, at.provider, "Иду")
    first = await begun(at.requester)
    await at.world.ledger.execute("UPDATE deliveries SET began_at = began_at - interval '1 hour'")
    second = await begun(at.requester)
    assert (second.id, second.repeat) == (first.id, True)
    assert await settle(at.world, first, parts=["10"]) == 1
    assert await settle(at.world, second, parts=["11"]) == 0
    for number in ("10", "11"):
        where = LocateDelivery(address=first.address, channel_message_id=number)
        found = await at.world.bot.call(DELIVERIES_LOCATE, where)
        assert (found.demand, found.is_own) == (at.demand, False)
        assert found.message is not None


async def test_arrived_is_the_truth_whoever_doubted_it(at: Seated) -> None:
    await say(at, at.provider, "Иду")
    first = await begun(at.requester)
    assert await settle(at.world, first, SendOutcome.UNKNOWN, retry_after=600.0) == 1
    assert await settle(at.world, first, parts=["10"]) == 1
    assert await begin(at.requester) is None


async def test_a_refusal_is_told_to_its_author_once(at: Seated) -> None:
    origin = Origin(address=str(at.provider.telegram_id), channel_message_id="42")
    await say(at, at.provider, "Иду", origin=origin)
    await say(at, at.provider, "Уже рядом")
    refused = await begun(at.requester)
    assert await settle(at.world, refused, SendOutcome.REFUSED, reason="bad_request") == 1
    [told] = await receive(at.provider)
    assert (told.notice, told.data["role"], told.reply_to) == ("message_refused", "requester", "42")
    assert told.data["later"] is False, "this very message never arrives"
    assert words(await receive(at.requester)) == ["Уже рядом"]


async def test_a_chat_that_cannot_be_reached_is_refused_everything_and_every_author_knows(at: Seated) -> None:
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await receive(at.moderator)
    await receive(at.provider)
    await say(at, at.provider, "one")
    await say(at, at.provider, "two")
    await say(at, at.moderator, "three")
    gone = await begun(at.requester)
    while gone.notice:
        await settle(at.world, gone)
        gone = await begun(at.requester)
    assert await settle(at.world, gone, SendOutcome.UNREACHABLE) == 1
    assert await begin(at.requester) is None
    assert words(await receive(at.provider)).count("message_refused") == 2
    assert words(await receive(at.moderator)).count("message_refused") == 1
    sent = await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="four"))
    assert sent.recipients == 1, "the moderator alone"
    await receive(at.moderator)

    await back(at.requester)
    assert words(await receive(at.requester)) == ["one", "two", "three", "four"]
    await back(at.requester)
    assert await receive(at.requester) == [], "each once"


@pytest.mark.parametrize("by", ["entering", "the channel"])
async def test_whatever_brings_a_chat_back_brings_its_deliveries_once(at: Seated, by: str) -> None:
    await say(at, at.provider, "one")
    address = str(at.requester.telegram_id)
    await at.world.bot.call(USERS_SET_REACHABLE, SetReachable(address=address, reachable=False))
    assert await begin(at.requester) is None
    assert words(await receive(at.provider)) == ["message_refused"]
    await say(at, at.provider, "two")
    for _ in range(2):
        if by == "entering":
            await back(at.requester)
        else:
            await at.world.bot.call(USERS_SET_REACHABLE, SetReachable(address=address, reachable=True))
    first = await begun(at.requester)
    assert first.text == "one"
    assert await settle(at.world, first, SendOutcome.UNREACHABLE) == 1
    await back(at.requester)
    assert words(await receive(at.requester)) == ["one", "two"]
    assert words(await receive(at.provider)) == ["message_refused"], "of the second, and not again of the first"
    assert await at.world.ledger.fetchval("SELECT count(*) FROM deliveries WHERE status = 'pending'") == 0


async def test_an_unknown_chat_may_be_reported_too(world: World) -> None:
    for reachable in (True, False):
        await world.bot.call(USERS_SET_REACHABLE, SetReachable(address="404", reachable=reachable))
    assert await world.ledger.fetchval("SELECT count(*) FROM destinations") == 0


async def test_a_chat_that_moved_is_written_to_at_its_new_address(at: Seated) -> None:
    await say(at, at.provider, "one")
    delivery = await begun(at.requester)
    assert await settle(at.world, delivery, SendOutcome.LATER, migrated_to="-100777") == 1
    assert (await begun(at.requester)).address == "-100777"


async def test_a_chat_cannot_move_onto_somebody_elses(at: Seated) -> None:
    await say(at, at.provider, "one")
    delivery = await begun(at.requester)
    taken = str(at.provider.telegram_id)
    assert await settle(at.world, delivery, SendOutcome.LATER, migrated_to=taken) == 1
    assert (await begun(at.requester)).address == str(at.requester.telegram_id)


async def test_messages_of_chats_are_located_both_ways(at: Seated) -> None:
    origin = Origin(address=str(at.provider.telegram_id), channel_message_id="5")
    sent = await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Иду", origin=origin))
    delivery = await begun(at.requester)
    await settle(at.world, delivery, parts=["5", "6"])
    for address, number, own in ((at.provider, "5", True), (at.requester, "5", False), (at.requester, "6", False)):
        where = LocateDelivery(address=str(address.telegram_id), channel_message_id=number)
        found = await at.world.bot.call(DELIVERIES_LOCATE, where)
        assert (found.demand, found.message, found.is_own) == (at.demand, sent.id, own)
        assert (found.kind, found.audience) == (EntryKind.MESSAGE, None)
        assert found.notice is None
    for address_, number in ((str(at.provider.telegram_id), "6"), ("404", "5")):
        found = await at.world.bot.call(DELIVERIES_LOCATE, LocateDelivery(address=address_, channel_message_id=number))
        assert (found.demand, found.message, found.is_own) == (None, None, False)
