"""What people change, take back and react to in their own Telegram reaches the others; what waits for a yes waits."""

from pathlib import Path

import pytest

from contracts.demands import CloseDemand
from contracts.messages import SearchMessages
from contracts.operations.demands import DEMANDS_CLOSE
from contracts.operations.messages import MESSAGES_SEARCH
from e2e.telegram_bot.pair import Pair, talking
from e2e.telegram_bot.town import BotProcess, Town
from ports import free_port
from telegram_simulator import Person
from world import OPERATOR, World, until

PHONE = "+995 555 12 34 56"


@pytest.fixture
async def pair(town: Town, world: World) -> Pair:
    return await talking(town, world)


async def shown(person: Person, message_id: int) -> list[str]:
    [seen] = [one for one in (await person.look()).messages if one.message_id == message_id]
    return [str(one["emoji"]) for made in seen.reactions.values() for one in made]


async def test_an_edit_arrives_as_an_edit_and_staff_keep_what_was_said_before(pair: Pair) -> None:
    said = await pair.olga.say("house 6")
    seen = await pair.nino.wait_for("house 6")
    await pair.olga.edit(said.message_id, "house 9")
    changed = await pair.nino.wait_for("house 9", edited=True)
    assert changed.message_id == seen.message_id
    said_back = await pair.nino.say("coming", reply_to=seen.message_id)
    copy = await pair.olga.wait_for("coming")
    await pair.nino.edit(said_back.message_id, "coming at 5")
    assert (await pair.olga.wait_for("coming at 5", edited=True)).message_id == copy.message_id
    page = await pair.call(pair.olga, MESSAGES_SEARCH, SearchMessages(demand=pair.demand.id))
    [line] = [one for one in page.items if one.text == "house 9"]
    asked = SearchMessages(demand=pair.demand.id, versions_of=line.id)
    versions = await pair.world.operator.call(MESSAGES_SEARCH, asked, actor=OPERATOR)
    assert [one.text for one in versions.items] == ["house 6"]


async def test_an_edit_after_the_end_says_that_nobody_sees_it(pair: Pair) -> None:
    said = await pair.olga.say("house 6")
    await pair.nino.wait_for("house 6")
    await pair.call(pair.olga, DEMANDS_CLOSE, CloseDemand(demand=pair.demand.id))
    await pair.olga.edit(said.message_id, "house 9")
    await pair.olga.wait_for("do not see the change any more")
    assert "house 9" not in "".join((await pair.nino.look()).texts)


async def test_what_has_not_gone_out_yet_goes_out_as_it_reads_now(town: Town, world: World) -> None:
    scenario = await world.scenario("Didube", "Doctor")
    olga, ivan = await town.person("Olga"), await town.person("Ivan")
    nino = await town.person("Nino", provider=scenario)
    await world.ledger.execute("UPDATE users SET capacity = 2 WHERE id = $1", (await town.me(nino)).user.id)
    first = await town.asks(olga, scenario, "for Olga")
    await town.asks(ivan, scenario, "for Ivan")
    for _ in range(2):
        await nino.say("/next")
        await nino.wait_for("You are helping now")
    await olga.say("are you there?")
    await nino.wait_for("are you there?")
    said = await nino.say("at 5")
    unwanted = await nino.say("oh no")
    which = await nino.wait_for("several conversations")
    await nino.edit(said.message_id, "at 6")
    await nino.say("/takeback", reply_to=unwanted.message_id)
    await nino.wait_for("never went out")
    await nino.press(which, next(text for text in which.button_texts if first in text))
    await olga.wait_for("at 6")
    await nino.say("after")
    await olga.wait_for("after")
    assert not any("at 5" in text or "oh no" in text for text in (await olga.look()).texts)


async def test_reactions_go_both_ways_and_away(pair: Pair) -> None:
    said = await pair.olga.say("thank you")
    copy = await pair.nino.wait_for("thank you")
    await pair.nino.react(copy.message_id, "🙏")
    await until(lambda: _shows(pair.olga, said.message_id, ["🙏"]))
    await pair.nino.react(copy.message_id)
    await until(lambda: _shows(pair.olga, said.message_id, []))
    await pair.nino.react(copy.message_id, custom_emoji="5368324170671202286")
    await pair.nino.wait_for("ordinary reactions")
    await pair.nino.react(copy.message_id, "👍")
    await until(lambda: _shows(pair.olga, said.message_id, ["👍"]))
    picture = await pair.olga.say("look", kind="photo")
    shows = await pair.nino.wait_for("look")
    await pair.nino.react(shows.message_id, "❤")
    await until(lambda: _shows(pair.olga, picture.message_id, ["❤"]))
    await pair.call(pair.olga, DEMANDS_CLOSE, CloseDemand(demand=pair.demand.id))
    await pair.nino.react(shows.message_id, "🔥")
    await pair.nino.wait_for("do not see your reaction")


