"""A request before it is sent, step by step: what the form keeps, what Send does with it, and what it never does twice."""

import copy
from typing import Any
from uuid import UUID

import pytest
from aiogram import Bot
from aiogram.methods import SendMessage

from contracts.demands import Created, DemandPage
from contracts.failures import NotFound, TooManyOpen, TooManyRequests
from contracts.messages import Sent
from contracts.operations.demands import DEMANDS_CREATE
from contracts.scenarios import Scenario, ScenarioPage, SearchScenarios
from contracts.shapes import Done
from telegram_bot import keyboards
from telegram_bot.callbacks import Verb, pack
from telegram_bot.session import asked
from unit.telegram_bot.talk import Talk, sample

VAKE, ISANI = UUID(int=1), UUID(int=2)
PHOTO = {"photo": [{"file_id": "large", "file_unique_id": "l", "width": 900, "height": 600, "file_size": 90000}]}


def scenario(about: UUID, place: str, **more: object) -> Scenario:
    found: Scenario = sample(
        "scenarios.get", Scenario, id=str(about), place=place, resource="Food",
        **{"retired": False, "phone_required": False, "payload": {}, **more},
    )  # fmt: skip
    return found


def asking(*places: Scenario, phone: str | None = None) -> Talk:
    """Somebody without a request, in a town with these scenarios."""
    talk = Talk(demands=[])
    me = talk.api.replies["users.me"](None)
    talk.answers(
        "users.me", me.__class__(**{**fields(me), "user": me.user.__class__(**{**fields(me.user), "phone": phone})})
    )

    def search(request: SearchScenarios) -> ScenarioPage:
        found = [
            one for one in places
            if request.place in (None, one.place) and request.resource in (None, one.resource)
            and request.query.lower() in one.place.lower()
        ]  # fmt: skip
        return ScenarioPage(items=found, more=False)

    talk.answers("scenarios.search", search)
    talk.answers("scenarios.get", lambda request: next(one for one in places if one.id == request.id))
    talk.answers("demands.search", DemandPage(items=[], more=False))
    talk.answers("demands.create", sample("demands.create", Created, similar=None))
    talk.answers("participants.share_contact", Done())
    talk.answers("users.update_me", lambda _: me.user)
    return talk


def fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


async def test_what_is_written_is_kept_until_send_and_then_it_is_the_description() -> None:
    talk = asking(scenario(VAKE, "Vake"), scenario(ISANI, "Isani"))
    await talk.hears({"text": "/new"})
    await talk.presses("Vake")
    assert "Now write" in talk.said[-1]
    await talk.hears({"text": "bread"})
    await talk.hears({"text": "and milk"})
    assert talk.calls("demands.create") == [], "nothing is sent before Send"
    assert "bread\n\nand milk" in talk.said[-1]
    await talk.presses("✅ Send")
    [asked] = talk.calls("demands.create")
    assert (asked.scenario, asked.description, asked.draft) == (VAKE, "bread\n\nand milk", False)
    assert "form" not in talk.step.data
    assert talk.step.state is None


async def test_files_follow_the_description_in_order_and_nobody_is_told_that_nobody_reads_yet() -> None:
    talk = asking(scenario(VAKE, "Vake"))
    await talk.hears({"text": "/new"})
    await talk.hears(PHOTO | {"caption": "one"})
    await talk.hears(PHOTO | {"media_group_id": "a"}, more_of_album=True)
    await talk.hears(PHOTO | {"media_group_id": "a", "caption": "two"})
    assert len([text for text in talk.said if "Nothing is sent yet" in text]) == 2, (
        "an album is shown once, when it is whole"
    )
    await talk.presses("✅ Send")
    sent = talk.calls("messages.send")
    assert [(one.text, len(one.attachments)) for one in sent] == [("one", 1), ("two", 2)]
    assert talk.calls("demands.create")[0].description == "Without words: a voice message, photo or the like."
    assert not any("Whoever takes your request" in text for text in talk.said)


async def test_handled_again_after_a_crash_send_repeats_the_same_keys() -> None:
    talk = asking(scenario(VAKE, "Vake"))
    await talk.hears({"text": "/new"})
    await talk.hears({"text": "bread"})
    await talk.hears(PHOTO)
    before = copy.deepcopy((talk.step.state, talk.step.data))
    number = talk.next_update
    await talk.presses("✅ Send")
    keys = talk.api.keys[:]
    # The process died before it could write that the update was handled: it comes again, with the step as it was.
    talk.step.state, talk.step.data = before
    talk.repeat_from(number)
    await talk.presses("✅ Send")
    assert talk.api.keys == [*keys, *keys]
    assert len(set(keys)) == len(keys) == 2


async def test_what_is_refused_after_the_request_was_made_waits_and_makes_no_second_request() -> None:
    talk = asking(scenario(VAKE, "Vake"))
    talk.answers("messages.send", TooManyRequests(retry_after=3))
    await talk.hears({"text": "/new"})
    await talk.hears({"text": "bread"})
    await talk.hears(PHOTO | {"caption": "this street"})
    card = talk.last
    await talk.presses("✅ Send")
    assert "form" not in talk.step.data
    assert "try again" in talk.said[-2]
    await talk.presses(data=pack(Verb.SEND), on=card)
    assert len(talk.calls("demands.create")) == 1
    talk.answers("messages.send", sample("messages.send", Sent))
    await talk.presses("Send anyway")
    assert talk.calls("messages.send")[-1].text == "this street"


