"""Which conversation words go to when they do not say it themselves: docs/decisions/0015.

Somebody is in №4F7K and №9E76. Each test says something, and then stands where it went, or what was asked.
"""

import time
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contracts.deliveries import Begun, Delivery, Located, Result
from contracts.demands import DemandLine
from contracts.failures import TooManyRequests
from contracts.kinds import Audience, DeliveryKind, EntryKind, Notice, Role, SendOutcome
from contracts.messages import Noted, Sent
from contracts.reports import Reported
from contracts.shapes import Done
from telegram_bot.callbacks import pack_id
from telegram_bot.deliver.hearing import NOT_IN_IT, heard_in
from telegram_bot.routers.relay.holding import BREATH, KEPT
from unit.telegram_bot.talk import BOT, CHAT, NOW, Talk, sample

LINE = "01920000-f0c0-7eec-8377-bb88cb704dd7"
OVER = "01920000-dffc-7177-8fd0-000000000099"
"""A request that has ended, or that they are not in any more."""


def of_ours(message: int = 500) -> dict[str, Any]:
    """An answer to a message the bot sent."""
    return {"reply_to_message": {"message_id": message, "date": NOW - 60, "chat": CHAT, "from": BOT, "text": "hello"}}


def located(talk: Talk, demand: str, **more: object) -> None:
    """Let the ledger know which line the messages of ours are."""
    line = {"is_own": False, "kind": "message", "audience": None, "demand": demand, "message": LINE}
    talk.answers("deliveries.locate", sample("deliveries.locate", Located, **line | more))


def sent(talk: Talk) -> list[tuple[str, str]]:
    """What went out, and to which request."""
    return [(one.text, str(one.demand)) for one in talk.calls("messages.send")]


async def tap(talk: Talk, words: str) -> None:
    """Press the button with these words under the last message that has any."""
    await talk.presses(next(text for text in talk.buttons if words in text))


def delivery(**changes: object) -> Delivery:
    """A notice about a request its reader is in, as the ledger hands it out."""
    [item] = sample("deliveries.begin", Begun).items[:1]
    tag = msgspec.structs.replace(item.demand, viewer_role="requester", is_active=True)
    changes = {"kind": "send", "entry": "notice", "notice": "provider_joined", "address": "77", "demand": tag} | changes
    return msgspec.structs.replace(item, **changes)


def heard(of: Delivery, outcome: SendOutcome = SendOutcome.SENT) -> bool:
    found = heard_in(of, Result(delivery=of.id, attempt=1, outcome=outcome))
    assert found is None or (of.demand is not None and found == (77, str(of.demand.id)))
    return found is not None


@pytest.mark.parametrize("notice", [one for one in Notice if one not in NOT_IN_IT])
def test_whatever_is_told_of_a_request_one_sits_in_is_heard_from_it(notice: Notice) -> None:
    assert heard(delivery(notice=notice.value))


def test_words_and_notes_are_heard_and_what_nobody_answers_is_not() -> None:
    assert heard(delivery(entry="message", notice=None))
    assert heard(delivery(entry="note", notice=None, audience="provider"))
    tag = delivery().demand
    assert tag is not None
    # Who has no seat (an alert, a lapsed lease) and whose request is over cannot answer there.
    assert not heard(delivery(demand=msgspec.structs.replace(tag, viewer_role=None)))
    assert not heard(delivery(demand=msgspec.structs.replace(tag, is_active=False)))
    assert not heard(delivery(notice="closed"))
    assert not heard(delivery(demand=None))
    assert not heard(delivery(address="-100500"))
    assert not heard(delivery(kind=DeliveryKind.EDIT.value))


def test_what_may_have_arrived_may_be_answered() -> None:
    assert heard(delivery(), SendOutcome.UNKNOWN)
    for outcome in (SendOutcome.REFUSED, SendOutcome.LATER, SendOutcome.UNREACHABLE):
        assert not heard(delivery(), outcome)


