"""What a message may carry beside its words, and who may put one where they did not sit before."""

import asyncio
from typing import Any

import pytest

from chaos.api.crowd import contradictions
from contracts import wire
from contracts.attachments import (
    WrittenAttachment,
    WrittenContact,
    WrittenLocation,
    WrittenVenue,
)
from contracts.demands import CloseDemand
from contracts.failures import AlreadyClosed, Banned, Forbidden, InvalidRequest, NotFound
from contracts.kinds import AttachmentKind, EntryKind
from contracts.messages import EditMessage, SearchMessages, SendMessage, TakeBackMessage
from contracts.operations.demands import DEMANDS_CLOSE
from contracts.operations.messages import MESSAGES_EDIT, MESSAGES_SEARCH, MESSAGES_SEND, MESSAGES_TAKE_BACK
from integration.api.town import Seated, receive, seated, words
from world import World, until

PHOTO = WrittenAttachment(
    kind=AttachmentKind.PHOTO, file_id="AgAC-secret-of-the-bot", unique_id="AQAD", mime="image/jpeg", size=48213,
    width=1280, height=960,
)  # fmt: skip
CONTENTS: dict[str, dict[str, Any]] = {
    **{
        kind.value: {"attachments": [WrittenAttachment(kind=kind, file_id=f"{kind}-id", duration=4, name="a.bin")]}
        for kind in AttachmentKind
    },
    "an album": {"attachments": [PHOTO] * 10, "text": "ten of them"},
    "a location": {"location": WrittenLocation(latitude=41.7151, longitude=44.8271, accuracy=12.5)},
    "a venue": {"venue": WrittenVenue(latitude=41.7, longitude=44.8, title="Pharmacy", address="Saburtalo 1")},
    "a contact": {"contact": WrittenContact(phone="+995555123456")},
}


@pytest.mark.parametrize("what", CONTENTS)
async def test_everything_people_send_is_kept_read_and_delivered(world: World, what: str) -> None:
    at = await seated(world)
    await receive(at.provider)
    asked = SendMessage(demand=at.demand, **CONTENTS[what])
    sent = await at.requester.call(MESSAGES_SEND, asked)
    [delivered] = await receive(at.provider)
    page = await at.provider.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand))
    [line] = [line for line in page.items if line.id == sent.id]
    assert delivered.text == line.text == asked.text
    assert [(one.kind, one.channel, one.file_id, one.duration) for one in delivered.attachments] == [
        (one.kind, "telegram", one.file_id, one.duration) for one in asked.attachments
    ]
    assert [(one.kind, one.state, one.name, one.width) for one in line.attachments] == [
        (one.kind, "remote", one.name, one.width) for one in asked.attachments
    ]
    for name in ("location", "venue", "contact"):
        for read in (delivered, line):
            assert wire.encode(getattr(read, name)) == wire.encode(getattr(asked, name))
    assert "file_id" not in wire.encode(page).decode(), "the channel's ids open files; readers get none"


async def test_a_contact_that_is_shared_is_on_record_without_its_number(world: World) -> None:
    at = await seated(world)
    sent = await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, **CONTENTS["a contact"]))
    [row] = await world.ledger.fetch("SELECT actor, subject_id, detail FROM audit WHERE operation = 'messages.send'")
    assert (row["actor"], row["subject_id"]) == (str(at.requester.user), at.demand)
    assert str(sent.id) in row["detail"]
    for table in ("audit", "outbox", "deliveries", "idempotency"):
        kept = await world.ledger.fetchval(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")  # noqa: S608 - a constant
        assert "995555123456" not in kept, table
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=sent.id))
    for person in (at.requester, at.provider):
        assert "995555123456" not in str(await person.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand)))
    [said] = (await at.moderator.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, versions_of=sent.id))).items
    assert said.contact is not None


async def test_files_of_a_message_taken_back_are_shown_to_nobody(world: World) -> None:
    at = await seated(world)
    sent = await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, attachments=[PHOTO], text="here"))
    await at.requester.call(MESSAGES_EDIT, EditMessage(demand=at.demand, message=sent.id, text=""))
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=sent.id))
    page = await at.provider.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand))
    assert page.items[-1].attachments == []
    assert "AgAC" not in str(await receive(at.provider))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"attachments": [PHOTO] * 11},
        {"location": WrittenLocation(latitude=91, longitude=0)},
        {"contact": WrittenContact(phone="Olga +995555123456")},
        {"attachments": [WrittenAttachment(kind=AttachmentKind.PHOTO, file_id="")]},
    ],
)
async def test_nothing_or_too_much_is_no_message(world: World, wrong: dict[str, Any]) -> None:
    at = await seated(world)
    with pytest.raises(InvalidRequest):
        await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, **wrong))


async def an_admin(world: World) -> Any:
    person = await world.person("Admin")
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", person.user)
    return person


async def test_an_admin_who_writes_sits_there_from_then_on_and_everybody_is_told_first(world: World) -> None:
    at = await seated(world)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="earlier"))
    admin = await an_admin(world)
    for person in (at.requester, at.provider):
        await receive(person)
    sent = await admin.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="I am here"))
    assert sent.recipients == 2
    for person in (at.requester, at.provider):
        told, said = await receive(person)
        assert (told.notice, said.text, said.author_role) == ("moderator_joined", "I am here", "moderator")
        assert said.alias not in {None, "Admin", str(admin.telegram_id)}
    assert words(await receive(admin)) == ["you_joined", "earlier"]
    again = await admin.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="still"))
    assert again.seq == sent.seq + 1, "announced once"
    assert await world.ledger.fetchval("SELECT count(*) FROM audit WHERE operation = 'messages.send'") == 1
    assert await contradictions(world.ledger) == []


async def test_a_moderator_joins_before_writing_and_nobody_writes_after_the_end(world: World) -> None:
    at = await seated(world)
    admin = await an_admin(world)
    with pytest.raises(Forbidden):
        await at.moderator.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"))
    with pytest.raises(NotFound):
        await (await world.person()).call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    with pytest.raises(AlreadyClosed):
        await admin.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"))
    assert await world.ledger.fetchval("SELECT count(*) FROM participants WHERE user_id = $1", admin.user) == 0


async def test_an_admin_who_writes_twice_at_once_joins_once(world: World) -> None:
    at = await seated(world)
    admin = await an_admin(world)
    texts = [f"{number}" for number in range(8)]
    await asyncio.gather(*(admin.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text)) for text in texts))
    page = await at.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand))
    assert [line.notice for line in page.items if line.kind is EntryKind.NOTICE] == [
        "provider_joined", "moderator_joined"
    ]  # fmt: skip
    assert sorted(line.text for line in page.items if line.kind is EntryKind.MESSAGE) == texts
    assert await contradictions(world.ledger) == []


async def test_who_is_banned_while_their_words_wait_for_their_turn_says_nothing(world: World) -> None:
    at: Seated = await seated(world)
    waiting = """
        SELECT count(*) >= 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'api%'
    """
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM conversations WHERE demand_id = $1 FOR UPDATE", at.demand)
        late = group.create_task(_outcome(at))
        await until(lambda: world.ledger.fetchval(waiting))
        await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", at.provider.user)
    assert isinstance(late.result(), Banned)
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'") == 0


async def _outcome(at: Seated) -> object:
    try:
        return await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="late"))
    except Banned as refusal:
        return refusal
