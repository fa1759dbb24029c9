"""Second thoughts about second thoughts: an edit that waits for its writer's yes, and what cannot be taken back as a line."""

from aiogram.methods import EditMessageText
from msgspec.structs import replace

from contracts.demands import Demand
from contracts.failures import TooManyRequests
from contracts.messages import Edited
from unit.telegram_bot.talk import Talk, sample
from unit.telegram_bot.test_saying import PHOTO
from unit.telegram_bot.test_second_thoughts import LINE, edit, known, own


async def asked_about_an_edit(talk: Talk) -> int:
    """A line that went out, and its edit that waits for a yes; the id of its message."""
    message = await talk.hears({"text": "Lenina 5"})
    known(talk)
    await edit(talk, message, {"text": "Lenina 15, call 8 912 345 67 89"})
    assert "phone number" in talk.said[-1]
    return message


def shown(talk: Talk) -> list[str]:
    """What was put in the place of earlier messages."""
    return [one.text for one in talk.telegram.requests if isinstance(one, EditMessageText)]


async def test_a_line_is_taken_back_though_its_edit_still_waits_for_a_yes() -> None:
    talk = Talk(demands=["4F7K"])
    message = await asked_about_an_edit(talk)
    await talk.hears({"text": "/takeback"} | own(message, text="Lenina 15, call 8 912 345 67 89"))
    [gone] = talk.calls("messages.take_back")
    assert str(gone.message) == LINE
    assert "Taken back" in talk.said[-1]
    await talk.presses("Send anyway")
    assert talk.calls("messages.edit") == [], "the edit is forgotten too"


async def test_an_edit_that_reveals_nothing_any_more_is_passed_on_and_its_question_closed() -> None:
    talk = Talk(demands=["4F7K"])
    message = await asked_about_an_edit(talk)
    answers = len(talk.said)
    await edit(talk, message, {"text": "Lenina 15"})
    assert [changed.text for changed in talk.calls("messages.edit")] == ["Lenina 15"]
    assert shown(talk) == ["Sent."]
    assert len(talk.said) == answers
    await talk.presses("Send anyway")
    assert len(talk.calls("messages.edit")) == 1

    # What never went out goes out, too; and a question says what there is to decide now.
    waiting = await talk.hears({"text": "call 8 912 345 67 89"})
    await edit(talk, waiting, {"text": "write to @olga_secret"})
    assert "@name" in shown(talk)[-1]
    assert "phone" not in shown(talk)[-1]
    await edit(talk, waiting, {"text": "write to me here"})
    assert talk.calls("messages.send")[-1].text == "write to me here"
    assert len(talk.calls("messages.send")) == 2


async def test_an_edit_that_is_refused_when_it_could_go_waits_for_another_yes() -> None:
    talk = Talk(demands=["4F7K"])
    message = await asked_about_an_edit(talk)
    talk.answers("messages.edit", TooManyRequests(retry_after=3))
    await edit(talk, message, {"text": "Lenina 15"})
    assert "try again" in talk.said[-2]
    talk.answers("messages.edit", sample("messages.edit", Edited, relayed=True))
    await talk.presses("Send anyway")
    assert talk.calls("messages.edit")[-1].text == "Lenina 15"


async def test_one_caption_corrected_twice_before_a_yes_leaves_the_newest_for_the_other_one() -> None:
    talk = Talk(demands=["4F7K"])
    first = await talk.hears(PHOTO | {"media_group_id": "a", "caption": "one"}, more_of_album=True)
    second = await talk.hears(PHOTO | {"media_group_id": "a", "caption": "two"})
    known(talk)
    await edit(talk, first, PHOTO | {"media_group_id": "a", "caption": "call 8 912 345 67 89"})
    await edit(talk, first, PHOTO | {"media_group_id": "a", "caption": "un"})
    await edit(talk, second, PHOTO | {"media_group_id": "a", "caption": "deux"})
    assert [changed.text for changed in talk.calls("messages.edit")] == ["un\n\ntwo", "un\n\ndeux"]


async def test_words_that_are_a_request_are_said_to_be_one_when_they_are_to_be_taken_back() -> None:
    talk = Talk(demands=["4F7K"])
    said = [{"message": 5, "text": "my name is Olga", "styles": []}]
    talk.step.data["described"] = [{"message": 5, "demand": talk.demands[0], "parts": said}]
    talk.answers("demands.get", sample("demands.get", Demand, number="4F7K", closed_at=None))
    await talk.hears({"text": "/takeback"} | own(5, text="my name is Olga"))
    assert "your request №4F7K" in talk.said[-1]
    assert "edit your message" in talk.said[-1]
    talk.answers("demands.get", sample("demands.get", Demand, number="4F7K", closed_at="2026-11-21T10:00:00Z"))
    await talk.hears({"text": "/takeback"} | own(5, text="my name is Olga"))
    assert "it is closed" in talk.said[-1]
    assert talk.calls("messages.take_back") == []


async def test_a_note_stays_and_whoever_wrote_it_is_told_so() -> None:
    talk = Talk(demands=["4F7K"])
    await edit(talk, 5, {"text": "/note she is alone"})
    assert talk.said == [], "who writes no notes has none to change"
    me = talk.api.replies["users.me"](None)
    talk.answers("users.me", replace(me, user=replace(me.user, is_admin=True)))
    await edit(talk, 5, {"text": "/whisper she is alone"})
    assert "stays as it was sent" in talk.said[-1]
    await talk.hears({"text": "/takeback"} | own(5, text="/note she is alone"))
    assert "stays as it was sent" in talk.said[-1]
