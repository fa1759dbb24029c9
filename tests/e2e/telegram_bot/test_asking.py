"""Asking for help: four actions to the queue, whatever one writes, and nothing leaves the chat before Send."""

import asyncio

import pytest

from contracts.demands import GetDemand
from contracts.kinds import DemandStatus
from contracts.operations.demands import DEMANDS_GET
from e2e.telegram_bot.town import BotInside, Town
from telegram_simulator import Person, Seen
from world import World

NOTHING_YET = "Nothing is sent yet"


async def two_places(world: World) -> None:
    for place in ("Vake", "Isani"):
        await world.scenario(place, "Food")
        await world.scenario(place, "Water")


async def card_of(person: Person) -> Seen:
    return await person.wait_for(NOTHING_YET)


@pytest.mark.parametrize(
    ("language", "greeting", "where", "what", "words", "send"),
    [
        ("en", "Hello!", "Where do you need", "What do you need", "Nothing is sent yet", "Send"),
        ("ru", "Здравствуйте!", "Где нужна помощь", "Что вам нужно", "Пока ничего не отправлено", "Отправить"),
        ("uk", "Вітаємо!", "Де потрібна допомога", "Що вам потрібно", "Поки нічого не надіслано", "Надіслати"),
    ],
)
async def test_from_start_it_takes_four_actions_to_the_queue(  # noqa: PLR0917 - what is said in a language
    town: Town, world: World, language: str, greeting: str, where: str, what: str, words: str, send: str
) -> None:
    await two_places(world)
    olga = await town.simulator.person("Ольга", language_code=language)
    await olga.start()
    met = await olga.wait_for(greeting)
    assert "112" in met.text
    assert {"English", "Русский", "Українська"} <= set(met.button_texts)
    await olga.press(await olga.wait_for(where), "Vake")
    await olga.press(await olga.wait_for(what), "Water")
    await olga.wait_for("Vake · Water")
    await olga.say("Нам нужна вода 💧 <b>")
    card = await olga.wait_for(words)
    assert "Нам нужна вода 💧 <b>" in card.text
    assert (await town.me(olga)).demands == []
    assert await world.ledger.fetchval("SELECT count(*) FROM demands") == 0
    await olga.press(card, send)
    received = await olga.wait_for(pattern="№[0-9A-Z]+")
    [line] = (await town.me(olga)).demands
    assert (line.place, line.resource, line.status) == ("Vake", "Water", DemandStatus.WAITING)
    assert line.number in received.text
    asked = await world.bot.call(DEMANDS_GET, GetDemand(demand=line.id), actor=f"telegram:{olga.id}")
    assert asked.description == "Нам нужна вода 💧 <b>"


