"""Edits, reactions and take-backs: what the api is asked for each, and what the person is told."""

from typing import Any
from uuid import UUID

from contracts.deliveries import Located
from contracts.demands import Demand
from contracts.failures import AlreadyClosed, InvalidRequest, NotFound, VersionConflict
from contracts.messages import Edited, Sent
from telegram_bot.callbacks import pack_id
from unit.telegram_bot.talk import BOT, CHAT, NOW, PERSON, Talk, sample
from unit.telegram_bot.test_saying import PHOTO

LINE = "01920000-f0c0-7eec-8377-bb88cb704dd7"


def known(talk: Talk, *, is_own: bool = True) -> None:
    """Every message of the chat is a line of the first conversation."""
    talk.answers(
        "deliveries.locate", sample("deliveries.locate", Located, demand=talk.demands[0], message=LINE, is_own=is_own)
    )


async def edit(talk: Talk, message: int, content: dict[str, Any]) -> None:
    await talk.hears({"message_id": message, "edit_date": NOW} | content, kind="edited_message")


async def test_an_edit_changes_the_line_and_says_nothing() -> None:
    talk = Talk(demands=["4F7K"])
    message = await talk.hears({"text": "house 6"})
    known(talk)
    await edit(talk, message, {"text": "house 9", "entities": [{"type": "bold", "offset": 0, "length": 5}]})
    [changed] = talk.calls("messages.edit")
    assert (changed.text, str(changed.message), changed.entities[0].type) == ("house 9", LINE, "bold")
    assert talk.said == []


async def test_the_edit_of_one_caption_leaves_the_others_of_its_album() -> None:
    talk = Talk(demands=["4F7K"])
    first = await talk.hears(PHOTO | {"media_group_id": "a", "caption": "one"}, more_of_album=True)
    second = await talk.hears(PHOTO | {"media_group_id": "a", "caption": "two"})
    known(talk)
    bold = {"type": "bold", "offset": 0, "length": 4}
    await edit(talk, second, PHOTO | {"media_group_id": "a", "caption": "deux", "caption_entities": [bold]})
    await edit(talk, first, PHOTO | {"media_group_id": "a", "caption": "un 💉"})
    assert [changed.text for changed in talk.calls("messages.edit")] == ["one\n\ndeux", "un 💉\n\ndeux"]
    assert [changed.entities[0].offset for changed in talk.calls("messages.edit")] == [5, 7]
    # The ledger knows an album by its first message.
    asked = talk.calls("deliveries.locate")
    assert {one.channel_message_id for one in asked} == {str(first)}


async def test_an_edit_that_comes_before_its_message_was_sent_is_sent_with_it() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    message = await talk.hears({"text": "house 6"})
    await edit(talk, message, {"text": "house 9"})
    await talk.presses(next(text for text in talk.buttons if "9E76" in text))
    assert [sent.text for sent in talk.calls("messages.send")] == ["house 9"]
    assert talk.calls("messages.edit") == []

    # Put aside and handled only after its edit, as when an operator tries it again.
    await edit(talk, 900, {"text": "call 8 912 345 67 89"})
    await talk.hears({"message_id": 900, "text": "call me"})
    assert "phone number" in talk.said[-1]
    await talk.presses("Send anyway")
    assert talk.calls("messages.send")[-1].text == "call 8 912 345 67 89"


async def test_a_picture_put_in_the_place_of_another_is_not_said_to_have_arrived() -> None:
    talk = Talk(demands=["4F7K"])
    message = await talk.hears(PHOTO | {"caption": "this door"})
    known(talk)
    await edit(talk, message, PHOTO | {"caption": "that door"})
    assert talk.said == []
    other = {"photo": [{"file_id": "x", "file_unique_id": "x", "width": 9, "height": 9}], "caption": "that door"}
    await edit(talk, message, other)
    assert "file from before" in talk.said[0]


async def test_an_edit_that_nobody_sees_is_said_to_be_one() -> None:
    talk = Talk(demands=["4F7K"])
    known(talk)
    talk.answers("messages.edit", sample("messages.edit", Edited, relayed=False))
    await edit(talk, 5, {"text": "house 9"})
    assert "do not see the change" in talk.said[0]
    talk.answers("messages.edit", NotFound())
    await edit(talk, 5, {"text": "house 10"})
    assert "could not change it" in talk.said[1]


async def test_a_live_place_moves_for_nobody() -> None:
    talk = Talk(demands=["4F7K"])
    place = {"location": {"latitude": 41.7, "longitude": 44.8, "live_period": 600}}
    message = await talk.hears(place)
    assert "does not move" in talk.said[0]
    known(talk)
    await edit(talk, message, place)
    assert talk.calls("messages.edit") == []


