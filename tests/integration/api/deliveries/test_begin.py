"""What chats are owed, one at a time, in order, and to nobody whose turn is over."""

import asyncio

import pytest

from contracts.deliveries import BeginDeliveries
from contracts.demands import CloseDemand, DeclineDemand, NextDemand
from contracts.kinds import EntryKind, Role, SendOutcome
from contracts.messages import Origin, SendMessage, WrittenEntity
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_DECLINE,
    DEMANDS_NEXT,
    PARTICIPANTS_ADD,
    PARTICIPANTS_REMOVE,
    PARTICIPANTS_RESET_DECLINED,
    PARTICIPANTS_SHARE_CONTACT,
)
from contracts.operations.messages import DELIVERIES_BEGIN, MESSAGES_SEND
from contracts.operations.users import USERS_UPDATE_ME
from contracts.participants import AddParticipant, RemoveParticipant, ResetDeclined, ShareContact
from contracts.users import UpdateMe
from integration.api.town import begin, chat_of, receive, seated, settle, words
from world import World, made_world

TEXTS = (
    "Нужен инсулин 💉",
    "a<b>&\"'`*_[]()~>#+-=|{}.! \\ \t\n\r end",
    "👩‍👩‍👧‍👦" * 372 + "ы" * 4,  # 4,096 of Telegram's units: eleven for each family
    "e\u0301 ё \u202eright to left\u202c \ufeff\u2028 ﷽",
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("telegram_id", [1, 2**52, 9_999_999_999])
async def test_words_arrive_as_they_were_written(world: World, text: str, telegram_id: int) -> None:
    at = await seated(world)
    reader = await world.person(telegram_id=telegram_id)
    demand = await world.demand(reader, at.scenario, text)
    assert units(TEXTS[2]) == 4096
    helper = await world.member(at.scenario)
    await helper.call(DEMANDS_NEXT, NextDemand())
    style = WrittenEntity(type="bold", offset=0, length=2)
    await helper.call(MESSAGES_SEND, SendMessage(demand=demand.id, text=text, entities=[style]))
    told = [delivery for delivery in await receive(helper) if delivery.notice == "you_took_it"]
    assert [delivery.data["description"] for delivery in told] == [text]
    [read] = [delivery for delivery in await receive(reader) if delivery.entry == EntryKind.MESSAGE]
    assert (read.text, read.address, read.author_role) == (text, str(telegram_id), Role.PROVIDER)
    assert [(entity.type, entity.offset, entity.length) for entity in read.entities] == [("bold", 0, 2)]
    assert read.alias not in {None, "Helper", str(helper.telegram_id)}


async def test_a_chat_gets_everything_once_in_order_and_one_at_a_time(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    said = [f"Line {number}" for number in range(30)]
    for line in said:
        await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=line))
    first = await begin(at.requester)
    assert first is not None
    assert first.text == said[0]
    assert await begin(at.requester) is None, "nothing more while one is in flight"
    assert await settle(world, first) == 1
    assert words(await receive(at.requester)) == said[1:]
    assert await begin(at.requester) is None
    assert EntryKind.MESSAGE not in {delivery.entry for delivery in await receive(at.provider)}, "no echo"


async def test_replicas_that_begin_at_one_instant_get_each_delivery_once(world: World) -> None:
    at = await seated(world)
    chats = [await chat_of(person) for person in (at.requester, at.provider)]
    for _ in range(10):
        await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Иду"))
        begun = await asyncio.gather(
            *(world.bot.call(DELIVERIES_BEGIN, BeginDeliveries(destinations=chats)) for _ in range(8))
        )
        items = [item for each in begun for item in each.items]
        places = [item.destination for item in items]
        assert len(places) == len(set(places))
        for item in items:
            assert not item.repeat
            await settle(world, item)
    assert await world.ledger.fetchval("SELECT max(attempts) FROM deliveries") == 1


async def test_what_a_dead_sender_held_comes_again_marked_and_at_last_is_put_aside(servers, broker) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    async with made_world(servers, broker, delivery_lease_seconds=1) as world:
        person = await world.person()
        await world.demand(person, await world.scenario())
        first = await begin(person)
        assert first is not None
        assert (first.repeat, first.attempt) == (False, 1)
        repeats = []
        for _ in range(4):
            await world.ledger.execute("UPDATE deliveries SET began_at = began_at - interval '2 seconds'")
            again = await begin(person)
            assert again is not None
            repeats.append((again.id, again.repeat, again.reference))
        assert repeats == [(first.id, True, first.reference)] * 4
        await world.ledger.execute("UPDATE deliveries SET began_at = began_at - interval '2 seconds'")
        assert await begin(person) is None
        parked = await world.ledger.fetchrow("SELECT status, reason, doubts, settled_at FROM deliveries")
        assert (parked["status"], parked["reason"], parked["doubts"]) == ("parked", "unknown too often", 5)