async def _shows(person: Person, message_id: int, emoji: list[str]) -> bool:
    return await shown(person, message_id) == emoji


async def test_what_is_taken_back_leaves_the_other_chat(pair: Pair) -> None:
    words = await pair.olga.say("my door code is 4711")
    seen = await pair.nino.wait_for("4711")
    await pair.nino.say("/takeback", reply_to=seen.message_id)
    await pair.nino.wait_for("Only whoever wrote")
    await pair.olga.say("/takeback")
    await pair.olga.wait_for("answer your own message")
    await pair.olga.say("/takeback", reply_to=words.message_id)
    await pair.olga.wait_for("Taken back")
    assert (await pair.nino.wait_for("4711", deleted=True, after=0)).message_id == seen.message_id
    album = await pair.olga.album(["photo", "photo"], "my face")
    await pair.nino.wait_for("my face")
    await pair.olga.say("/takeback", reply_to=album[1].message_id)
    await pair.olga.wait_for("Taken back")
    await until(lambda: _has_no_photo(pair.nino))


async def test_a_picture_too_old_to_be_removed_loses_its_words_and_its_reader_is_told(pair: Pair) -> None:
    said = await pair.olga.say("my door", kind="photo")
    seen = await pair.nino.wait_for("my door")
    await pair.town.simulator.fault(
        "answer", method="deleteMessage", chat_id=pair.nino.id, code=400, description="Bad Request: message can't be deleted"
    )  # fmt: skip
    await pair.olga.say("/takeback", reply_to=said.message_id)
    emptied = await pair.nino.wait_for("taken back", edited=True)
    assert emptied.message_id == seen.message_id
    told = await pair.nino.wait_for("was taken back. Please")
    assert told.message["reply_to_message"]["message_id"] == seen.message_id
    assert "my door" not in "".join((await pair.nino.look()).texts)


async def _has_no_photo(person: Person) -> bool:
    return not any("photo" in one.message for one in (await person.look()).messages)


async def test_what_tells_who_somebody_is_waits_for_their_yes_through_a_restart(
    hasty_town: Town, tmp_path: Path
) -> None:
    bot = BotProcess(hasty_town, tmp_path, free_port())
    await bot.start()
    try:
        pair = await talking(hasty_town, hasty_town.world)
        said = await pair.olga.say(f"call {PHONE} or write @olga_secret")
        asked = await pair.olga.wait_for("phone number")
        assert "@name" in asked.text
        assert asked.message["reply_to_message"]["message_id"] == said.message_id
        await pair.olga.say("a caption with olga@example.org", kind="photo")
        other = await pair.olga.wait_for("e-mail")
        await pair.olga.say("nothing special")
        await pair.nino.wait_for("nothing special", seconds=30)
        assert not any("+995" in text or "example" in text for text in (await pair.nino.look()).texts)

        await bot.kill()
        await bot.start()
        await pair.olga.edit(said.message_id, f"please call {PHONE}")
        await pair.olga.press(asked, "Send anyway", seconds=0)
        await pair.olga.press(asked, "Send anyway", seconds=0)
        await pair.olga.press(other, "Do not send", seconds=0)
        seen = await pair.nino.wait_for("please call", seconds=30)
        assert PHONE in seen.text
        assert "@olga_secret" not in seen.text
        await pair.olga.wait_for("Not sent", edited=True, seconds=30)

        # An edit may tell as much as a message.
        line = await pair.olga.say("house 6")
        await pair.nino.wait_for("house 6")
        await pair.olga.edit(line.message_id, "house 6, t.me/olga_secret")
        asked = await pair.olga.wait_for("link to somebody's page", seconds=30)
        assert "t.me" not in "".join((await pair.nino.look()).texts)
        await pair.olga.press(asked, "Send anyway", seconds=0)
        await pair.nino.wait_for("t.me/olga_secret", edited=True, seconds=30)
        texts = (await pair.nino.look()).texts
        assert [sum(words in text for text in texts) for words in ("please call", "example.org", "house 6")] == [
            1,
            0,
            1,
        ]
    finally:
        await bot.stop()


async def test_the_edit_of_what_was_asked_for_changes_the_request(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Medicine")
    olga, nino = await town.person("Olga"), await town.person("Nino", provider=scenario)
    number = await town.asks(olga, scenario, "insulin for two")
    [said] = [one for one in (await olga.look()).messages if one.mine and one.text == "insulin for two"]
    await olga.edit(said.message_id, "insulin for three")
    await olga.wait_for(f"№{number} now says")
    await nino.say("/next")
    assert "insulin for three" in (await nino.wait_for("You are helping now")).text
    await olga.edit(said.message_id, "insulin for four")
    await nino.wait_for("insulin for four")
