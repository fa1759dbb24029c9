"""What answers a note in a topic is one of the coordinators' notes, whoever wrote it: docs/decisions/0015."""

from typing import Any

import pytest

from contracts.failures import Forbidden
from contracts.kinds import Audience, EntryKind
from contracts.messages import Noted
from unit.telegram_bot.talk import BOT, GROUP, NOW, PERSON, Talk, sample
from unit.telegram_bot.test_groups import LINE, TOPIC, mirrors

NINO = {"id": 78, "is_bot": False, "first_name": "Nino"}
PHOTO = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]


def answering(message: int, writer: dict[str, Any], text: str = "whatever it says") -> dict[str, Any]:
    """What answers a message of the topic."""
    said = {"message_id": message, "date": NOW - 60, "chat": GROUP, "from": writer, "text": text}
    return TOPIC | {"reply_to_message": said | TOPIC}


def notes(talk: Talk) -> list[tuple[str, str]]:
    return [(one.text, str(one.audience)) for one in talk.calls("messages.note")]


@pytest.mark.parametrize("command", ["/note", "/whisper", "/note@mutual_bot"])
async def test_what_answers_the_note_of_another_coordinator_is_a_note(command: str) -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    talk.answers("messages.note", sample("messages.note", Noted, recipients=1))
    await talk.hears(answering(500, NINO, f"{command} he lies") | {"text": "yes, last week too"})
    await talk.hears(answering(500, NINO, f"{command} he lies") | {"photo": PHOTO})
    assert "can only be words" in talk.said[-1]
    assert talk.calls("messages.send") == []
    assert notes(talk) == [("yes, last week too", "moderators")]


@pytest.mark.parametrize("command", ["/note", "/whisper"])
async def test_what_answers_a_note_or_our_word_of_it_is_a_note_all_the_way_down(command: str) -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    talk.answers("messages.note", sample("messages.note", Noted, recipients=1))
    await talk.hears(TOPIC | {"text": f"{command} he lies"})
    first = await talk.hears(answering(talk.last, BOT) | {"text": "one"})
    second = await talk.hears(answering(first, NINO) | {"text": "two"})
    await talk.hears(answering(second, PERSON) | {"text": "three"})
    assert [text for text, _ in notes(talk)] == ["he lies", "one", "two", "three"]
    assert {audience for _, audience in notes(talk)[1:]} == {"moderators"}
    assert talk.calls("messages.send") == []
    changed = {"message_id": second, "edit_date": NOW, "text": "he does not"}
    await talk.hears(TOPIC | changed, kind="edited_message")
    assert "stays as it was sent" in talk.said[-1]
    await talk.hears(TOPIC | {"text": "to all of you"})
    assert [one.text for one in talk.calls("messages.send")] == ["to all of you"], "a plain line goes where it went"


async def test_who_is_no_coordinator_answers_no_note() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    talk.answers("messages.note", Forbidden())
    await talk.hears(answering(500, NINO, "/note he lies") | {"text": "who?"})
    assert "Only coordinators" in talk.said[-1]
    assert talk.calls("messages.send") == []


async def test_the_ledger_knows_a_note_of_the_topic_however_old() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    talk.answers("messages.note", sample("messages.note", Noted, recipients=1))
    note = await talk.hears(TOPIC | {"text": "/note he lies"})
    [written] = talk.calls("messages.note")
    assert (written.origin.address, written.origin.channel_message_id) == (f"{GROUP['id']}/9", str(note))
    del talk.step.data["apart"]
    mirrors(talk, message=LINE, is_own=True, kind=EntryKind.NOTE, audience=Audience.MODERATORS)
    await talk.hears(answering(note, NINO) | {"text": "yes"})
    assert notes(talk)[-1] == ("yes", "moderators")
    await talk.hears(TOPIC | {"message_id": note, "edit_date": NOW, "text": "he does not"}, kind="edited_message")
    assert "stays as it was sent" in talk.said[-1]
    await talk.hears(answering(note, PERSON) | {"text": "/takeback"})
    assert [str(one.message) for one in talk.calls("messages.take_back")] == [LINE]
    assert talk.calls("messages.edit") == talk.calls("messages.send") == []
