"""Everything people send each other arrives as what it was, with nothing of who sent it."""

import pytest

from e2e.telegram_bot.pair import Pair, talking
from e2e.telegram_bot.town import Town
from telegram_simulator import Seen
from world import World

POINT = {"latitude": 41.71, "longitude": 44.82}
CARD = {"phone_number": "995555123456", "first_name": "Secretname", "user_id": 987654321}


@pytest.fixture
async def pair(town: Town, world: World) -> Pair:
    return await talking(town, world)


def heading_of(seen: Seen) -> str:
    return seen.text.partition("\n")[0]


async def test_files_arrive_with_their_words_under_a_heading(pair: Pair) -> None:
    for kind in ("photo", "video", "voice", "audio", "animation"):
        bold = {"type": "bold", "offset": 11, "length": 5}
        await pair.olga.say(f"💉 look at {kind}", kind=kind, entities=[bold])
        seen = await pair.nino.wait_for(f"look at {kind}", kind=kind)
        heading, _, words = seen.text.partition("\n")
        assert heading.startswith("Needs help · ")
        assert words == f"💉 look at {kind}"
        styled = [one["offset"] for one in seen.message["caption_entities"] if one["type"] == "bold"]
        assert styled == [0, len(heading) + 1 + 11], "counted in UTF-16 units, moved by the heading"
        assert ("has_protected_content" in seen.message) == (kind in {"photo", "video", "voice"})
    for kind in ("sticker", "video_note"):
        await pair.olga.say(kind=kind)
        heading_above = await pair.nino.wait_for("Needs help · ")
        assert (await pair.nino.wait_for(kind=kind)).message_id > heading_above.message_id
    await pair.nino.say("", kind="voice")
    assert heading_of(await pair.olga.wait_for(kind="voice")).startswith("Helper ")


async def test_places_arrive_once_and_a_live_one_says_so(pair: Pair) -> None:
    await pair.olga.say(kind="location", content={**POINT, "horizontal_accuracy": 12.0})
    await pair.nino.wait_for("Needs help · ")
    seen = await pair.nino.wait_for(kind="location")
    assert seen.message["location"] == {**POINT, "horizontal_accuracy": 12.0}
    live = await pair.olga.say(kind="location", content={**POINT, "live_period": 600})
    assert "live_period" not in (await pair.nino.wait_for(kind="location")).message["location"]
    await pair.olga.wait_for("does not move with you")
    await pair.olga.edit(live.message_id, content={"latitude": 41.72, "longitude": 44.83})
    await pair.olga.say(kind="venue", content={"location": POINT, "title": "Pharmacy", "address": "Saburtalo 1"})
    seen = await pair.nino.wait_for(kind="venue")
    assert (seen.message["venue"]["title"], seen.message["venue"]["address"]) == ("Pharmacy", "Saburtalo 1")
    places = [one for one in (await pair.nino.look()).messages if "location" in one.message and not one.mine]
    assert len(places) == 3, "where she went after that is nobody's business"


async def test_a_long_caption_follows_its_picture_untorn_and_an_edit_finds_both(pair: Pair) -> None:
    words = "я" * 1020
    said = await pair.olga.say(words, kind="photo")
    picture = await pair.nino.wait_for(kind="photo")
    assert "я" not in picture.text
    follows = await pair.nino.wait_for("яяя")
    assert follows.text == words
    await pair.olga.edit(said.message_id, "short now")
    changed = await pair.nino.wait_for("short now", edited=True)
    assert changed.message_id == picture.message_id
    assert heading_of(changed) == heading_of(picture)
    assert "яяя" not in "".join((await pair.nino.look()).texts)


