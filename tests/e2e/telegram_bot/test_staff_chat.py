"""A staff chat: cards that say how things stand, and who may do what from them."""

import asyncio
import re

from contracts.demands import SearchDemands
from contracts.operations.demands import DEMANDS_SEARCH
from e2e.telegram_bot.staff_chat import group_of
from e2e.telegram_bot.town import Town
from telegram_simulator import Person
from world import World


async def test_a_card_follows_a_demand_to_its_end(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta = await town.person("Marta", moderator=scenario)
    nino = await town.person("Nino", provider=scenario)
    olga = await town.person("Olga", language="ru")
    group = await group_of(town, marta, nino)
    await group.bind(scenario)
    number = await town.asks(olga, scenario, "My name is Olga, +995555123456")
    card = await group.sees(marta, f"№{number}")
    assert card.text.splitlines()[:2] == [f"№{number} · Saburtalo · Insulin", "⏳ Waiting for a helper"]
    assert card.button_texts == ["🤝 Take", "More…"]
    assert "yours" in await group.presses(nino, card, "🤝 Take")
    assert "№" in (await nino.wait_for("You are helping now")).text
    held = await group.sees(marta, "is helping", edited=True)
    assert (held.message_id, held.button_texts) == (card.message_id, ["More…"])
    await olga.say("/close")
    await olga.press(await olga.wait_for("Вам помогли"), "Да, завершить")
    over = await group.sees(marta, "Closed: help was given", edited=True)
    assert (over.message_id, over.button_texts) == (card.message_id, [])
    assert len([text for text in (await marta.look(chat=group.chat)).texts if number in text]) == 1
    await nobody_is_named(town, group.chat, olga, nino)


async def nobody_is_named(town: Town, chat: int, *people: Person) -> None:
    calls = [call for call in await town.simulator.journal(chat=chat) if call.method.startswith(("send", "edit"))]
    shown = " ".join(f"{call.params}" for call in calls)
    assert calls
    for secret in ("995555", *(str(person.id) for person in people), *(person.facts.first_name for person in people)):
        assert secret not in shown


async def test_of_two_who_press_take_at_once_one_has_it_and_the_other_is_told_why(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Water")
    marta = await town.person("Marta", moderator=scenario)
    helpers = [await town.person(name, provider=scenario) for name in ("Nino", "Taras")]
    olga = await town.person("Olga")
    group = await group_of(town, marta, *helpers)
    await group.bind(scenario)
    number = await town.asks(olga, scenario, "water")
    card = await group.sees(marta, f"№{number}")
    answers = await asyncio.gather(*(group.presses(helper, card, "🤝 Take") for helper in helpers))
    assert sorted("is yours" in answer for answer in answers) == [False, True]
    [refused] = [answer for answer in answers if "is yours" not in answer]
    assert "already" in refused
    assert len([one for helper in helpers for one in (await town.me(helper)).demands]) == 1


async def test_who_never_opened_the_bot_takes_nothing_and_the_group_is_told_why(town: Town, world: World) -> None:
    scenario = await world.scenario("Gldani", "Food")
    marta = await town.person("Marta", moderator=scenario)
    stranger = await town.simulator.person("Vera", language_code="en")
    olga = await town.person("Olga")
    group = await group_of(town, marta, stranger)
    await group.bind(scenario, group_grants_membership=True)
    number = await town.asks(olga, scenario, "bread")
    card = await group.sees(marta, f"№{number}")
    for _ in range(2):
        assert "cannot write to you yet" in await group.presses(stranger, card, "🤝 Take")
    told = await group.sees(marta, "still waiting")
    [[button]] = told.buttons
    link = str(button["url"])
    assert re.fullmatch(r"https://t\.me/\w+\?start=take_[\w-]{22}", link)
    said = [text for text in (await marta.look(chat=group.chat)).texts if "still waiting" in text]
    assert len(said) == 1, "once, however often they press"
    assert await world.ledger.fetchval("SELECT status FROM demands") == "waiting"
    assert await world.ledger.fetchval("SELECT count(*) FROM identities WHERE external_id = $1", str(stranger.id)) == 0

    # The link leads to the bot; the group is trusted with making helpers, which is known there and not in private.
    await stranger.start(link.partition("start=")[2])
    await stranger.wait_for("press Take again in the group")
    assert "is yours" in await group.presses(stranger, card, "🤝 Take")
    await stranger.wait_for("You are helping now")
    await group.sees(marta, "is helping", edited=True)


async def test_who_sent_the_bot_away_takes_nothing_either(town: Town, world: World) -> None:
    scenario = await world.scenario("Isani", "Food")
    marta, nino = await town.person("Marta", moderator=scenario), await town.person("Nino", provider=scenario)
    olga = await town.person("Olga")
    group = await group_of(town, marta, nino)
    await group.bind(scenario)
    number = await town.asks(olga, scenario, "bread")
    card = await group.sees(marta, f"№{number}")
    await nino.block()
    assert "cannot write to you yet" in await group.presses(nino, card, "🤝 Take")
    await group.sees(marta, "still waiting")
    assert await world.ledger.fetchval("SELECT status FROM demands") == "waiting"


async def test_somebody_in_the_group_who_is_no_helper_is_told_so_alone(town: Town, world: World) -> None:
    scenario = await world.scenario("Didube", "Food")
    marta, ivan, olga = (
        await town.person("Marta", moderator=scenario),
        await town.person("Ivan"),
        await town.person("Olga"),
    )
    group = await group_of(town, marta, ivan)
    await group.bind(scenario)
    number = await town.asks(olga, scenario, "bread")
    card = await group.sees(marta, f"№{number}")
    before = len((await marta.look(chat=group.chat)).texts)
    assert "do not help with this yet" in await group.presses(ivan, card, "🤝 Take")
    assert "Only coordinators" in await group.presses(ivan, card, "More…")
    assert len((await marta.look(chat=group.chat)).texts) == before
    found = await world.bot.call(DEMANDS_SEARCH, SearchDemands(), actor=f"telegram:{marta.id}")
    assert [one.status for one in found.items] == ["waiting"]


async def test_what_people_say_in_the_group_is_theirs(town: Town, world: World) -> None:
    scenario = await world.scenario("Nadzaladevi", "Food")
    marta, olga = await town.person("Marta", moderator=scenario), await town.person("Olga")
    group = await group_of(town, marta, olga)
    number = await town.asks(olga, scenario, "bread")
    await marta.say(f"/join {number}")
    await marta.wait_for("You joined")
    await olga.say("this is for my friends", chat=group.chat)
    await marta.say("/new", chat=group.chat)
    await marta.say("/chatid", chat=group.chat)
    await group.sees(olga, f"This chat's number is {group.chat}")
    assert not any("friends" in text for text in (await marta.look()).texts)
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'") == 0
