"""Who hears that what they wrote does not arrive: its author, when nobody it was for can read it, and only then."""

import asyncio

import pytest

from contracts import wire
from contracts.accounts import FinishLink, StartLink
from contracts.deliveries import BeginDeliveries, Delivery, Result
from contracts.kinds import SendOutcome
from contracts.messages import SendMessage
from contracts.operations.demands import PARTICIPANTS_ADD
from contracts.operations.messages import DELIVERIES_BEGIN, MESSAGES_SEND
from contracts.operations.users import USERS_ENTER, USERS_LINK_FINISH, USERS_LINK_START, USERS_SET_REACHABLE
from contracts.participants import AddParticipant
from contracts.shapes import DestinationId
from contracts.users import EnterUser, SetReachable
from integration.api.town import Seated, receive, seated, settle, words
from integration.api.users.visitors import Visitor, entered
from local_servers import Addresses, Servers
from world import Person, World, made_world, until


async def linked(person: Person) -> Person:
    """A second chat of the same person, by way of the web."""
    guest, _ = await entered(person.world)
    code = (await person.call(USERS_LINK_START, StartLink())).code
    token = (await guest.call(USERS_LINK_FINISH, FinishLink(code=code))).token
    assert token is not None
    other = await person.world.person("Other phone")
    code = (await Visitor(person.world, person.user, token).call(USERS_LINK_START, StartLink())).code
    await other.call(USERS_LINK_FINISH, FinishLink(code=code))
    return other


async def place_of(person: Person) -> DestinationId:
    """The chat of one of somebody's identities."""
    found: DestinationId = await person.world.ledger.fetchval(
        "SELECT t.id FROM destinations t WHERE t.address = $1", str(person.telegram_id)
    )
    return found


async def begun(*people: Person) -> list[Delivery]:
    """What is begun in each of these chats, in their order."""
    places = [await place_of(person) for person in people]
    items = (await people[0].world.bot.call(DELIVERIES_BEGIN, BeginDeliveries(destinations=places))).items
    return sorted(items, key=lambda item: places.index(item.destination))


async def goes_away(person: Person) -> None:
    request = SetReachable(address=str(person.telegram_id), reachable=False)
    await person.world.bot.call(USERS_SET_REACHABLE, request)


async def say(at: Seated, person: Person, text: str = "Иду") -> int:
    """A message to everybody else; how many people are owed it."""
    return (await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))).recipients


async def told(person: Person, *, later: bool = True) -> list[str]:
    """To whom the person's messages did not arrive, as they hear it now; all of them are (not) passed on `later`."""
    heard = [each for each in await receive(person) if each.notice == "message_refused"]
    assert all(each.data["later"] is later for each in heard)
    return [str(each.data["role"]) for each in heard]


async def everything_received(*people: Person) -> None:
    while items := await begun(*people):
        for item in items:
            await settle(people[0].world, item)


@pytest.fixture
async def at(world: World) -> Seated:
    """A held demand with a moderator in it, whose chats have received everything so far."""
    here = await seated(world)
    await here.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=here.demand))
    await everything_received(here.requester, here.provider, here.moderator)
    return here


@pytest.mark.parametrize("there", ["pending", "sending", "sent"])
async def test_a_message_that_another_chat_of_the_person_gets_is_no_lost_one(at: Seated, there: str) -> None:
    other = await linked(at.provider)
    await everything_received(at.provider, other)
    await say(at, at.requester)
    if there != "pending":
        [item] = await begun(other)
        if there == "sent":
            await settle(at.world, item)
    await goes_away(at.provider)
    assert await told(at.requester) == []
    if there == "pending":
        await goes_away(other)
        assert await told(at.requester) == ["provider"], "now it was the last of them"


@pytest.mark.parametrize("outcome", [SendOutcome.REFUSED, SendOutcome.UNREACHABLE])
async def test_two_chats_that_refuse_it_in_one_instant_are_told_of_once(at: Seated, outcome: SendOutcome) -> None:
    other = await linked(at.provider)
    await everything_received(at.provider, other)
    await say(at, at.requester)
    bodies = [
        wire.encode([Result(delivery=item.id, attempt=item.attempt, outcome=outcome)]).decode()
        for item in await begun(at.provider, other)
    ]
    assert len(bodies) == 2
    statement = "SELECT body FROM deliveries_settle_v1($1)"
    async with at.world.ledger.acquire() as one, at.world.ledger.acquire() as two:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        async with asyncio.TaskGroup() as group, one.transaction():
            await one.fetchval(statement, bodies[0])
            group.create_task(two.fetchval(statement, bodies[1]))
            await until(lambda: at.world.ledger.fetchval(waits))
    assert await told(at.requester, later=outcome is SendOutcome.UNREACHABLE) == ["provider"]


async def test_who_writes_to_a_chat_that_is_gone_hears_of_it_although_others_read(at: Seated) -> None:
    await goes_away(at.provider)
    assert await say(at, at.requester) == 1, "the moderator"
    assert await told(at.requester) == ["provider"]
    assert await say(at, at.moderator) == 1, "the requester"
    assert await told(at.moderator) == ["provider"]
    await goes_away(at.requester)
    assert await say(at, at.moderator) == 0
    assert len(await told(at.moderator)) == 1, "one word a message, however many do not get it"


async def test_who_reads_by_the_web_alone_or_moderates_is_nobody_to_be_warned_of(world: World) -> None:
    at = await seated(world)
    await world.ledger.execute("UPDATE destinations SET identity_id = NULL WHERE id = $1", await place_of(at.provider))
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await receive(at.requester)
    assert await say(at, at.requester) == 1, "whom the web shows it is owed nothing"
    await receive(at.moderator)
    await goes_away(at.moderator)
    assert await say(at, at.requester) == 0
    assert await told(at.requester) == []


async def test_one_of_two_chats_that_is_gone_warns_of_nothing(at: Seated) -> None:
    other = await linked(at.provider)
    await everything_received(at.provider, other)
    await goes_away(at.provider)
    await receive(at.requester)
    assert await say(at, at.requester) == 2
    assert await told(at.requester) == []
    assert words(await begun(other)) == ["Иду"]


async def test_what_a_dead_sender_held_for_a_chat_that_went_away_ends_and_comes_back_as_a_repeat(
    servers: Addresses, broker: Servers
) -> None:
    async with made_world(servers, broker, delivery_lease_seconds=1) as world:
        at = await seated(world)
        await everything_received(at.requester, at.provider)
        await say(at, at.requester)
        [held] = await begun(at.provider)
        await goes_away(at.provider)
        ended = "SELECT reason FROM deliveries WHERE id = $1 AND status = 'refused'"
        assert await until(lambda: world.ledger.fetchval(ended, held.id)) == "unreachable"
        assert await told(at.requester) == ["provider"]
        await at.provider.call(USERS_ENTER, EnterUser(display_name="Back"))
        [again] = await begun(at.provider)
        assert (again.text, again.repeat) == ("Иду", True), "it may have arrived"
        assert again.id != held.id
        assert await settle(world, held) == 0, "the dead sender's word comes too late"
        assert await settle(world, again) == 1


async def test_what_is_on_its_way_to_a_chat_that_goes_away_is_still_its_senders(at: Seated) -> None:
    await say(at, at.requester)
    [held] = await begun(at.provider)
    await goes_away(at.provider)
    assert await at.world.ledger.fetchval("SELECT lapsed_unreachable_v1(60)") == 0
    assert await settle(at.world, held) == 1
    assert await told(at.requester) == [], "it arrived"