async def test_words_after_a_request_that_has_just_ended_are_not_for_the_other_one() -> None:
    talk = Talk(demands=["9E76"])
    talk.noted.heard_from = OVER
    await talk.hears({"text": "on my way to you"})
    assert sent(talk) == []
    assert "is over" in talk.said[-1]
    await tap(talk, "9E76")
    assert sent(talk) == [("on my way to you", talk.demands[0])]
    await talk.hears({"text": "and then"})
    assert sent(talk)[1:] == [("and then", talk.demands[0])], "asked once"


async def test_words_that_are_for_nobody_any_more_are_forgotten_when_one_says_so() -> None:
    talk = Talk(demands=["9E76"])
    talk.noted.heard_from = OVER
    await talk.hears({"text": "thank you"})
    await talk.presses("Do not send")
    assert "held" not in talk.step.data
    talk.noted.heard_from = talk.demands[0]
    await talk.hears({"text": "hello"})
    assert sent(talk) == [("hello", talk.demands[0])]


async def test_current_does_not_say_that_words_go_where_they_would_be_asked_about() -> None:
    talk = Talk(demands=["9E76"])
    talk.noted.heard_from = OVER
    await talk.hears({"text": "/current"})
    assert "I will ask" in talk.said[-1]
    await tap(talk, "9E76")
    await talk.hears({"text": "/current"})
    assert "what you write goes there" in talk.said[-1]


async def test_kept_words_go_out_by_the_question_about_them_alone() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "the key is under the mat"})
    await talk.hears({"text": "/current"})
    await tap(talk, "9E76")
    assert sent(talk) == [], "nobody asked whether these words are for that one"
    assert "– the key is under the mat" in talk.said[-1]
    await talk.hears({"text": "are you there?"})
    assert sent(talk) == [("are you there?", talk.demands[1])], "what is written now goes where it was chosen to"
    await tap(talk, "4F7K")
    assert sent(talk)[1:] == [("the key is under the mat", talk.demands[0])]
    assert "held" not in talk.step.data


async def test_what_was_sent_as_an_answer_is_not_kept_any_longer() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "the key is under the mat"})
    question = talk.last
    located(talk, talk.demands[0])
    await talk.hears({"text": " the key is under the mat"} | of_ours())
    assert "held" not in talk.step.data
    assert talk.telegram.requests[-1].message_id == question  # type: ignore[attr-defined]
    assert talk.telegram.requests[-1].reply_markup is None  # type: ignore[attr-defined]
    await talk.hears({"text": "/current"})
    await tap(talk, "9E76")
    assert [demand for _, demand in sent(talk)] == [talk.demands[0]]
    assert "goes to №9E76" in talk.said[-1]


async def test_each_question_sends_what_it_was_asked_about() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "for the first"})
    first = dict(talk.buttons), talk.last
    talk.noted.heard_from = talk.demands[1]
    await talk.hears({"text": "for the second"})
    assert len(talk.said) == 2, "somebody spoke in between"
    await tap(talk, "9E76")
    assert sent(talk) == [("for the second", talk.demands[1])]
    assert "– for the first" in talk.said[-1], "and the rest is asked about, in its own words"
    await talk.presses(data=next(data for text, data in first[0].items() if "9E76" in text), on=first[1])
    assert sent(talk) == [("for the second", talk.demands[1]), ("for the first", talk.demands[1])]


async def test_no_word_is_kept_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "one"})
    await talk.hears({"text": "in the same breath"})
    assert len(talk.said) == 1
    later = time.time() + BREATH + 1
    monkeypatch.setattr(time, "time", lambda: later)
    await talk.hears({"text": "a minute later"})
    assert len(talk.said) == 2
    await talk.hears({"text": "/nonsense"})
    await talk.hears({"text": "after something else was said"})
    assert len(talk.said) == 4
    talk.step.data.pop("said")  # as after "Hide my history"
    await talk.hears({"text": "where is the question?"})
    assert len(talk.said) == 5
    for at in range(KEPT):
        await talk.hears({"text": f"more {at}"})
    assert "The newest one is not kept" in talk.said[-1]
    assert len(talk.step.data["held"]) == KEPT
    assert talk.buttons, "and the choice stands below it"


