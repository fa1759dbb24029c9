"""What becomes of what people say: how a handler of the bot works, step by step.

Each test is one talk with the bot (see `talk.py`): something is said, and then stands what the api was asked and what the
person was told. A reader new to the bot begins with the first test.
"""

from typing import Any

import pytest

from contracts.deliveries import Located
from contracts.demands import Demand
from contracts.failures import AlreadyClosed, NotFound, TooManyRequests
from contracts.messages import Sent
from unit.telegram_bot.talk import BOT, CHAT, NOW, Talk, sample

PHOTO = {"photo": [{"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 900},
    {"file_id": "large", "file_unique_id": "l", "width": 900, "height": 600, "file_size": 90000}]}  # fmt: skip
DOCUMENT = {"document": {"file_id": "doc", "file_unique_id": "d", "file_name": "Olga.pdf", "file_size": 9}}


def of_ours(text: str = "Helper · №4F7K\nhello") -> dict[str, Any]:
    """An answer to a message the bot sent."""
    return {"reply_to_message": {"message_id": 500, "date": NOW - 60, "chat": CHAT, "from": BOT, "text": text}}


async def test_words_go_to_the_only_conversation_without_a_word_of_ours() -> None:
    talk = Talk(demands=["4F7K"])
    message = await talk.hears({"text": "I am here"})
    [sent] = talk.calls("messages.send")
    assert (sent.text, str(sent.demand), sent.reply_to) == ("I am here", talk.demands[0], None)
    # By this the api finds the line again when somebody answers it, edits it or reacts to it.
    assert (sent.origin.address, sent.origin.channel_message_id) == ("77", str(message))
    assert talk.said == []


async def test_who_has_no_conversation_is_asked_whether_they_need_help() -> None:
    talk = Talk(demands=[])
    await talk.hears({"text": "hello"})
    assert talk.calls("messages.send") == []
    assert "no open request" in talk.said[0]


async def test_with_two_conversations_what_is_said_is_kept_until_one_is_chosen() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "one"})
    await talk.hears(PHOTO | {"caption": "two"})
    assert talk.calls("messages.send") == []
    assert len(talk.said) == 1, "asked once"
    await talk.presses(next(text for text in talk.buttons if "9E76" in text))
    assert [(sent.text, str(sent.demand)) for sent in talk.calls("messages.send")] == [
        ("one", talk.demands[1]), ("two", talk.demands[1]),
    ]  # fmt: skip
    assert "Sent 2 messages to №9E76" in talk.said[1]
    await talk.hears({"text": "three"})
    assert str(talk.calls("messages.send")[2].demand) == talk.demands[1], "and so does what follows"


async def test_a_choice_does_not_hold_once_another_conversation_spoke() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "one"})
    await talk.presses(next(text for text in talk.buttons if "9E76" in text))
    talk.noted.heard_from = talk.demands[0]
    await talk.hears({"text": "yes"})
    assert len(talk.calls("messages.send")) == 1
    assert "several conversations" in talk.said[-1]


async def test_what_could_not_be_sent_to_the_chosen_conversation_is_kept_and_asked_about_again() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "one"})
    await talk.hears({"text": "two"})
    talk.answers("messages.send", TooManyRequests(retry_after=5.0))
    await talk.presses(next(text for text in talk.buttons if "9E76" in text))
    assert [one["text"] for one in talk.step.data["held"]] == ["one", "two"]
    talk.answers("messages.send", sample("messages.send", Sent))
    await talk.presses(next(text for text in talk.buttons if "9E76" in text))
    assert [sent.text for sent in talk.calls("messages.send")][1:] == ["one", "two"]


async def test_an_answer_to_a_line_belongs_to_it_whatever_was_chosen_and_whatever_form_is_open() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    line = "01920000-f0c0-7eec-8377-bb88cb704dd7"
    found = {"demand": talk.demands[1], "message": line}
    talk.answers("deliveries.locate", sample("deliveries.locate", Located, is_own=False, **found))
    talk.step.state = "Form:description"
    await talk.hears(PHOTO | of_ours())
    [sent] = talk.calls("messages.send")
    assert (str(sent.demand), str(sent.reply_to)) == (talk.demands[1], line)
    assert [one.file_id for one in sent.attachments] == ["large"], "the best of the sizes Telegram made"
    assert talk.step.state == "Form:description"


async def test_an_answer_to_what_the_ledger_does_not_know_yet_goes_by_the_number_in_its_heading() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.hears({"text": "coming"} | of_ours("Helper · №9E76\nwhere are you?"))
    [sent] = talk.calls("messages.send")
    assert (str(sent.demand), sent.reply_to) == (talk.demands[1], None)


async def test_a_file_sent_into_a_form_that_asks_for_words_keeps_the_form() -> None:
    talk = Talk(demands=["4F7K"])
    talk.step.state = "Form:report"
    for _ in range(3):
        await talk.hears(PHOTO | {"media_group_id": "album"})
    assert talk.calls("messages.send") == []
    assert len(talk.said) == 1
    assert "/cancel" in talk.said[0]
    assert talk.step.state == "Form:report"


