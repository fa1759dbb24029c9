"""An album arrives as one album, whatever happens on its way; nothing of it is lost, nothing comes twice."""

from collections import Counter
from pathlib import Path

import pytest

from e2e.telegram_bot.pair import Pair, talking
from e2e.telegram_bot.town import BotProcess, Town
from ports import free_port
from telegram_simulator import Person, Seen
from world import World, until


@pytest.fixture
async def pair(town: Town, world: World) -> Pair:
    return await talking(town, world)


async def album(person: Person, many: int) -> list[Seen]:
    """The next messages of others with a file, as they stand in the chat."""
    first = await person.wait_for(kind="photo")
    shown = [first, *[await person.wait_for(kind="photo") for _ in range(many - 1)]]
    assert len({one.message.get("media_group_id") for one in shown}) == 1
    assert "media_group_id" in first.message
    return shown


async def test_an_album_stays_one_with_the_words_of_all_its_pictures(pair: Pair) -> None:
    said = await pair.olga.album(["photo", "video", "photo"], captions=["one", "", "three 💉"])
    await pair.olga.say("after it")
    first = await pair.nino.wait_for("one", kind="photo")
    assert first.text.partition("\n")[2] == "one\n\nthree 💉"
    await pair.nino.wait_for("after it")
    shown = [one for one in (await pair.nino.look()).messages if "media_group_id" in one.message]
    assert [kind for one in shown for kind in ("photo", "video") if kind in one.message] == ["photo", "video", "photo"]
    assert len({one.message["media_group_id"] for one in shown}) == 1

    # The edit of one caption leaves the others' alone; an answer to any picture is an answer to the album.
    await pair.olga.edit(said[2].message_id, "four")
    changed = await pair.nino.wait_for("four", edited=True)
    assert changed.message_id == first.message_id
    assert changed.text.partition("\n")[2] == "one\n\nfour"
    await until(
        lambda: pair.world.ledger.fetchval(
            "SELECT count(*) = 1 FROM deliveries WHERE kind = 'edit' AND status = 'sent'"
        )
    )
    under = [
        one.text.partition("\n")[2] for one in (await pair.nino.look()).messages if "media_group_id" in one.message
    ]
    assert under == ["one\n\nfour", "", ""], "the words stand under the first picture only"
    await pair.nino.say("which?", reply_to=shown[1].message_id)
    answer = await pair.olga.wait_for("which?")
    assert answer.message["reply_to_message"]["message_id"] == said[0].message_id
    await pair.olga.say("that one", reply_to=said[2].message_id)
    pointed = await pair.nino.wait_for("that one")
    assert pointed.message["reply_to_message"]["message_id"] == first.message_id


async def test_a_picture_that_comes_late_goes_where_its_album_went(pair: Pair) -> None:
    said = await pair.olga.album(["photo", "photo"], "two")
    await pair.nino.wait_for("two")
    group = said[0].message["media_group_id"]
    await pair.olga.say("late", kind="photo", extra={"media_group_id": group})
    await pair.nino.wait_for("late", kind="photo")
    await until(lambda: pair.world.ledger.fetchval("SELECT count(*) = 2 FROM messages WHERE kind = 'message'"))


async def test_an_album_asks_once_which_conversation_it_is_for(town: Town, world: World) -> None:
    scenario = await world.scenario("Didube", "Doctor")
    olga, ivan = await town.person("Olga"), await town.person("Ivan")
    nino = await town.person("Nino", provider=scenario)
    await world.ledger.execute("UPDATE users SET capacity = 2 WHERE id = $1", (await town.me(nino)).user.id)
    first = await town.asks(olga, scenario, "for Olga")
    await town.asks(ivan, scenario, "for Ivan")
    for _ in range(2):
        await nino.say("/next")
        await nino.wait_for("You are helping now")
    await ivan.say("hello")
    await nino.wait_for("hello")
    await olga.say("are you there?")
    heard = await nino.wait_for("are you there?")
    await nino.album(["photo", "photo"], "mine")
    which = await nino.wait_for("several conversations")
    await nino.say("", kind="voice")
    await nino.press(which, next(text for text in which.button_texts if first in text))
    await nino.wait_for("Sent 2 messages")
    assert len(await album(olga, 2)) == 2
    await olga.wait_for(kind="voice")
    # An answer knows where it belongs, whatever was chosen last.
    await ivan.say("and me?")
    await nino.wait_for("and me?")
    await nino.album(["photo", "photo"], "answer", reply_to=heard.message_id)
    await album(olga, 2)
    assert not any(one.message.get("photo") for one in (await ivan.look()).messages)


async def test_killed_in_the_middle_of_an_album_it_is_still_one_and_comes_once(
    hasty_town: Town, tmp_path: Path
) -> None:
    bot = BotProcess(hasty_town, tmp_path, free_port())
    await bot.start()
    try:
        pair = await talking(hasty_town, hasty_town.world)
        # Telegram repeats what it was told of twice; the bot dies while it waits for more of the album, twice over.
        said = await pair.olga.album(["photo", "photo", "photo"], "three")
        await until(lambda: hasty_town.redis.exists(f"telegram:{hasty_town.bot_id}:step:{pair.olga.id}"))
        await bot.kill()
        await bot.start()
        await hasty_town.simulator.repeat_update()
        first = await pair.nino.wait_for("three", kind="photo", seconds=60)
        await pair.olga.say("after")
        await pair.nino.wait_for("after", seconds=60)
        screen = await pair.nino.look()
        shown = [one for one in screen.messages if one.message.get("photo")]
        # What may have arrived when it died, as it had already begun to send, is sent once more and says so.
        flagged = any("may be a repeat" in text for text in screen.texts)
        albums = Counter(one.message["media_group_id"] for one in shown)
        assert set(albums.values()) == {len(said)}
        assert len(albums) <= 1 + flagged
        assert next(iter(albums)) == first.message["media_group_id"]
    finally:
        await bot.stop()