async def test_who_left_a_conversation_is_asked_again() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "one"})
    button = next(data for text, data in talk.buttons.items() if "9E76" in text)
    me = talk.api.replies["users.me"](None)
    talk.answers("users.me", msgspec.structs.replace(me, demands=me.demands[:1]))
    await talk.presses(data=button)
    assert "not in this conversation" in talk.said[-2]
    await tap(talk, "4F7K")
    assert sent(talk) == [("one", talk.demands[0])]


async def test_an_update_handled_again_goes_where_it_went_before() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    talk.step.data["demand"] = talk.demands[0]
    # As if the bot had been killed after sending: the step is as it was, and somebody else has spoken since.
    await talk.hears({"text": "yes"})
    talk.noted.heard_from = talk.demands[1]
    talk.repeat_from(1)
    await talk.hears({"text": "yes"})
    assert sent(talk) == [("yes", talk.demands[0])] * 2
    assert len(set(talk.api.keys)) == 1, "the api knows it as the same"
    assert talk.said == []


def coordinating(talk: Talk, *roles: Role) -> None:
    """Let the person be a coordinator of these requests."""
    me = talk.api.replies["users.me"](None)
    lines: list[DemandLine] = [
        msgspec.structs.replace(one, role=role) for one, role in zip(me.demands, roles, strict=True)
    ]
    user = msgspec.structs.replace(me.user, is_admin=True)
    talk.answers("users.me", msgspec.structs.replace(me, demands=lines, user=user))
    talk.answers("messages.note", sample("messages.note", Noted, recipients=1))


async def test_a_whisper_after_another_request_spoke_is_asked_about() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    coordinating(talk, Role.MODERATOR, Role.MODERATOR)
    talk.step.data["demand"] = talk.demands[0]
    await talk.hears({"text": "/whisper be kind"})
    assert "in №4F7K" in talk.said[-1]
    talk.noted.heard_from = talk.demands[1]
    await talk.hears({"text": "/whisper he is violent"})
    await talk.hears({"text": "/note he is violent"})
    assert [one.text for one in talk.calls("messages.note")] == ["be kind"]
    assert "Which request" in talk.said[-1]
    await talk.hears({"text": "/whisper 9e76 he is violent"})
    assert str(talk.calls("messages.note")[-1].demand) == talk.demands[1]
    assert "in №9E76" in talk.said[-1]


async def test_where_one_only_helps_raises_no_doubt_about_a_note() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    coordinating(talk, Role.MODERATOR, Role.PROVIDER)
    talk.noted.heard_from = talk.demands[1]
    await talk.hears({"text": "/whisper be kind"})
    assert [str(one.demand) for one in talk.calls("messages.note")] == [talk.demands[0]]


async def test_an_answer_to_a_whisper_is_not_published() -> None:
    talk = Talk(demands=["4F7K"])
    located(talk, talk.demands[0], kind=EntryKind.NOTE, audience=Audience.PROVIDER)
    await talk.hears({"text": "I will"} | of_ours())
    assert sent(talk) == []
    assert "I cannot pass an answer" in talk.said[-1]