async def test_what_is_written_where_one_does_not_sit_any_more_is_said_and_not_sent() -> None:
    talk = Talk(demands=["4F7K"])
    talk.answers("messages.send", NotFound())
    await talk.hears({"text": "hello"})
    assert "not in this conversation" in talk.said[0]


@pytest.mark.parametrize(
    ("role", "ending"),
    [("requester", "/new."), ("provider", "passed on."), ("moderator", "passed on."), (None, "passed on.")],
)
async def test_only_who_asked_is_told_how_to_ask_again_once_it_is_closed(role: str | None, ending: str) -> None:
    talk = Talk(demands=["4F7K"])
    talk.answers("messages.send", AlreadyClosed())
    talk.answers("demands.get", sample("demands.get", Demand, role=role, status="closed") if role else NotFound())
    await talk.hears({"text": "hello"})
    [told] = talk.said
    assert "is closed, so your message was not passed on" in told
    assert told.endswith(ending)


async def test_who_writes_before_anybody_reads_is_told_so_once() -> None:
    talk = Talk(demands=["4F7K"])
    talk.answers("messages.send", sample("messages.send", Sent, recipients=0))
    await talk.hears({"text": "one"})
    await talk.hears({"text": "two"})
    assert len(talk.calls("messages.send")) == 2
    assert len(talk.said) == 1


async def test_an_album_waits_for_its_last_picture_and_goes_as_one() -> None:
    talk = Talk(demands=["4F7K"])
    first = await talk.hears(PHOTO | {"media_group_id": "a", "caption": "one"}, more_of_album=True)
    await talk.hears(PHOTO | {"media_group_id": "a"}, more_of_album=True)
    assert talk.calls("messages.send") == []
    await talk.hears(PHOTO | {"media_group_id": "a", "caption": "three"})
    [sent] = talk.calls("messages.send")
    assert (len(sent.attachments), sent.text, sent.origin.channel_message_id) == (3, "one\n\nthree", str(first))
    await talk.hears(PHOTO | {"media_group_id": "a"})
    assert len(talk.calls("messages.send")[1].attachments) == 1, "what comes late comes alone"


async def test_an_album_whose_last_picture_never_came_goes_before_what_is_said_next() -> None:
    talk = Talk(demands=["4F7K"])
    await talk.hears(PHOTO | {"media_group_id": "a"}, more_of_album=True)
    await talk.hears({"text": "after"})
    assert [(len(sent.attachments), sent.text) for sent in talk.calls("messages.send")] == [(1, ""), (0, "after")]


async def test_of_an_album_what_may_not_travel_stays_and_the_rest_goes() -> None:
    talk = Talk(demands=["4F7K"])
    await talk.hears(DOCUMENT | {"media_group_id": "a"}, more_of_album=True)
    picture = {"document": DOCUMENT["document"] | {"file_name": "IMG.JPG", "mime_type": "image/jpeg"}}
    await talk.hears(picture | {"media_group_id": "a"})
    assert "ordinary photo" in talk.said[0]
    await talk.presses("Send anyway")
    [sent] = talk.calls("messages.send")
    assert [(one.file_id, one.name) for one in sent.attachments] == [("doc", "document.pdf")]


async def test_what_tells_who_somebody_is_waits_for_a_yes_and_goes_once() -> None:
    talk = Talk(demands=["4F7K"])
    message = await talk.hears({"text": "call 8 912 345 67 89"})
    assert talk.calls("messages.send") == []
    assert talk.telegram.requests[-1].reply_parameters.message_id == message  # type: ignore[attr-defined]
    await talk.hears({"text": "meanwhile"})
    await talk.presses("Send anyway")
    assert [sent.text for sent in talk.calls("messages.send")] == ["meanwhile", "call 8 912 345 67 89"]
    await talk.presses("Send anyway")
    assert len(talk.calls("messages.send")) == 2
    await talk.hears({"text": "or @olga_s"})
    await talk.presses("Do not send")
    assert len(talk.calls("messages.send")) == 2
    assert "asked" not in talk.step.data


async def test_a_yes_that_could_not_be_followed_may_be_said_again() -> None:
    talk = Talk(demands=["4F7K"])
    await talk.hears({"text": "call 8 912 345 67 89"})
    talk.answers("messages.send", TooManyRequests(retry_after=5.0))
    await talk.presses("Send anyway")
    talk.answers("messages.send", sample("messages.send", Sent))
    await talk.presses("Send anyway")
    assert [sent.text for sent in talk.calls("messages.send")][-1] == "call 8 912 345 67 89"
    assert len(talk.calls("messages.send")) == 2


async def test_each_call_of_an_update_has_a_key_of_its_own_that_is_the_same_next_time() -> None:
    keys = []
    for _ in range(2):
        talk = Talk(demands=["4F7K", "9E76"])
        await talk.hears({"text": "one"})
        await talk.hears({"text": "two"})
        await talk.presses(next(text for text in talk.buttons if "9E76" in text))
        keys.append(talk.api.keys)
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 2