async def test_a_reaction_is_passed_on_changed_and_taken_away() -> None:
    talk = Talk(demands=["4F7K"])
    known(talk, is_own=False)
    await talk.reacts(500, {"type": "emoji", "emoji": "👍"})
    await talk.reacts(500, {"type": "custom_emoji", "custom_emoji_id": "5368324170671202286"})
    await talk.reacts(500, {"type": "paid"})
    await talk.reacts(500)
    assert [one.emoji for one in talk.calls("messages.react")] == ["👍", None]
    assert len(talk.said) == 1
    assert "ordinary reactions" in talk.said[0]
    talk.answers("messages.react", AlreadyClosed())
    await talk.reacts(500, {"type": "emoji", "emoji": "👍"})
    assert "do not see your reaction" in talk.said[1]
    talk.answers("messages.react", InvalidRequest(problem="only messages can be reacted to"))
    await talk.reacts(500, {"type": "emoji", "emoji": "👍"})
    assert len(talk.said) == 2, "a thumb up for a notice needs no answer"


async def test_a_reaction_to_what_is_no_line_is_nobodys_business() -> None:
    talk = Talk(demands=["4F7K"])
    await talk.reacts(500, {"type": "emoji", "emoji": "👍"})
    assert talk.calls("messages.react") == []
    assert talk.said == []


def own(message: int, *, hours: int = 0, **content: Any) -> dict[str, Any]:
    """A reply to a message of one's own."""
    return {
        "reply_to_message": {"message_id": message, "date": NOW - 3600 * hours, "chat": CHAT, "from": PERSON, **content}
    }


async def test_a_message_is_taken_back_by_answering_it() -> None:
    talk = Talk(demands=["4F7K"])
    await talk.hears({"text": "/takeback"})
    assert "answer your own message" in talk.said[0]
    await talk.hears({"text": "/takeback"} | own(5, text="4711"))
    assert "answer your own message" in talk.said[1], "it never was a line"
    known(talk)
    await talk.hears({"text": "/takeback"} | own(5, text="4711"))
    [gone] = talk.calls("messages.take_back")
    assert str(gone.message) == LINE
    assert "Taken back" in talk.said[2]
    known(talk, is_own=False)
    await talk.hears(
        {"text": "/takeback"} | {"reply_to_message": own(5)["reply_to_message"] | {"from": BOT, "text": "x"}}
    )
    assert "Only whoever wrote" in talk.said[3]
    assert len(talk.calls("messages.take_back")) == 1


async def test_what_is_too_old_to_be_removed_is_said_honestly() -> None:
    talk = Talk(demands=["4F7K"])
    known(talk)
    await talk.hears({"text": "/takeback"} | own(5, hours=49, **PHOTO))
    assert "too late" in talk.said[0]
    await talk.hears({"text": "/takeback"} | own(5, hours=49, text="words can still be emptied"))
    assert "Taken back" in talk.said[1]
    talk.answers("messages.take_back", NotFound())
    await talk.hears({"text": "/takeback"} | own(5, text="4711"))
    assert "no longer in this conversation" in talk.said[2]


async def test_what_waits_for_a_yes_can_be_taken_back_too() -> None:
    talk = Talk(demands=["4F7K"])
    message = await talk.hears({"text": "call 8 912 345 67 89"})
    await talk.hears({"text": "/takeback"} | own(message, text="call"))
    assert "never went out" in talk.said[1]
    talk.answers("messages.send", sample("messages.send", Sent))
    await talk.presses("Send anyway")
    assert talk.calls("messages.send") == []


async def test_the_edit_of_what_a_request_was_made_of_changes_the_request() -> None:
    talk = Talk(demands=["4F7K"])
    demand = sample("demands.get", Demand, id=talk.demands[0], number="4F7K", version=7)
    talk.answers("demands.get", demand)
    talk.answers("demands.update", demand)
    said = [{"message": at, "text": words, "styles": []} for at, words in ((5, "insulin"), (6, "for two"))]
    talk.step.data["described"] = [{"message": 5, "demand": talk.demands[0], "parts": said}]
    await edit(talk, 6, {"text": "for three"})
    await edit(talk, 5, {"text": "insulin, call 8 912 345 67 89"})
    [changed] = talk.calls("demands.update")
    assert (changed.description, changed.version) == ("insulin\n\nfor three", 7)
    assert "№4F7K now says" in talk.said[0]
    answers = iter([VersionConflict(version=8), demand])
    talk.answers("demands.update", lambda _: next(answers))
    await talk.presses("Send anyway")
    assert talk.calls("demands.update")[-1].description == "insulin, call 8 912 345 67 89\n\nfor three"
    assert talk.calls("messages.edit") == talk.calls("messages.send") == []


async def test_what_is_taken_back_from_a_request_before_it_is_sent_is_not_sent() -> None:
    talk = Talk(demands=[])
    talk.step.state = "Form:description"
    talk.step.data["form"] = {"scenario": pack_id(UUID(LINE)), "place": "Vake", "resource": "Food"}
    first = await talk.hears({"text": "bread"})
    second = await talk.hears({"text": "and my door code 4711"})
    await talk.hears({"text": "/takeback"} | own(second, text="and my door code 4711"))
    assert [one["text"] for one in talk.step.data["form"]["messages"]] == ["bread"]
    assert "never went out" in talk.said[-2]
    assert "bread" in talk.said[-1], "the card shows what is left"
    assert "4711" not in talk.said[-1]
    await talk.hears({"text": "/takeback"} | own(first, text="bread"))
    assert talk.step.data["form"]["messages"] == []
