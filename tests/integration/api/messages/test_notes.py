"""Notes are for staff, whispers for one provider, and nobody else can tell that there are any; read marks go forward."""

import asyncpg
import pytest

from contracts.deliveries import LocateDelivery
from contracts.demands import CloseDemand, DeclineDemand, GetDemand, NextDemand
from contracts.failures import Forbidden, NotFound, WrongStatus
from contracts.kinds import Audience, EntryKind, Order
from contracts.messages import (
    EditMessage,
    Message,
    NoteMessage,
    Origin,
    ReadMessages,
    SearchMessages,
    SendMessage,
    TakeBackMessage,
)
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_DECLINE,
    DEMANDS_GET,
    DEMANDS_NEXT,
    PARTICIPANTS_ADD,
)
from contracts.operations.messages import (
    DELIVERIES_LOCATE,
    MESSAGES_EDIT,
    MESSAGES_NOTE,
    MESSAGES_READ,
    MESSAGES_SEARCH,
    MESSAGES_SEND,
    MESSAGES_TAKE_BACK,
)
from contracts.participants import AddParticipant
from contracts.shapes import MessageId
from integration.api.town import Seated, receive, seated, words
from world import OPERATOR, Person, World


async def say(at: Seated, text: str) -> MessageId:
    return (await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))).id


async def note(at: Seated, text: str, audience: Audience = Audience.MODERATORS) -> MessageId:
    return (await at.moderator.call(MESSAGES_NOTE, NoteMessage(demand=at.demand, text=text, audience=audience))).id


async def paged(at: Seated, person: Person, limit: int, order: Order) -> list[Message]:
    """The whole conversation as somebody reads it page by page."""
    seen: list[Message] = []
    more = True
    while more:
        cursor = {} if not seen else {"after" if order is Order.OLDEST_FIRST else "before": seen[-1].id}
        asked = SearchMessages(demand=at.demand, order=order, limit=limit, **cursor)  # type: ignore[arg-type]
        page = await person.call(MESSAGES_SEARCH, asked)
        assert page.items or not page.more, "a page that promises more has something to go on from"
        seen += page.items
        more = page.more
    return seen


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_each_reads_what_is_for_them_page_by_page_without_a_gap(world: World, order: Order, limit: int) -> None:
    at = await seated(world)
    expected: dict[str, list[str]] = {
        "staff": ["provider_joined"],
        "provider": ["provider_joined"],
        "requester": ["provider_joined"],
    }
    for number in range(4):
        await say(at, f"line {number}")
        await note(at, f"note {number}a")
        await note(at, f"note {number}b")
        await note(at, f"whisper {number}", Audience.PROVIDER)
        expected["staff"] += [f"line {number}", f"note {number}a", f"note {number}b", f"whisper {number}"]
        expected["provider"] += [f"line {number}", f"whisper {number}"]
        expected["requester"] += [f"line {number}"]
    for who, person in (("staff", at.moderator), ("provider", at.provider), ("requester", at.requester)):
        read = await paged(at, person, limit, order)
        assert [line.notice or line.text for line in read] == expected[who][:: 1 if order is Order.OLDEST_FIRST else -1]
        numbers = [line.seq for line in read if line.kind is not EntryKind.NOTE]
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), "nothing missing between the numbers"


async def test_nothing_tells_a_reader_that_there_are_notes(world: World) -> None:
    at = await seated(world)
    await say(at, "one")
    await receive(at.requester)
    hidden = await note(at, "he lies")
    sent = await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="two"))
    assert sent.seq == 3
    assert (await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))).last_seq == 3
    page = await at.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, since=0))
    assert "he lies" not in str(page)
    assert words(await receive(at.requester)) == ["two"]
    for cursor in ({"after": hidden}, {"before": hidden}):
        with pytest.raises(NotFound):
            await at.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, **cursor))  # type: ignore[arg-type]
    for person in (at.requester, at.moderator):
        reply = SendMessage(demand=at.demand, text="x", reply_to=hidden)
        with pytest.raises(NotFound):
            await at.requester.call(MESSAGES_SEND, reply)
        if person is at.requester:
            with pytest.raises(NotFound):
                await person.call(MESSAGES_EDIT, EditMessage(demand=at.demand, message=hidden, text="x"))
            with pytest.raises(Forbidden):
                await person.call(MESSAGES_NOTE, NoteMessage(demand=at.demand, text="x"))
    after = await at.moderator.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, after=hidden))
    assert [line.text for line in after.items] == ["two"]


async def test_a_note_is_owed_to_moderators_who_sit_there_and_a_whisper_to_the_provider_alone(world: World) -> None:
    at = await seated(world)
    second = await world.member(at.scenario, "moderator", "Second")
    for person in (at.moderator, second):
        await person.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    everybody = (at.requester, at.provider, at.moderator, second)
    for person in everybody:
        await receive(person)
    await note(at, "for us")
    await note(at, "for you", Audience.PROVIDER)
    assert [words(await receive(person)) for person in everybody] == [[], ["for you"], [], ["for us"]]
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    for person in everybody:
        await receive(person)
    kept = await world.operator.call(
        MESSAGES_NOTE, NoteMessage(demand=at.demand, text="seen by the office"), actor=OPERATOR
    )
    assert kept.recipients == 2, "notes go on after the end"
    assert words(await receive(second)) == ["seen by the office"]
    noted = await world.ledger.fetch("SELECT actor, detail FROM audit WHERE operation = 'messages.note' ORDER BY id")
    assert len(noted) == 3
    assert noted[-1]["actor"] == OPERATOR
    assert "office" not in str(noted)