async def test_an_answer_to_a_note_is_a_note() -> None:
    talk = Talk(demands=["4F7K"])
    coordinating(talk, Role.MODERATOR)
    located(talk, talk.demands[0], kind=EntryKind.NOTE, audience=Audience.MODERATORS)
    talk.step.state = "Form:report"
    await talk.hears({"text": "I call her"} | of_ours())
    [note] = talk.calls("messages.note")
    assert (note.text, note.audience) == ("I call her", Audience.MODERATORS)
    assert "Your note is kept in №4F7K" in talk.said[-1]
    talk.step.state = None
    await talk.hears({"photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]} | of_ours())
    assert "can only be words" in talk.said[-1]
    assert sent(talk) == []


async def thanked(talk: Talk) -> int:
    """Somebody says that a request which is over has helped; the question for a few words."""
    talk.answers("demands.feedback", Done())
    await talk.presses(data=f"yh:{pack_id(UUID(OVER))}:3", on=800)
    return talk.last


def feedback(talk: Talk) -> list[str]:
    return [one.words for one in talk.calls("demands.feedback") if one.words]


async def test_words_after_another_conversation_spoke_are_no_feedback() -> None:
    talk = Talk(demands=["9E76"])
    talk.noted.heard_from = f"{talk.demands[0]}@1"
    await thanked(talk)
    talk.noted.heard_from = f"{talk.demands[0]}@2"
    await talk.hears({"text": "Lenina 5, flat 7"})
    assert feedback(talk) == []
    assert sent(talk) == [("Lenina 5, flat 7", talk.demands[0])]


async def test_what_answers_the_question_itself_is_feedback_whoever_spoke_since() -> None:
    talk = Talk(demands=["9E76"])
    question = await thanked(talk)
    talk.noted.heard_from = talk.demands[0]
    await talk.hears({"text": "very kind"} | of_ours(question))
    assert feedback(talk) == ["very kind"]
    assert sent(talk) == []


async def test_what_the_request_itself_was_heard_to_say_last_leaves_feedback_what_it_is() -> None:
    talk = Talk(demands=["9E76"])
    await thanked(talk)
    talk.noted.heard_from = f"{OVER}@2"
    await talk.hears({"text": "very kind"})
    assert feedback(talk) == ["very kind"]


async def test_a_report_never_reaches_whom_it_is_about_whoever_spoke_since() -> None:
    talk = Talk(demands=["9E76"])
    talk.answers("demands.report", sample("demands.report", Reported))
    await talk.presses(data=f"rp:{pack_id(UUID(talk.demands[0]))}:3", on=800)
    talk.noted.heard_from = f"{OVER}@2"
    await talk.hears({"text": "he threatens me"})
    assert [one.reason for one in talk.calls("demands.report")] == ["he threatens me"]
    assert sent(talk) == []


async def test_feedback_handled_again_is_feedback_again() -> None:
    talk = Talk(demands=["9E76"])
    await thanked(talk)
    before = talk.step.state, dict(talk.step.data)
    await talk.hears({"text": "very kind"})
    talk.step.state, talk.step.data = before
    talk.noted.heard_from = talk.demands[0]
    talk.repeat_from(talk.next_update - 1)
    await talk.hears({"text": "very kind"})
    assert feedback(talk) == ["very kind"] * 2
    assert sent(talk) == []


async def test_feedback_that_tells_who_somebody_is_waits_for_a_yes() -> None:
    talk = Talk(demands=[])
    await thanked(talk)
    await talk.hears({"text": "thank you, call me: +7 999 123-45-67"})
    assert feedback(talk) == []
    assert "phone number" in talk.said[-1]
    talk.answers("demands.feedback", TooManyRequests(retry_after=5.0))
    await talk.presses("Send anyway")
    talk.answers("demands.feedback", Done())
    await talk.presses("Send anyway")
    assert feedback(talk)[-1] == "thank you, call me: +7 999 123-45-67"


async def test_what_could_not_go_out_is_asked_about_with_its_own_question() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "one"})
    talk.answers("messages.send", TooManyRequests(retry_after=5.0))
    await tap(talk, "9E76")
    talk.answers("messages.send", sample("messages.send", Sent))
    await tap(talk, "4F7K")
    assert sent(talk)[1:] == [("one", talk.demands[0])]