async def test_nothing_reaches_who_declined_or_is_banned(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="My address"))
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    late = await begin(at.provider)
    assert late is None
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", at.requester.user)
    assert await begin(at.requester) is None
    left = await world.ledger.fetch(
        "SELECT DISTINCT status, reason FROM deliveries WHERE demand_id = $1 AND status <> 'sent'", at.demand
    )
    assert [tuple(row) for row in left] == [("withdrawn", "no longer theirs")]


async def test_who_comes_back_is_owed_what_did_not_arrive_and_nothing_twice(world: World) -> None:
    at = await seated(world)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="one"))
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="my own"))
    assert "one" in words(await receive(at.provider))
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="two"))
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    late = await begin(at.provider)
    assert late is None
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="three"))
    await at.moderator.call(PARTICIPANTS_RESET_DECLINED, ResetDeclined(demand=at.demand))
    await at.provider.call(DEMANDS_NEXT, NextDemand())
    assert words(await receive(at.provider)) == ["you_took_it", "two", "three"]


async def test_a_moderator_may_join_and_leave_and_join_again(world: World) -> None:
    at = await seated(world)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="one"))
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    assert words(await receive(at.moderator))[1:] == ["you_joined", "one"]
    await at.moderator.call(PARTICIPANTS_REMOVE, RemoveParticipant(demand=at.demand))
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="two"))
    assert await begin(at.moderator) is None
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    assert words(await receive(at.moderator)) == ["you_joined", "two"]


async def test_replies_point_at_each_readers_own_copy(world: World) -> None:
    at = await seated(world)
    asker, helper = at.requester, at.provider
    await receive(asker)
    await receive(helper)
    question = await asker.call(
        MESSAGES_SEND,
        SendMessage(
            demand=at.demand, text="Where?", origin=Origin(address=str(asker.telegram_id), channel_message_id="77")
        ),
    )
    [copy] = await receive(helper)
    answer = await helper.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Here", reply_to=question.id))
    [seen] = await receive(asker)
    assert seen.reply_to == "77", "the asker's own message"
    await asker.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Thanks", reply_to=question.id))
    await asker.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Oh", reply_to=answer.id))
    assert [line.reply_to for line in await receive(helper)] == [f"m-{copy.id}", None]


async def test_a_phone_travels_in_one_notice_and_only_to_those_seated(world: World) -> None:
    at = await seated(world)
    phone = "+995555123456"
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone=phone))
    await receive(at.provider)
    await at.requester.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=at.demand))
    [told] = await receive(at.provider)
    assert (told.notice, told.data) == ("contact_shared", {"phone": phone})
    for table in ("deliveries", "messages", "outbox", "audit"):
        kept = await world.ledger.fetchval(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")  # noqa: S608 - a constant
        assert phone not in kept, table
    assert phone not in str(await receive(at.moderator))
    assert phone not in str(await receive(at.requester))


async def test_what_was_said_before_the_end_still_arrives_after_it(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="It is fine now"))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    told = await receive(at.provider)
    assert words(told) == ["It is fine now", "closed"]
    assert told[1].data == {"reason": "fulfilled", "by": "requester", "into": None}
    assert told[1].demand is not None
    assert not told[1].demand.is_active


async def test_a_pause_holds_only_its_own_chat_and_keeps_its_order(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    for line in ("one", "two"):
        await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=line))
    first = await begin(at.requester)
    assert first is not None
    assert await settle(world, first, SendOutcome.LATER, retry_after=60.0, reason="too_many_requests") == 1
    assert await begin(at.requester) is None, "the second does not overtake"
    assert words(await receive(at.provider)), "others go on"
    await world.ledger.execute("UPDATE deliveries SET not_before = now() WHERE not_before IS NOT NULL")
    again = await receive(at.requester)
    assert words(again) == ["one", "two"]
    assert not again[0].repeat, "it surely did not arrive before"
