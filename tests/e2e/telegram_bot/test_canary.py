"""Somebody whose every trace is a canary sends all there is to send: no call to the other's chat ever shows one of them."""

import json
from typing import Any

import pytest

from e2e.telegram_bot.town import Town
from telegram_simulator import Person
from world import Person as Known
from world import World

ID = 7_390_551_246
PHONE = "+995 599 77 71 11"
TRACES = (
    str(ID), "Kanarska", "Olimpia", "kanarska_1970", "995599777111", PHONE, "t.me/", "kanarska@", "vcard", "EXIFCANARY",
    "Strangerova", "stranger_bot", "SetOfKanarska", "tg://",
)  # fmt: skip
STRANGER = {"id": 81_000_001, "is_bot": False, "first_name": "Strangerova"}
FORWARDED = {
    "forward_origin": {"type": "user", "date": 1, "sender_user": STRANGER},
    "via_bot": {"id": 81_000_002, "is_bot": True, "first_name": "Strangerova", "username": "stranger_bot"},
    "external_reply": {"origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Strangerova"}},
    "quote": {"text": "Strangerova said so", "position": 0},
    "sender_boost_count": 1,
}
POINT = {"latitude": 41.71, "longitude": 44.82}
NAMED = {
    "video": {"file_name": "Kanarska birthday.mp4"},
    "animation": {"file_name": "Olimpia.mp4"},
    "audio": {"file_name": "Kanarska.mp3", "content": {"title": "Olimpia Kanarska", "performer": "kanarska_1970"}},
    "sticker": {"content": {"set_name": "SetOfKanarska_by_stranger_bot"}},
    "photo": {"file": "RVhJRkNBTkFSWQ==", "file_name": "Kanarska.jpg"},
    "voice": {"file_name": "Kanarska.ogg"},
    "video_note": {"file_name": "Kanarska.mp4"},
    "document": {"file_name": "Olimpia Kanarska.pdf"},
}  # fmt: skip


async def all_calls(town: Town, reader: Person) -> str:
    """Everything the bot ever told the reader's chat, and what Telegram made of it there."""
    made = await town.simulator.journal(chat=str(reader.id))
    files = [one.message for one in (await reader.look(limit=500)).messages if not one.mine]
    return json.dumps([[call.params, call.result] for call in made], ensure_ascii=False, default=str) + json.dumps(
        files, ensure_ascii=False
    )


async def decide(person: Person, button: str) -> None:
    """Answer the bot's question about the message just sent."""
    asked = await person.wait_for(button=button)
    await person.press(asked, button)
    await person.wait_for(pattern="^(Sent|Not sent)\\.$", edited=True)


@pytest.fixture(params=["requester", "provider"])
async def pair(town: Town, world: World, request: pytest.FixtureRequest) -> tuple[Person, Person]:
    """Somebody of whom everything is known, and who must never learn any of it."""
    scenario = await world.scenario("Saburtalo", "Medicine")
    olimpia = await town.simulator.person(
        "Olimpia", id=ID, last_name="Kanarska", username="kanarska_1970", phone=PHONE, language_code="en"
    )
    await olimpia.start()
    await olimpia.wait_for("112", seconds=30)
    nino = await town.person("Nino")
    asks, helps = (olimpia, nino) if request.param == "requester" else (nino, olimpia)
    await world.assign(Known(world, helps.id, (await town.me(helps)).user.id), scenario, "provider")
    await town.asks(asks, scenario, "insulin")
    await helps.say("/next")
    await helps.wait_for("You are helping now")
    await asks.wait_for("Somebody is here")
    return olimpia, nino


async def test_no_trace_of_a_person_ever_reaches_the_other_chat(town: Town, pair: tuple[Person, Person]) -> None:
    olimpia, nino = pair
    await says_what_nobody_is_asked_about(olimpia, nino)
    await shares_what_she_was_asked_about(olimpia, nino)
    await keeps_what_she_was_asked_about(olimpia)
    await olimpia.say("the end")
    await nino.wait_for("the end")

    told = await all_calls(town, nino)
    assert [trace for trace in TRACES if trace in told] == []
    assert "text_mention" not in told
    assert "forward" not in told
    # The test sees what it looks for: the writer's own chat is full of it.
    assert {"Olimpia", str(ID)} <= {trace for trace in TRACES if trace in await all_calls(town, olimpia)}


async def says_what_nobody_is_asked_about(olimpia: Person, nino: Person) -> None:
    link = {"type": "text_link", "offset": 5, "length": 4, "url": f"tg://user?id={ID}"}
    await olimpia.say("she, them, now", entities=[link], extra=FORWARDED)
    first = await nino.wait_for("she, them, now")
    for kind, more in NAMED.items():
        words = "" if kind in {"sticker", "video_note"} else f"this {kind}"
        await olimpia.say(words, kind=kind, extra=FORWARDED, **more)
        if kind == "document":
            await decide(olimpia, "Send anyway")
        await nino.wait_for(kind=kind)
    await olimpia.album(["photo", "video", "photo"], "three of them")
    await nino.wait_for("three of them")
    await olimpia.say(kind="location", content=POINT, extra=FORWARDED)
    await nino.wait_for(kind="location")
    await olimpia.say(kind="venue", content={"location": POINT, "title": "Pharmacy", "address": "Saburtalo 1"})
    await nino.wait_for(kind="venue")
    said = await nino.say("which one?", reply_to=first.message_id, quote="them")
    question = await olimpia.wait_for("which one?")
    await olimpia.react(question.message_id, "🙏")
    await olimpia.say("that one", reply_to=question.message_id, quote="one?", extra={"via_bot": FORWARDED["via_bot"]})
    answer = await nino.wait_for("that one")
    assert answer.message["reply_to_message"]["message_id"] == said.message_id
    await olimpia.forward(question.message_id)
    await nino.wait_for("which one?")


async def shares_what_she_was_asked_about(olimpia: Person, nino: Person) -> None:
    """A name travels with nothing."""
    mention: dict[str, Any] = {"type": "text_mention", "offset": 0, "length": 4, "user": STRANGER | {"id": ID}}
    await olimpia.say("them, she writes", entities=[mention])
    await decide(olimpia, "Send anyway")
    await nino.wait_for("them, she writes")
    card = {"phone_number": "4915112345678", "first_name": "Kanarska", "user_id": ID, "vcard": "BEGIN:vcard Kanarska"}
    await olimpia.say(kind="contact", content=card)
    await decide(olimpia, "Send anyway")
    await nino.wait_for("+4915112345678")


async def keeps_what_she_was_asked_about(olimpia: Person) -> None:
    """In words, under a picture, in an edit, on a card, as the name of a place."""
    line = await olimpia.say("thank you")
    for words in (f"call {PHONE}", "I am @kanarska_1970", "see https://t.me/kanarska_1970", "or kanarska@example.org"):
        await olimpia.say(words)
        await decide(olimpia, "Do not send")
        await olimpia.say(words, kind="photo")
        await decide(olimpia, "Do not send")
        await olimpia.edit(line.message_id, words)
        await decide(olimpia, "Do not send")
    await olimpia.album(["photo", "photo"], f"call {PHONE}")
    await decide(olimpia, "Do not send")
    await olimpia.share_contact()
    await decide(olimpia, "Do not send")
    await olimpia.say(kind="venue", content={"location": POINT, "title": f"call {PHONE}", "address": "x"})
    await decide(olimpia, "Do not send")
    await olimpia.say("from the camera", kind="document", file_name="Kanarska.jpg", file="RVhJRkNBTkFSWQ==")
    await olimpia.wait_for("ordinary photo")