async def test_a_caption_with_a_stretch_the_contract_does_not_take_is_sent_with_its_request() -> None:
    talk = asking(scenario(VAKE, "Vake"))
    await talk.hears({"text": "/new"})
    code = {"type": "pre", "offset": 0, "length": 4, "language": "x" * 65}
    await talk.hears(PHOTO | {"caption": "code", "caption_entities": [code]})
    await talk.presses("✅ Send")
    assert [one.text for one in talk.calls("messages.send")] == ["code"]
    assert len(talk.calls("demands.create")) == 1


async def test_a_second_press_and_the_press_of_an_older_card_send_nothing() -> None:
    talk = asking(scenario(VAKE, "Vake"))
    await talk.hears({"text": "/new"})
    await talk.hears({"text": "bread"})
    first = talk.last
    await talk.hears({"text": "and milk"})
    await talk.presses(data=pack(Verb.SEND), on=first)
    assert talk.calls("demands.create") == []
    second = talk.last
    await talk.presses("✅ Send")
    await talk.presses(data=pack(Verb.SEND), on=second)
    assert len(talk.calls("demands.create")) == 1


@pytest.mark.parametrize(
    ("failure", "told"), [(TooManyOpen(limit=5), "You have 5 open requests already"), (NotFound(), "has just ended")]
)
async def test_what_cannot_be_sent_now_is_kept(failure: Exception, told: str) -> None:
    talk = asking(scenario(VAKE, "Vake"), scenario(ISANI, "Isani"))
    await talk.hears({"text": "/new"})
    await talk.presses("Vake")
    await talk.hears({"text": "bread"})
    talk.answers("demands.create", failure)
    await talk.presses("✅ Send")
    assert any(told in text for text in talk.said)
    talk.answers("demands.create", sample("demands.create", Created, similar=None))
    if isinstance(failure, NotFound):
        await talk.presses("Isani")
    await talk.presses("✅ Send")
    assert [one.description for one in talk.calls("demands.create")] == ["bread", "bread"]


async def test_a_phone_is_asked_for_only_where_it_is_needed_and_answering_shares_it() -> None:
    talk = asking(scenario(VAKE, "Vake", phone_required=True))
    await talk.hears({"text": "/new"})
    assert "Only whoever helps you will see it" in talk.said[-1]
    card = {"phone_number": "79991234567", "first_name": "Somebody"}
    await talk.hears({"contact": card | {"user_id": 78}})
    await talk.hears({"contact": card})
    assert talk.calls("users.update_me") == [], (
        "a card of somebody else, or of nobody at Telegram, is not theirs to give"
    )
    await talk.hears({"contact": card | {"user_id": 77}})
    assert [one.phone for one in talk.calls("users.update_me")] == ["+79991234567"]
    assert "Now write" in talk.said[-1]
    known = asking(scenario(VAKE, "Vake", phone_required=True), phone="+79991234567")
    await known.hears({"text": "/new"})
    await known.hears({"text": "a doctor"})
    assert "+79991234567 will be shown only to whoever helps you" in known.said[-1]
    assert known.calls("participants.share_contact") == []
    await known.presses("✅ Send")
    assert len(known.calls("participants.share_contact")) == 1
    assert DEMANDS_CREATE.name in known.api.asked


async def test_what_follows_send_is_about_the_new_request_whatever_else_is_open() -> None:
    talk = asking(scenario(VAKE, "Vake"))
    other = Talk(demands=["4F7K", "9E76"])
    talk.answers("users.me", other.api.replies["users.me"](None))
    talk.answers("demands.create", sample("demands.create", Created, similar=None, id=other.demands[1]))
    await talk.hears({"text": "/new"})
    await talk.hears({"text": "bread"})
    await talk.presses("✅ Send")
    await talk.hears({"text": "we are four"})
    assert [str(one.demand) for one in talk.calls("messages.send")] == [other.demands[1]]


async def test_words_meant_for_a_helper_are_no_place_because_start_asked_for_one() -> None:
    talk = Talk(demands=["4F7K"])
    talk.step.state = "Form:place"
    await talk.hears({"text": "are you coming?"})
    assert [one.text for one in talk.calls("messages.send")] == ["are you coming?"]
    assert talk.step.state is None


async def test_a_search_that_begins_with_no_words_is_asked_for_as_such() -> None:
    board = keyboards.places(lambda key, **_: key, [(VAKE, "Vake")], search=True)
    parameters = asked(SendMessage(chat_id=77, text="Where?", reply_markup=board), Bot(f"42:{'t' * 35}"))
    [_, end] = parameters["reply_markup"]["inline_keyboard"]
    assert end[0] == {"text": "button-search", "switch_inline_query_current_chat": ""}