async def test_a_whisper_is_for_the_one_it_was_whispered_to(world: World) -> None:
    at = await seated(world)
    await note(at, "be careful", Audience.PROVIDER)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert "be careful" not in words(await receive(at.provider)), "not late either"
    with pytest.raises(WrongStatus):
        await note(at, "nobody there", Audience.PROVIDER)
    other = await world.member(at.scenario)
    await other.call(DEMANDS_NEXT, NextDemand())
    assert "be careful" not in words(await receive(other))
    assert "be careful" not in str(await other.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand)))


async def test_a_note_is_edited_and_taken_back_like_a_message_and_only_by_who_wrote_it(world: World) -> None:
    at = await seated(world)
    second = await world.member(at.scenario, "moderator", "Second")
    for person in (at.moderator, second):
        await person.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    written = await note(at, "first words")
    await receive(second)
    with pytest.raises(Forbidden):
        await second.call(MESSAGES_EDIT, EditMessage(demand=at.demand, message=written, text="x"))
    await receive(at.requester)
    await at.moderator.call(MESSAGES_EDIT, EditMessage(demand=at.demand, message=written, text="better words"))
    await at.moderator.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=written))
    assert [delivery.kind for delivery in await receive(second)] == ["delete"]
    assert await receive(at.requester) == []


@pytest.mark.parametrize(("audience", "at_whom"), [(Audience.MODERATORS, "second"), (Audience.PROVIDER, "provider")])
async def test_a_note_taken_back_from_its_chat_leaves_its_readers_and_nobody_else_hears_of_it(
    world: World, audience: Audience, at_whom: str
) -> None:
    at = await seated(world)
    second = await world.member(at.scenario, "moderator", "Second")
    for person in (at.moderator, second):
        await person.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    everybody = {"second": second, "moderator": at.moderator, "requester": at.requester, "provider": at.provider}
    for person in everybody.values():
        await receive(person)
    last = "SELECT last_seq FROM conversations WHERE demand_id = $1"
    before = await world.ledger.fetchval(last, at.demand)
    address = str(at.moderator.telegram_id)
    origin = Origin(address=address, channel_message_id="7")
    request = NoteMessage(demand=at.demand, text="he lies", audience=audience, origin=origin)
    written = await at.moderator.call(MESSAGES_NOTE, request)
    located = await world.bot.call(DELIVERIES_LOCATE, LocateDelivery(address=address, channel_message_id="7"))
    assert (located.message, located.is_own, located.kind, located.audience) == (
        written.id, True, EntryKind.NOTE, audience,
    )  # fmt: skip
    assert words(await receive(everybody[at_whom])) == ["he lies"]
    for person in (second, at.provider):
        if person is not everybody[at_whom]:
            with pytest.raises((Forbidden, NotFound)):
                await person.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=written.id))
    gone = await at.moderator.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=written.id))
    assert gone.recipients == 1
    owed = {name: [one.kind for one in await receive(person)] for name, person in everybody.items()}
    assert owed == {name: ["delete"] if name == at_whom else [] for name in everybody}
    assert await world.ledger.fetchval(last, at.demand) == before


async def test_a_read_mark_goes_forward_and_never_beyond_the_last_line(world: World) -> None:
    at = await seated(world)
    for number in range(4):
        await say(at, f"{number}")
    marks = [
        (await at.provider.call(MESSAGES_READ, ReadMessages(demand=at.demand, seq=seq))).seq for seq in (2, 1, 99, 3)
    ]
    assert marks == [2, 2, 5, 5]
    page = await at.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand))
    assert [(mark.role, mark.is_me, mark.seq) for mark in page.read] == [("requester", True, 0), ("provider", False, 5)]
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    assert (await at.requester.call(MESSAGES_READ, ReadMessages(demand=at.demand, seq=6))).seq == 6
    with pytest.raises(Forbidden):
        await at.moderator.call(MESSAGES_READ, ReadMessages(demand=at.demand, seq=1))


@pytest.mark.parametrize(
    ("kind", "seq", "after_seq"),
    [("note", 9, None), ("note", 9, 1), ("note", -9, None), ("note", -9, -1), ("message", -9, 1), ("message", 9, 1)],
)
async def test_the_ledger_refuses_a_note_with_a_line_s_number_and_a_line_with_a_note_s(
    world: World, kind: str, seq: int, after_seq: int | None
) -> None:
    at = await seated(world)
    keep = "INSERT INTO messages (demand_id, seq, after_seq, kind, text) VALUES ($1, $2, $3, $4, 'x')"
    with pytest.raises(asyncpg.CheckViolationError, match="messages_seq_check"):
        await world.ledger.execute(keep, at.demand, seq, after_seq, kind)
    for right in (("note", -9, 1), ("message", 9, None)):
        await world.ledger.execute(keep, at.demand, right[1], right[2], right[0])
