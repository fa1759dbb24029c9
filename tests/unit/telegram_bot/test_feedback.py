"""Words of feedback: to whom they go, and when they are none."""

from uuid import UUID

from contracts.failures import TooManyRequests
from contracts.messages import Sent
from contracts.reports import Reported
from contracts.shapes import Done
from telegram_bot.callbacks import pack_id
from unit.telegram_bot.talk import Talk, sample
from unit.telegram_bot.test_where import OVER, of_ours, sent, tap


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