async def test_several_messages_of_every_kind_are_one_request_and_arrive_in_order(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Medicine")
    olga, nino = await town.person("Olga"), await town.person("Nino", provider=scenario)
    await town.describes(olga, scenario, "My mother needs insulin")
    await card_of(olga)
    said = await olga.say("She is 70")
    first = await card_of(olga)
    await olga.edit(said.message_id, "She is 71")
    await olga.wait_for("She is 71")
    await olga.say("this is the packet", kind="photo")
    await card_of(olga)
    await olga.album(["photo", "photo"], "and the prescription")
    await olga.wait_for("2 more messages")
    await olga.say(kind="voice")
    card = await olga.wait_for("3 more messages")
    assert "My mother needs insulin\n\nShe is 71\n\nthis is the packet" in card.text
    # There is one card at a time, and an older one is gone.
    screen = await olga.look()
    assert sum(NOTHING_YET in text for text in screen.texts) == 1
    assert first.message_id not in {seen.message_id for seen in screen.messages}
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'") == 0

    await olga.press(card, "Send")
    await olga.wait_for(pattern="№[0-9A-Z]+ is in")
    assert not any("Whoever takes your request" in text for text in (await olga.look()).texts)
    await nino.say("/next")
    taken = await nino.wait_for("You are helping now")
    assert "My mother needs insulin\n\nShe is 71" in taken.text
    await nino.wait_for("this is the packet", kind="photo")
    await nino.wait_for("and the prescription", kind="photo")
    await nino.wait_for(kind="voice")


async def test_each_update_twice_and_send_pressed_three_times_make_one_request(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    olga = await town.person("Olga")
    await town.describes(olga, scenario, "bread")
    await card_of(olga)
    await town.simulator.repeat_update()
    await olga.say(kind="photo")
    card = await olga.wait_for("1 more message")
    await town.simulator.repeat_update()
    await asyncio.gather(*(olga.press(card, "Send") for _ in range(3)))
    await town.simulator.repeat_update()
    await olga.wait_for(pattern="№[0-9A-Z]+ is in")
    await olga.say("/whoami")
    await olga.wait_for("You are in 1 open request")
    assert await world.ledger.fetchval("SELECT count(*) FROM demands") == 1
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'") == 1


async def test_everything_can_be_changed_before_it_is_sent(town: Town, world: World) -> None:
    await two_places(world)
    olga = await town.person("Olga")
    await olga.press(await olga.wait_for("Where do you need"), "Vake")
    await olga.press(await olga.wait_for("What do you need"), "Food")
    await olga.wait_for("Now write")
    await olga.say("bread")
    first = await card_of(olga)
    await olga.press(first, "Change")
    changing = await olga.wait_for(button="Another place", edited=True)
    assert changing.message_id == first.message_id
    await olga.press(changing, "← Back")
    await olga.wait_for(button="Send", edited=True)
    await olga.press(first, "Change")
    await olga.press(await olga.wait_for(button="Another place", edited=True), "Another place")
    await olga.press(await olga.wait_for("Where do you need"), "Isani")
    await olga.press(await olga.wait_for("What do you need"), "Water")
    second = await olga.wait_for("Isani · Water")
    assert "bread" in second.text
    await olga.press(second, "Change")
    await olga.press(await olga.wait_for(button="Write it anew", edited=True), "Write it anew")
    await olga.wait_for("Now write")
    await olga.say("water, please")
    third = await card_of(olga)
    assert "bread" not in third.text
    await olga.press(third, "Cancel")
    await olga.wait_for("Nothing was sent")
    # An old card does nothing any more.
    assert (await town.me(olga)).demands == []
    await olga.say("hello?")
    await olga.wait_for("you have no open request")


async def test_commands_and_odd_messages_in_the_middle_keep_the_form(town: Town, world: World) -> None:
    await two_places(world)
    olga = await town.person("Olga")
    await olga.say("/new")
    await olga.wait_for("Where do you need")
    await olga.say(kind="photo")
    await olga.wait_for("First finish the question above")
    for command, answer in (("/help", "/whoami"), ("/whoami", "Language: English"), ("/phone", "need not give it"),
                            ("/close", "no open requests"), ("/nonsense", "do not know this command")):  # fmt: skip
        await olga.say(command)
        await olga.wait_for(answer)
    await olga.say("atlantis")
    await olga.wait_for("do not know this place yet")
    await olga.say("vake")
    await olga.wait_for("What do you need")
    await olga.say("watr")
    await olga.wait_for("do not know this kind of help here")
    await olga.say("water")
    await olga.wait_for("Now write")
    await olga.say("two bottles")
    await card_of(olga)
    await olga.say("/language")
    await olga.press(await olga.wait_for("Which language"), "Українська")
    card = await olga.wait_for("Поки нічого не надіслано")
    assert "two bottles" in card.text
    await olga.say("/start")
    card = await olga.wait_for("Поки нічого не надіслано")
    await olga.press(card, "Надіслати")
    await olga.wait_for("прийнято")
    assert len((await town.me(olga)).demands) == 1


async def test_places_and_kinds_of_help_used_last_come_first_and_six_at_most(town: Town, world: World) -> None:
    for number in range(8):
        for kind in range(8):
            await world.scenario(f"Place {number}", f"Kind {kind}")
    olga = await town.person("Olga")
    await olga.wait_for("Where do you need")
    await olga.say("/new")
    asked = await olga.wait_for("Choose a place, or write its name")
    assert asked.button_texts == [*(f"Place {number}" for number in range(6)), "🔎 Search", "Cancel"]
    await olga.say("place 7")
    asked = await olga.wait_for("Choose it, or write it")
    assert asked.button_texts == [*(f"Kind {kind}" for kind in range(6)), "🔎 Search", "Cancel"]
    await olga.say("kind 6")
    await olga.wait_for("Now write")
    await olga.say("please")
    await olga.press(await card_of(olga), "Send")
    await olga.wait_for(pattern="№[0-9A-Z]+ is in")
    # Also when only the ledger remembers it.
    for key in [key async for key in town.redis.scan_iter(match=f"telegram:{town.bot_id}:step:*")]:
        await town.redis.delete(key)
    await olga.say("/new")
    asked = await olga.wait_for("Where do you need")
    assert asked.button_texts[:6] == ["Place 7", *(f"Place {number}" for number in range(5))]
    await olga.press(asked, "Place 7")
    asked = await olga.wait_for("What do you need")
    assert asked.button_texts[:6] == ["Kind 6", *(f"Kind {kind}" for kind in range(5))]


async def test_what_tells_who_somebody_is_is_said_on_the_card(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    olga = await town.person("Olga")
    await town.describes(olga, scenario, "call me at +995 555 12 34 56 or @olga_here")
    card = await card_of(olga)
    assert "looks like a phone number" in card.text
    assert "a @name in it" in card.text


async def test_a_scenario_has_its_own_emergency_number_and_a_language_too(quiet_town: Town, world: World) -> None:
    await world.scenario("Vake", "Doctor", payload={"emergency_number": "+995 032"})
    async with BotInside(quiet_town, EMERGENCY_NUMBERS="uk=103,ru=101"):
        for language, number in (("en", "112"), ("uk", "103"), ("ru", "101")):
            person = await quiet_town.simulator.person("Somebody", language_code=language)
            await person.start()
            assert number in (await person.wait_for(button="English", seconds=30)).text
            await person.press(await person.wait_for(button="Doctor"), "Doctor")
            assert "+995 032" in (await person.wait_for("Vake · Doctor")).text


async def test_a_similar_request_is_pointed_out_and_no_obstacle(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    olga = await town.person("Olga")
    first = await town.asks(olga, scenario, "bread and milk for two children")
    await town.describes(olga, scenario, "milk and bread for two children")
    await olga.press(await card_of(olga), "Send")
    same = await olga.wait_for("much the same words")
    assert f"№{first}" in same.text
    await olga.press(same, f"Show №{first}")
    await olga.wait_for("bread and milk")
    assert len((await town.me(olga)).demands) == 2
