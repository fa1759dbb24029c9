"""What is added to a note, a whisper or a report goes to nobody but coordinators: docs/decisions/0015.

One request is open, so that plain words would go there, to whom the words may be about.
"""

from typing import Any
from uuid import UUID

import pytest

from contracts.deliveries import Located
from contracts.failures import AlreadyExists
from contracts.kinds import Audience, EntryKind, Notice, Role
from contracts.reports import Reported
from telegram_bot.callbacks import pack_id
from telegram_bot.words import LOCALES, Words
from unit.telegram_bot.talk import BOT, CHAT, NOW, PERSON, Talk, sample
from unit.telegram_bot.test_noting import coordinating
from unit.telegram_bot.test_where import LINE, located, sent, tap

WORDS = "he threatened me"


def answering(text: str, message: int = 500, writer: dict[str, Any] = BOT) -> dict[str, Any]:
    """An answer to a message that stands in the chat."""
    return {"reply_to_message": {"message_id": message, "date": NOW - 60, "chat": CHAT, "from": writer, "text": text}}


def notes(talk: Talk) -> list[tuple[str, str, str]]:
    """What was noted, in which request, and for whom."""
    return [(one.text, str(one.demand), str(one.audience)) for one in talk.calls("messages.note")]


async def reported(talk: Talk) -> int:
    """Report the only request; the id of the words that say what is wrong."""
    await talk.presses(data=f"rp:{pack_id(UUID(talk.demands[0]))}:3", on=800)
    return await talk.hears({"text": "he is drunk"})


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("key", "more"),
    [
        ("reported", {}),
        ("reported-already", {}),
        ("report-ask", {}),
        ("notice-report_made", {"place": "P", "resource": "R"}),
        ("notice-report_resolved", {"decision": "dismissed"}),
        ("noted-in", {}),
        ("whispered-in", {}),
    ],
)
async def test_what_answers_a_sentence_of_ours_that_nobody_remembers_is_asked_about(
    locale: str, key: str, more: dict[str, str]
) -> None:
    talk = Talk(demands=["4F7K"])
    await talk.hears({"text": WORDS} | answering(Words().say(locale, key, number="4F7K", **more)))
    assert sent(talk) == []
    assert "not sure whom this is for" in talk.said[-1]
    await tap(talk, "4F7K")
    assert sent(talk) == [(WORDS, talk.demands[0])], "and goes there at a word of theirs"


@pytest.mark.parametrize(
    ("notice", "told"),
    [(Notice.REPORT_MADE, "other coordinators"), (Notice.REPORT_RESOLVED, "press Report")],
)
async def test_what_answers_word_of_a_report_goes_to_nobody(notice: Notice, told: str) -> None:
    talk = Talk(demands=["4F7K"])
    talk.answers("deliveries.locate", Located(notice=notice.value))
    await talk.hears({"text": WORDS} | answering("Somebody reports that something is wrong in №4F7K: P · R."))
    assert sent(talk) == []
    assert told in talk.said[-1]


@pytest.mark.parametrize("outcome", [sample("demands.report", Reported), AlreadyExists()])
async def test_what_answers_a_report_of_ones_own_goes_to_nobody(outcome: Any) -> None:
    talk = Talk(demands=["4F7K"])
    talk.answers("demands.report", outcome)
    said = await reported(talk)
    question, thanks = (number for number, _ in talk.telegram.sent)
    for message, writer in ((question, BOT), (thanks, BOT), (said, PERSON)):
        await talk.hears({"text": WORDS} | answering("whatever it says", message, writer))
        assert "Only coordinators may read it" in talk.said[-1]
    talk.step.state = "Form:description"
    await talk.hears({"text": WORDS} | answering("whatever it says", thanks))
    assert sent(talk) == []
    assert "Only coordinators may read it" in talk.said[-1], "whatever form is open"


@pytest.mark.parametrize("outcome", [sample("demands.report", Reported), AlreadyExists()])
async def test_the_second_sentence_of_a_report_is_asked_about(outcome: Any) -> None:
    talk = Talk(demands=["4F7K"])
    talk.answers("demands.report", outcome)
    await reported(talk)
    await talk.hears({"text": WORDS})
    assert [one.reason for one in talk.calls("demands.report")] == ["he is drunk"]
    assert sent(talk) == []
    assert "You pressed Report before this" in talk.said[-1]


async def test_what_answers_the_question_of_a_report_that_was_left_goes_to_nobody() -> None:
    talk = Talk(demands=["4F7K"])
    await talk.presses(data=f"rp:{pack_id(UUID(talk.demands[0]))}:3", on=800)
    question = talk.last
    await talk.presses("Cancel")
    await talk.hears({"text": WORDS} | answering("What is wrong?", question))
    assert sent(talk) == talk.calls("demands.report") == []
    assert "press Report under your request again" in talk.said[-1]


