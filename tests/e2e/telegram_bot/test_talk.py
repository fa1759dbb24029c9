"""What the bot says to people: helpful, in their language, and never silence."""

import pytest

from api.app import running
from api.users.bootstrap_token import issue_bootstrap_token
from e2e.telegram_bot.town import BotInside, Town, made_town
from local_servers import Addresses, Servers
from ports import free_port
from world import World, made_world


@pytest.mark.parametrize(
    ("language", "greeting", "question"),
    [
        ("en", "Hello!", "Which language"),
        ("ru", "Здравствуйте!", "На каком языке"),
        ("uk", "Вітаємо!", "Якою мовою"),
        ("ka", "Hello!", "Which language"),
    ],
)
async def test_everybody_is_met_in_their_language(town: Town, language: str, greeting: str, question: str) -> None:
    person = await town.simulator.person("Somebody", language_code=language)
    await person.start()
    met = await person.wait_for(greeting)
    assert "112" in met.text
    assert "6 " in met.text
    await person.say("/language")
    await person.wait_for(question)


async def test_a_language_is_switched_with_one_tap_for_good(town: Town) -> None:
    person = await town.simulator.person("Somebody", language_code="en")
    await person.start()
    await person.press(await person.wait_for("Hello!"), "Українська")
    await person.wait_for("українською")
    assert (await town.me(person)).user.locale == "uk"
    await person.say("/nonsense")
    await person.wait_for("Такої команди я не знаю")


async def test_help_lists_what_answers_for_this_person(town: Town, world: World) -> None:
    scenario = await world.scenario()
    olga = await town.person("Olga")
    nino = await town.person("Nino", provider=scenario)
    marta = await town.person("Marta", moderator=scenario)
    for person, there, absent in (
        (olga, {"/new", "/close"}, {"/next", "/join"}),
        (nino, {"/new", "/next", "/decline"}, {"/join"}),
        (marta, {"/new", "/join", "/leave"}, {"/next"}),
    ):
        await person.say("/help")
        listed = {line.split(" ")[0] for line in (await person.wait_for("/help")).text.splitlines()}
        assert there <= listed
        assert not absent & listed


async def test_a_place_can_be_typed_and_a_form_left(town: Town, world: World) -> None:
    places = [
        f"{name} {number}"
        for number, name in enumerate(["Riverside", "Oldtown", "Hill", "Harbour", "Station", "Park", "Mill"])
    ]
    for place in places:
        await world.scenario(place, "Food")
        await world.scenario(place, "Water")
    olga = await town.person("Olga")
    await olga.say("/new")
    offered = await olga.wait_for("Where do you need help?")
    assert offered.button_texts[6:] == ["🔎 Search", "Cancel"]
    await olga.say("atlantis")
    await olga.wait_for("I do not know this place")
    await olga.say("mill")
    found = await olga.wait_for("Where do you need help?")
    assert found.button_texts == ["Mill 6", "Cancel"]
    await olga.press(found, "Mill 6")
    resources = await olga.wait_for("What do you need?")
    assert resources.button_texts == ["Food", "Water", "Cancel"]
    await olga.press(resources, "Water")
    await olga.wait_for("Mill 6 · Water")
    await olga.say("", kind="photo")
    asked = await olga.wait_for("Nothing is sent yet")
    await olga.say("/unknown")
    await olga.wait_for("do not know this command")
    await olga.press(asked, "Cancel")
    await olga.wait_for("Nothing was sent")
    await olga.say("hello?")
    await olga.wait_for("you have no open request")
    assert (await town.me(olga)).demands == []


async def test_requests_are_browsed_ten_at_a_time(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    marta = await town.person("Marta", moderator=scenario)
    for number in range(12):
        await world.demand(await world.person(), scenario, f"loaf{number}x")
    await marta.say("/demands")
    first = await marta.wait_for("Requests 1–10")
    assert len(first.button_texts) == 11
    await marta.press(first, "More →")
    second = await marta.wait_for("Requests 11–12", edited=True)
    assert second.message_id == first.message_id
    assert second.button_texts[-1] == "← Back"
    await marta.say("/demands loaf7x")
    found = await marta.wait_for("Requests 1–1")
    await marta.press(found, found.button_texts[0])
    card = await marta.wait_for("loaf7x")
    assert card.button_texts == ["Join"]
    await marta.say("/demands submarine")
    await marta.wait_for("found nothing")


async def test_too_many_open_requests_get_a_sentence(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    olga = await town.person("Olga")
    for number in range(5):
        await town.asks(olga, scenario, f"loaf {number}")
    await town.describes(olga, scenario, "loaf 6")
    await olga.press(await olga.wait_for("Nothing is sent yet"), "Send")
    await olga.wait_for("You have 5 open requests already")
    # What was written is not lost: with one of them closed it can be sent.
    await olga.wait_for("Nothing is sent yet")


async def test_while_the_api_is_away_people_are_told_once_and_nothing_is_lost(
    servers: Addresses, broker: Servers
) -> None:
    async with made_world(servers, broker, serve=False) as world, made_town(world) as town, BotInside(town):
        olga = await town.simulator.person("Olga", language_code="en")
        await olga.start()
        await olga.wait_for("Your message is safe")
        async with running(world.settings, world.stop):
            await olga.wait_for("Here people who need help", seconds=30)
            assert sum("Your message is safe" in text for text in (await olga.look()).texts) == 1


async def test_the_same_over_a_webhook(quiet_town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    port = free_port()
    async with BotInside(
        quiet_town, BOT_MODE="webhook", WEBHOOK_URL=f"http://127.0.0.1:{port}/telegram", WEBHOOK_PORT=str(port),
        WEBHOOK_SECRET="s3cret",
    ):  # fmt: skip
        olga, nino = await quiet_town.person("Olga"), await quiet_town.person("Nino", provider=scenario)
        await quiet_town.asks(olga, scenario, "bread")
        await nino.say("/next")
        await nino.wait_for("You are helping now")
        for number in range(10):
            await olga.say(f"line {number}")
        for number in range(10):
            await nino.wait_for(f"line {number}")
        told = [text.split("\n")[1] for text in (await nino.look()).texts if text.startswith("Needs help")]
        assert told == [f"line {number}" for number in range(10)]


async def test_a_bootstrap_link_makes_an_admin_once(town: Town, world: World) -> None:
    token = await issue_bootstrap_token(str(world.settings.postgres_url))
    olga, nino = await town.person("Olga"), await town.person("Nino")
    await nino.start("admin_" + "x" * len(token))
    await nino.wait_for("cannot find")
    await olga.start(f"admin_{token}")
    await olga.wait_for("You are an administrator now")
    assert (await town.me(olga)).user.is_admin
    await nino.start(f"admin_{token}")
    await nino.wait_for("cannot find")
