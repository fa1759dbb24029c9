"""A volunteer's days: let in, busy, in nine conversations at once; nothing given back by a slip of the finger."""

import asyncio

from contracts.demands import CreateDemand, UpdateDemand
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_UPDATE
from e2e.telegram_bot.town import Town
from telegram_simulator import Person, Seen
from world import Person as Known
from world import World, until


async def known(town: Town, person: Person) -> Known:
    """The same person as the api knows them."""
    return Known(town.world, person.id, (await town.me(person)).user.id)


async def open_next(person: Person) -> Seen:
    """Take the next request and return the message that shows it."""
    await person.say("/next")
    return await person.wait_for("You are helping now")


async def test_who_wants_to_help_is_let_in_by_a_coordinator(town: Town, world: World) -> None:
    food = await world.scenario("Vake", "Food")
    await world.scenario("Vake", "Water")
    marta = await town.person("Marta", moderator=food)
    second = await town.person("Second", moderator=food)
    nino = await town.person("Nino")
    await nino.say("/next")
    await nino.press(await nino.wait_for("You are not a helper here yet"), "I want to help")
    which = await nino.wait_for("Vake. What could you do?")
    assert which.button_texts == ["Food", "Water", "Cancel"]
    presses = await asyncio.gather(*(nino.press(which, "Food") for _ in range(2)))
    assert sorted(press.answer.text for press in presses if press.answer) == ["", "This was already done."]
    await nino.wait_for("Vake · Food: a coordinator will look at it")

    asked = await marta.wait_for("Somebody wants to help: Vake · Food")
    late = await second.wait_for("Somebody wants to help: Vake · Food")
    assert "Nino" not in asked.text
    done = await marta.press(asked, "Let them in")
    assert done.answer is not None
    assert done.answer.text == "Done: they can help now and have been told."
    told = await second.press(late, "Not now")
    assert told.answer is not None
    assert told.answer.show_alert
    assert "decided about this already" in told.answer.text
    approved = await nino.wait_for("You can help now: Vake · Food")
    assert approved.button_texts == ["🤝 Help somebody"]
    await until(lambda: has_command(nino, "next"))
    await nino.press(approved, "Help somebody")
    await nino.wait_for("Nobody is waiting")


async def test_a_place_to_help_in_is_found_by_typing(town: Town, world: World) -> None:
    for place in ("Riverside", "Oldtown", "Hill", "Harbour", "Station", "Park", "Mill"):
        await world.scenario(place, "Food")
    nino = await town.person("Nino")
    await nino.say("/pause")
    await nino.press(await nino.wait_for("You are not a helper here yet"), "I want to help")
    offered = await nino.wait_for("Choose a place, or write its name")
    assert len(offered.button_texts) == 7
    await nino.say("atlantis")
    await nino.wait_for("I found no such place")
    await nino.say("mill")
    which = await nino.wait_for("Mill. What could you do?")
    await nino.press(which, "Food")
    noted = await nino.wait_for("Mill · Food: a coordinator will look at it")
    await nino.press(noted, "Something else too")
    await nino.wait_for("Where could you help?")


async def test_offering_help_keeps_a_request_that_was_begun(town: Town, world: World) -> None:
    await world.scenario("Vake", "Food")
    await world.scenario("Vake", "Water")
    olga = await town.person("Olga")
    await olga.say("/new")
    await olga.press(await olga.wait_for("Vake. What do you need?"), "Food")
    await olga.wait_for(pattern="Vake · Food")
    await olga.say("/next")
    offer = await olga.wait_for("You are not a helper here yet")
    await olga.press(offer, "I want to help")
    await olga.press(await olga.wait_for("What could you do?"), "Cancel")
    await olga.wait_for("I did nothing")
    await olga.press(offer, "I want to help")
    await olga.wait_for("What could you do?")
    await olga.say("water")
    which = await olga.wait_for("What could you do?")
    assert which.button_texts == ["Water", "Cancel"]
    await olga.press(which, "Water")
    await olga.wait_for("a coordinator will look at it")
    await olga.say("bread for two")
    await olga.wait_for("bread for two")


async def test_six_kinds_of_help_are_told_in_one_message(town: Town, world: World) -> None:
    nino = await town.person("Nino")
    here = await known(town, nino)
    scenarios = [await world.scenario("Vake", f"Kind {number}") for number in range(6)]
    for scenario in scenarios:
        await world.assign(here, scenario)

    async def told() -> list[str]:
        return [text for text in (await nino.look()).texts if "You can help now" in text]

    await until(lambda: is_named(nino, "Kind 5"))
    [only] = await told()
    assert [line for line in only.splitlines() if line.startswith("•")] == [f"• Vake · Kind {n}" for n in range(6)]


async def test_a_message_thrown_away_is_said_anew_when_there_is_more_to_say(town: Town, world: World) -> None:
    first, second = await world.scenario("Vake", "Food"), await world.scenario("Vake", "Water")
    nino = await town.person("Nino", provider=first)
    told = next(one for one in (await nino.look()).messages if "You can help now" in one.text)
    await nino.delete(told.message_id)
    await world.assign(await known(town, nino), second)
    anew = await nino.wait_for("Vake · Water")
    assert "• Vake · Food" in anew.text.splitlines()


