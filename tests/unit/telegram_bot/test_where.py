"""Which conversation words go to when they do not say it themselves: docs/decisions/0015.

Somebody is in №4F7K and №9E76. Each test says something, and then stands where it went, or what was asked.
"""

import time
from typing import Any

import msgspec
import pytest

from contracts.deliveries import Located
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


async def test_words_after_a_request_that_has_just_ended_are_not_for_the_other_one() -> None:
    talk = Talk(demands=["9E76"])
    talk.noted.heard_from = OVER
    await talk.hears({"text": "on my way to you"})
    assert sent(talk) == []
    assert "you are not in it now" in talk.said[-1]
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
    talk.step.data.pop("said")  # as after "Hide what I got"
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
