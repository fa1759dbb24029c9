"""Everything people send each other arrives as what it was."""

import pytest

from e2e.telegram_bot.pair import Pair, talking
from e2e.telegram_bot.town import Town
from world import World

CAPTIONED = ("photo", "video", "voice", "audio", "animation")


@pytest.fixture
async def pair(town: Town, world: World) -> Pair:
    return await talking(town, world)


@pytest.mark.parametrize("kind", CAPTIONED)
async def test_a_file_arrives_with_its_words_under_a_heading(pair: Pair, kind: str) -> None:
    await pair.olga.say("look **here** 💉", kind=kind, entities=[{"type": "bold", "offset": 14, "length": 2}])
    seen = await pair.nino.wait_for("look", kind=kind)
    heading, _, words = seen.text.partition("\n")
    assert heading.startswith("Needs help · ")
    assert words == "look **here** 💉"
    bold = [one for one in seen.message["caption_entities"] if one["type"] == "bold"]
    assert [one["offset"] for one in bold] == [0, len(heading) + 1 + 14]


@pytest.mark.parametrize("kind", ["sticker", "video_note"])
async def test_what_no_words_can_stand_under_follows_a_heading(pair: Pair, kind: str) -> None:
    await pair.olga.say(kind=kind)
    heading = await pair.nino.wait_for("Needs help · ")
    seen = await pair.nino.wait_for(kind=kind)
    assert seen.message_id > heading.message_id