async def is_named(person: Person, words: str) -> bool:
    return any(words in text for text in (await person.look()).texts)


async def has_command(person: Person, name: str) -> bool:
    return name in [one["command"] for one in (await person.look()).commands]


async def test_nothing_is_handed_back_in_passing(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    olga = await world.person("Olga")
    demand = await world.demand(olga, scenario)
    taken = await open_next(nino)
    await nino.press(taken, "Hand back")
    sure = await nino.wait_for(f"Hand №{demand.number} back? It goes back to its old place")
    await nino.press(sure, "No, I stay")
    await nino.wait_for(f"№{demand.number} stays with you")
    assert len((await town.me(nino)).demands) == 1

    # A yes to a question about how it stood before is no yes to how it stands now.
    await nino.say(f"/decline {demand.number}")
    sure = await nino.wait_for("Hand №")
    changed = UpdateDemand(demand=demand.id, version=(await town.me(nino)).demands[0].version, description="and milk")
    await olga.call(DEMANDS_UPDATE, changed)
    late = await nino.press(sure, "Yes, hand it back")
    assert late.answer is not None
    assert late.answer.show_alert
    sure = await nino.wait_for("Hand №")
    presses = await asyncio.gather(*(nino.press(sure, "Yes, hand it back") for _ in range(3)))
    assert sorted(press.answer.text for press in presses if press.answer) == [
        "", "This was already done.", "This was already done."
    ]  # fmt: skip
    await nino.wait_for("You handed")
    over = await nino.press(taken, "Hand back")
    assert over.answer is not None
    assert over.answer.text == "This request is no longer with you."


async def test_done_asks_which_and_the_requester_once(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    await world.capacity(await known(town, nino), 2)
    first, second = [await world.demand(await world.person("Olga"), scenario) for _ in range(2)]
    await nino.say("/done")
    await nino.wait_for("You are not helping anybody")
    await open_next(nino)
    taken = await open_next(nino)
    await nino.say("/done")
    which = await nino.wait_for("Which request has got its help?")
    await nino.press(which, first.number)
    await nino.wait_for(f"I asked the person of №{first.number}")
    await nino.press(which, first.number)
    await nino.wait_for(f"I have asked about №{first.number} already")
    await nino.press(taken, "Help has arrived")
    await nino.wait_for(f"I asked the person of №{second.number}")
    notices = "SELECT count(*) FROM messages WHERE notice = 'done_asked'"
    assert await world.ledger.fetchval(notices) == 2


async def test_a_helper_who_may_not_close_has_the_person_asked_and_keeps_it(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino, olga = await town.person("Nino", provider=scenario), await town.person("Olga")
    number = await town.asks(olga, scenario, "bread")
    await open_next(nino)
    await nino.say(f"/close {number}")
    await nino.press(await nino.wait_for(f"Is request №{number} over?"), "Yes, it is over")
    await nino.press(await nino.wait_for("Has the help arrived?"), "Help has arrived")
    await nino.wait_for(f"I asked the person of №{number}")
    await olga.wait_for("Did the help reach you?")
    assert [one.number for one in (await town.me(nino)).demands] == [number]


async def test_whoever_is_in_nine_conversations_sees_whose_each_word_is(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    await world.capacity(await known(town, nino), 9)
    people, numbers = [], []
    for at in range(9):
        person = await town.simulator.person(f"Person {at}")
        await person.start()
        await person.wait_for("112")
        request = CreateDemand(scenario=scenario.id, description=f"words {at}")
        created = await world.bot.call(DEMANDS_CREATE, request, actor=f"telegram:{person.id}")
        people.append(person)
        numbers.append(created.number)
        await open_next(nino)
    await nino.say("/current")
    current = await nino.wait_for("You are helping with 9 requests")
    assert f"Plain words go to №{numbers[8]}" in current.text
    assert [text.split(" ")[0] for text in current.button_texts] == [f"№{number}" for number in numbers[:8]]
    await nino.press(current, f"№{numbers[3]}")
    await nino.wait_for(f"goes to №{numbers[3]}")
    await nino.say("for the fourth alone")
    await people[3].wait_for("for the fourth alone")

    for at, person in enumerate(people):
        await person.say(f"it is me, {at}")
        heard = await nino.wait_for(f"it is me, {at}")
        assert heard.text.splitlines()[0].endswith(f"№{numbers[at]}")
    await town.settled()
    await nino.say("/current")
    await nino.wait_for("You are in several conversations")
    await nino.say("to whom?")
    await nino.wait_for("several conversations. Who is this for?")
    for at, person in enumerate(people):
        texts = (await person.look()).texts
        assert ("for the fourth alone" in " ".join(texts)) == (at == 3)
        assert not any("to whom?" in text for text in texts)