async def test_replies_find_the_line_they_answer_with_whatever_they_carry(pair: Pair) -> None:
    asked = await pair.olga.say("this door?", kind="photo")
    seen = await pair.nino.wait_for("this door?")
    await pair.nino.say("", kind="voice", reply_to=seen.message_id)
    answer = await pair.olga.wait_for(kind="voice")
    assert answer.message["reply_to_message"]["message_id"] == asked.message_id
    await pair.olga.say(kind="sticker", reply_to=answer.message_id)
    below = await pair.nino.wait_for("Needs help · ")
    assert "voice" in below.message["reply_to_message"]


async def test_what_cannot_travel_is_refused_with_a_word_of_what_can(pair: Pair) -> None:
    poll = {
        "id": "1", "question": "Who?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
        "type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
    }  # fmt: skip
    await pair.olga.say(kind="poll", content=poll)
    assert "photos" in (await pair.olga.wait_for("cannot pass this on")).text
    await pair.olga.say(kind="dice", content={"emoji": "🎲", "value": 4})
    await pair.olga.wait_for("cannot pass this on")
    await pair.olga.say("", kind="document", file_name="IMG_0001.HEIC")
    await pair.olga.wait_for("ordinary photo")
    await pair.olga.say("after")
    await pair.nino.wait_for("after")
    assert not any(one.message.get("document") for one in (await pair.nino.look()).messages)


async def test_a_card_waits_for_a_yes_and_says_whose_it_is(pair: Pair) -> None:
    await pair.olga.say(kind="contact", content={**CARD, "user_id": pair.olga.id})
    mine = await pair.olga.wait_for("your own phone number")
    await pair.olga.press(mine, "Do not send")
    await pair.olga.wait_for("Not sent", edited=True)
    await pair.olga.say(kind="contact", content=CARD)
    asked = await pair.olga.wait_for("somebody else's number: +995555123456")
    await pair.olga.press(asked, "Send anyway")
    seen = await pair.nino.wait_for("+995555123456")
    assert "Somebody else's phone" in seen.text
    assert "Secretname" not in str(seen.message)
    assert sum("995555" in text for text in (await pair.nino.look()).texts) == 1


async def test_a_file_arrives_under_a_name_that_names_nobody(pair: Pair) -> None:
    await pair.olga.say("the recipe", kind="document", file_name="Secretname passport.pdf", file="JVBERi0xLjQK")
    await pair.olga.press(await pair.olga.wait_for("name of whoever made it"), "Send anyway")
    seen = await pair.nino.wait_for("the recipe", kind="document")
    assert seen.message["document"]["file_name"] == "document.pdf"
    assert "has_protected_content" not in seen.message, "it may be opened at a pharmacy"
    await pair.olga.say(kind="audio", content={"title": "Secretname sings", "performer": "Secretname"})
    song = await pair.nino.wait_for(kind="audio")
    assert "Secretname" not in str(song.message)
    calls = await pair.town.simulator.journal(chat=str(pair.nino.id))
    assert "Secretname" not in str([call.params for call in calls])


async def test_a_file_is_fetched_once_and_waits_for_telegram(pair: Pair) -> None:
    await pair.town.simulator.fault("answer", method="getFile", code=502, description="Bad Gateway")
    await pair.olga.say("the recipe", kind="document", file_name="Secretname.pdf")
    await pair.olga.press(await pair.olga.wait_for("name of whoever made it"), "Send anyway")
    await pair.olga.say("after it")
    seen = await pair.nino.wait_for("the recipe", kind="document", seconds=30)
    assert "repeat" not in seen.text, "nothing of the first attempt can have arrived"
    await pair.nino.wait_for("after it")
    await pair.nino.say("/decline")
    await pair.nino.press(await pair.nino.wait_for("Hand №"), "Yes, hand it back")
    await pair.nino.wait_for("handed")
    lena = await pair.town.person("Lena", provider=pair.scenario)
    await lena.say("/next")
    assert (await lena.wait_for(kind="document")).message["document"]["file_name"] == "document.pdf"
    fetched = [call for call in await pair.town.simulator.journal(method="getFile") if call.code == 200]
    assert len(fetched) == 1
