"""A phone that was asked for: typed as an answer too, and taken for one's own only while the question is fresh."""

from typing import Any
from uuid import UUID

import pytest

from contracts.deliveries import Located
from telegram_bot.callbacks import Verb, pack, pack_id
from telegram_bot.routers import phone
from unit.telegram_bot.talk import BOT, CHAT, NOW, Talk, sample
from unit.telegram_bot.test_drafting import VAKE, asking, scenario

NUMBER = "8 (999) 123-45-67"


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_790_000_000.0
        monkeypatch.setattr(phone.time, "time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The bot's clock."""
    return Clock(monkeypatch)


def answering(message: int, text: str) -> dict[str, Any]:
    return {"reply_to_message": {"message_id": message, "date": NOW - 60, "chat": CHAT, "from": BOT, "text": text}}


def helped(*demands: str) -> Talk:
    """Somebody in these conversations whom the bot asked for a phone."""
    talk = Talk(demands=list(demands))
    talk.answers("users.update_me", lambda _: talk.api.replies["users.me"](None).user)
    return talk


async def asked(talk: Talk) -> None:
    await talk.presses(data=pack(Verb.PHONE, "change"), on=600)
    assert "type your number" in talk.said[-1]


async def test_a_number_typed_as_an_answer_to_the_question_is_kept(clock: Clock) -> None:
    del clock
    talk = helped("4F7K")
    await asked(talk)
    await talk.hears({"text": NUMBER} | answering(talk.last, talk.said[-1]))
    assert [one.phone for one in talk.calls("users.update_me")] == ["+79991234567"]
    assert talk.step.state is None


async def test_an_answer_to_a_line_goes_there_though_a_phone_is_asked_for(clock: Clock) -> None:
    del clock
    talk = helped("4F7K")
    await asked(talk)
    talk.answers("deliveries.locate", sample("deliveries.locate", Located, demand=talk.demands[0], is_over=False))
    await talk.hears({"text": "in the blue house"} | answering(500, "Helper · №4F7K\nwhere?"))
    assert [one.text for one in talk.calls("messages.send")] == ["in the blue house"]
    assert talk.step.state == "Form:phone"


async def test_a_number_typed_days_later_is_for_the_conversation_and_nobodys_own(clock: Clock) -> None:
    talk = helped("4F7K")
    await asked(talk)
    clock.now += phone.HOUR - 5
    await talk.hears({"text": "soon"})
    assert "cannot read this as a phone number" in talk.said[-1]
    clock.now += 10
    await talk.hears({"text": NUMBER})
    assert talk.calls("users.update_me") == []
    assert "This looks like a phone number." in talk.said[-1], "it is asked about like any other words"
    await talk.presses("Send anyway")
    assert [one.text for one in talk.calls("messages.send")] == [NUMBER]


async def test_a_form_asks_once_more_before_it_takes_a_number_of_days_later(clock: Clock) -> None:
    talk = asking(scenario(VAKE, "Vake", phone_required=True))
    await talk.hears({"text": "/new"})
    assert "we need your phone" in talk.said[-1]
    clock.now += phone.HOUR + 5
    await talk.hears({"text": NUMBER})
    assert talk.calls("users.update_me") == []
    assert "we need your phone" in talk.said[-1]
    await talk.hears({"text": NUMBER})
    assert [one.phone for one in talk.calls("users.update_me")] == ["+79991234567"]


async def test_a_phone_to_be_shared_is_not_shared_by_a_number_of_days_later(clock: Clock) -> None:
    talk = helped("4F7K")
    talk.step.state = "Form:phone"
    about = f"{pack_id(UUID(talk.demands[0]))}:3"
    talk.step.data["phone_for"] = ["share", about, int(clock.now) - phone.HOUR - 5]
    await talk.hears({"text": NUMBER})
    assert talk.calls("users.update_me") == talk.calls("participants.share_contact") == []


async def test_a_number_that_cannot_be_read_shows_the_way_there_is() -> None:
    talk = helped()
    await talk.hears({"text": "/phone 123"})
    assert "/phone +" in talk.said[-1]
    assert "/cancel" not in talk.said[-1], "nothing is asked, so there is nothing to cancel"
    await talk.presses(data=pack(Verb.PHONE, "change"), on=5)
    await talk.hears({"text": "123"})
    assert "/cancel" in talk.said[-1]
    await talk.hears({"text": "/cancel"})
    assert "did nothing" in talk.said[-1]
    assert talk.calls("users.update_me") == []