async def test_a_report_that_comes_an_hour_after_its_question_is_asked_about() -> None:
    talk = Talk(demands=["4F7K"])
    await talk.presses(data=f"rp:{pack_id(UUID(talk.demands[0]))}:3", on=800)
    talk.step.data["aside"]["at"] -= 3601
    await talk.hears({"text": WORDS})
    assert sent(talk) == []
    assert "You pressed Report before this" in talk.said[-1]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("mark", [False, True])
async def test_an_answer_to_the_first_copy_of_a_note_is_a_note(locale: str, mark: bool) -> None:  # noqa: FBT001
    words = Words()
    repeat = f" · {words.say(locale, 'repeat', reference='A1B2')}" if mark else ""
    talk = Talk(demands=["4F7K"])
    coordinating(talk, Role.MODERATOR)
    await talk.hears({"text": "yes"} | answering(f"{words.say(locale, 'from-note')} · №4F7K{repeat}\nhe lies"))
    assert notes(talk) == [("yes", talk.demands[0], "moderators")]
    await talk.hears({"text": "yes"} | answering(f"{words.say(locale, 'from-whisper')} · №4F7K{repeat}\ncareful"))
    assert "I cannot pass an answer" in talk.said[-1]
    await talk.hears({"text": "yes"} | answering(f"{words.say(locale, 'from-note')} · №0000\none that is over"))
    assert len(notes(talk)) == 1
    assert "Which request is this about" in talk.said[-1]
    assert sent(talk) == []


async def test_what_is_added_to_a_note_of_ones_own_is_a_note() -> None:
    talk = Talk(demands=["4F7K"])
    coordinating(talk, Role.MODERATOR)
    note = await talk.hears({"text": "/note he lies"})
    thanks = talk.last
    added = await talk.hears({"text": "last week too"} | answering("/note he lies", note, PERSON))
    for message, writer in ((thanks, BOT), (added, PERSON)):
        await talk.hears({"text": WORDS} | answering("whatever it says", message, writer))
    await talk.hears({"text": f"/note {WORDS}"} | answering("whatever it says", added, PERSON))
    demand = talk.demands[0]
    assert notes(talk) == [(words, demand, "moderators") for words in ("he lies", "last week too", WORDS, WORDS, WORDS)]
    assert sent(talk) == []


async def test_what_is_added_to_a_whisper_of_ones_own_goes_to_nobody() -> None:
    talk = Talk(demands=["4F7K"])
    coordinating(talk, Role.MODERATOR)
    whisper = await talk.hears({"text": "/whisper be careful"})
    for message, writer in ((whisper, PERSON), (talk.last, BOT)):
        await talk.hears({"text": WORDS} | answering("/whisper be careful", message, writer))
        assert "To whisper more" in talk.said[-1]
    assert (sent(talk), len(notes(talk))) == ([], 1)


async def test_an_answer_to_an_old_note_of_ones_own_asks_which_request_it_is_about() -> None:
    talk = Talk(demands=["4F7K"])
    await talk.hears({"text": "and drunk"} | answering("/note@mutual_bot he lies", 3, PERSON))
    assert (sent(talk), notes(talk)) == ([], [])
    assert "Only coordinators can do this" in talk.said[-1]


async def test_the_ledger_knows_a_note_of_ones_own_however_old() -> None:
    talk = Talk(demands=["4F7K"])
    coordinating(talk, Role.MODERATOR)
    note = await talk.hears({"text": "/note he lies"})
    [written] = talk.calls("messages.note")
    assert (written.origin.address, written.origin.channel_message_id) == (str(CHAT["id"]), str(note))
    del talk.step.data["apart"]
    located(talk, talk.demands[0], is_own=True, kind=EntryKind.NOTE, audience=Audience.MODERATORS)
    await talk.hears({"text": "last week too"} | answering("last week too", note, PERSON))
    assert notes(talk)[-1] == ("last week too", talk.demands[0], "moderators")
    await talk.hears({"message_id": note, "edit_date": NOW, "text": "he does not"}, kind="edited_message")
    assert "stays as it was sent" in talk.said[-1]
    assert talk.calls("messages.edit") == sent(talk) == []
    await talk.hears({"text": "/takeback"} | answering("/note he lies", note, PERSON))
    assert [str(one.message) for one in talk.calls("messages.take_back")] == [LINE]
    assert "Taken back" in talk.said[-1]
    located(talk, talk.demands[0], is_own=True, kind=EntryKind.NOTE, audience=Audience.PROVIDER)
    await talk.hears({"text": WORDS} | answering("be careful", note, PERSON))
    assert "To whisper more" in talk.said[-1]
