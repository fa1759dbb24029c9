"""Leaving a question by its button: what it stands under, and never what is asked or written by now instead."""

from uuid import UUID

import pytest

from contracts.shapes import Done
from telegram_bot.callbacks import Verb, pack
from unit.telegram_bot.talk import Talk
from unit.telegram_bot.test_drafting import VAKE, asking, scenario

DEMAND = UUID("01920000-dffc-7177-8fd0-000000000099")
REPORT = "Form:report"


@pytest.fixture
def talk() -> Talk:
    """Somebody who has asked for nothing yet, in a town with one kind of help."""
    made = asking(scenario(VAKE, "Vake"))
    made.answers("demands.feedback", Done())
    return made


def way_out_of(talk: Talk) -> tuple[str, int]:
    """What the Cancel of the last message with buttons carries, and the number of that message."""
    return talk.buttons["Cancel"], [number for number, one in talk.telegram.sent if one.reply_markup][-1]


async def test_without_words_of_yesterday_leaves_the_request_of_today(talk: Talk) -> None:
    await talk.presses(data=pack(Verb.HELPED, DEMAND, 3), on=800)
    without_words, question = talk.buttons["Without words"], talk.last
    await talk.hears({"text": "/new"})
    await talk.hears({"text": "my baby has no milk"})
    _, card = way_out_of(talk)
    await talk.presses(data=without_words, on=question)
    assert [one["text"] for one in talk.step.data["form"]["messages"]] == ["my baby has no milk"]
    assert talk.step.data["form"]["card"] == card


async def test_the_cancel_of_an_earlier_form_leaves_the_later_one(talk: Talk) -> None:
    await talk.hears({"text": "/new"})
    yesterday, question = way_out_of(talk)
    await talk.hears({"text": "/cancel"})
    await talk.hears({"text": "/new"})
    await talk.hears({"text": "my baby has no milk"})
    said = len(talk.said)
    await talk.presses(data=yesterday, on=question)
    assert len(talk.step.data["form"]["messages"]) == 1
    assert len(talk.said) == said
    await talk.presses("Cancel")
    assert "form" not in talk.step.data
    assert talk.said[-1] == "All right, I dropped it. Nothing was sent."


async def test_a_form_is_left_while_a_question_beside_it_is_still_asked(talk: Talk) -> None:
    await talk.hears({"text": "/new"})
    await talk.hears({"text": "my baby has no milk"})
    card, message = way_out_of(talk)
    await talk.presses(data=pack(Verb.REPORT, DEMAND), on=700)
    await talk.presses(data=card, on=message)
    assert "form" not in talk.step.data
    assert talk.step.state == REPORT, "what is wrong is still to be said"
    await talk.presses("Cancel")
    assert talk.step.state is None
    assert talk.said[-1] == "All right, I did nothing."


async def test_without_words_of_one_request_leaves_the_report_of_another_open(talk: Talk) -> None:
    await talk.presses(data=pack(Verb.HELPED, DEMAND, 3), on=800)
    without_words, question = talk.buttons["Without words"], talk.last
    await talk.presses(data=pack(Verb.REPORT, DEMAND), on=700)
    await talk.presses(data=without_words, on=question)
    assert talk.step.state == REPORT
    await talk.presses("Cancel")
    assert talk.step.state is None
