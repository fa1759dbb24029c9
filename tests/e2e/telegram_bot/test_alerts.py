"""Alerts and what follows them, as volunteers see it: the api is made to owe each, what makes it so is elsewhere."""

import asyncio
import json
from typing import Any

from contracts.demands import Created
from contracts.scenarios import Scenario
from e2e.telegram_bot.town import Town
from telegram_simulator import Person, PressAnswer
from world import World, until

OFFER = "SELECT owe_offer_v1($1, $2, interval '10 minutes', '')"
OWE = "SELECT owe_v1($1, $2, NULL, $3, $4, '')"


async def asked(town: Town, scenario: Scenario, words: str = "Insulin", *, locale: str = "uk") -> Created:
    """Somebody asks for help."""
    return await town.world.demand(await town.world.person("Olga", locale=locale), scenario, words)


async def alert(town: Town, demand: Created, *people: Person) -> None:
    """The api owes these people an alert."""
    users = [(await town.me(person)).user.id for person in people]
    await town.world.ledger.fetchval(OFFER, demand.id, users)


async def owe(town: Town, person: Person, notice: str, data: dict[str, Any], demand: Created | None = None) -> None:
    """The api owes somebody a notice."""
    user = (await town.me(person)).user.id
    await town.world.ledger.fetchval(OWE, [user], demand and demand.id, notice, json.dumps(data))


def said(press: PressAnswer) -> str:
    assert press.answer is not None
    return press.answer.text


async def test_an_alert_is_taken_by_one_and_gone_for_the_others(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Medicine")
    nino, taras, lena = [await town.person(name, provider=scenario) for name in ("Nino", "Taras", "Lena")]
    demand = await asked(town, scenario)
    await alert(town, demand, nino, taras, lena)
    shown = [await person.wait_for("Can you help?") for person in (nino, taras, lena)]
    assert f"№{demand.number} · Vake · Medicine" in shown[0].text
    assert "Waiting for 0 minutes" in shown[0].text
    assert "writes in Українська" in shown[0].text
    assert "Insulin" in shown[0].text

    presses = await asyncio.gather(*(
        person.press(card, "I can help") for person, card in zip((nino, taras), shown[:2], strict=True)
    ))  # fmt: skip
    assert sorted(map(said, presses)) == ["", "Somebody is already helping here. Thank you!"]
    late = next(press.answer for press in presses if said(press))
    assert late is not None
    assert late.show_alert
    seats = [person for person, press in zip((nino, taras), presses, strict=True) if not said(press)]
    await seats[0].wait_for("You are helping now")
    assert [one.number for one in (await town.me(seats[0])).demands] == [demand.number]

    gone = await lena.wait_for("somebody is already helping here", edited=True)
    assert gone.message_id == shown[2].message_id
    assert gone.button_texts == []
    assert "Insulin" not in gone.text
    own = await seats[0].wait_for("is with you now", edited=True, after=0)
    assert own.button_texts == []


async def test_who_threw_an_alert_away_hears_nothing_more_of_it(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    demand = await asked(town, scenario)
    await alert(town, demand, nino)
    shown = await nino.wait_for("Can you help?")
    await nino.delete(shown.message_id)
    taras = await town.person("Taras", provider=scenario)
    await taras.say("/next")
    await taras.wait_for("You are helping now")
    card = "SELECT status FROM deliveries WHERE kind = 'card' AND notice = 'offered' AND settled_at IS NOT NULL"
    assert await until(lambda: world.ledger.fetchval(card)) == "sent"
    assert not any(demand.number in text for text in (await nino.look()).texts)


async def test_not_for_me_is_for_good_and_a_pressed_button_does_nothing_twice(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    demand = await asked(town, scenario)
    await alert(town, demand, nino)
    shown = await nino.wait_for("Can you help?")
    presses = await asyncio.gather(*(nino.press(shown, "Not for me") for _ in range(3)))
    assert sorted(map(said, presses)) == ["", "This was already done.", "This was already done."]
    noted = await nino.wait_for("is not for you", edited=True)
    assert noted.button_texts == []
    await nino.say("/next")
    await nino.wait_for("Nobody is waiting")
    assert await world.ledger.fetchval("SELECT count(*) FROM participants WHERE declined_at IS NOT NULL") == 1


async def test_an_alert_that_is_over_says_so_and_what_is_theirs_is_not_given_back_by_it(
    town: Town, world: World
) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    demand = await asked(town, scenario)
    await alert(town, demand, nino)
    shown = await nino.wait_for("Can you help?")
    # Taken by /next in the same breath: the alert's own buttons come too late, and the wrong one harms nobody.
    await nino.say("/next")
    press = await nino.press(shown, "Not for me")
    assert said(press) == "This request is with you already."
    assert [one.number for one in (await town.me(nino)).demands] == [demand.number]


async def test_with_full_hands_an_alert_names_what_is_held_and_can_be_taken_later(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    first = await asked(town, scenario)
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    second = await asked(town, scenario)
    await alert(town, second, nino)
    shown = await nino.wait_for("Can you help?")
    press = await nino.press(shown, "I can help")
    assert f"№{first.number}" in said(press)
    await nino.say("/decline")
    await nino.press(await nino.wait_for("Hand №"), "Yes, hand it back")
    await nino.wait_for("You handed")
    await nino.press(shown, "I can help")
    taken = await nino.wait_for("You are helping now")
    assert second.number in taken.text


async def test_the_first_line_is_sent_once_in_the_language_of_whoever_asked(town: Town, world: World) -> None:
    scenario = await world.scenario()
    olga = await town.person("Ольга", language="uk")
    nino = await town.person("Nino", provider=scenario)
    number = await town.asks(olga, scenario, "Інсулін")
    await nino.say("/next")
    taken = await nino.wait_for("You are helping now")
    line = "Вітаю, я на зв'язку. Що найпотрібніше?"
    assert line in taken.text
    assert "(“Hello, I'm here. What do you need first?”)" in taken.text
    presses = await asyncio.gather(*(nino.press(taken, "Send this line") for _ in range(2)))
    assert sorted(map(said, presses)) == ["", "This was already done."]
    await nino.wait_for(f"Sent to №{number}.")
    heard = await olga.wait_for(line)
    assert heard.text.startswith("Помічник ")
    aliases = [
        text.partition("You know them as ")[2] for text in (await nino.look()).texts if "You know them as" in text
    ]
    assert aliases[0].partition("they know you as ")[2].startswith(heard.text.split(" ")[1])
    assert [text for text in (await olga.look()).texts if line in text] == [heard.text]
    left = next(one for one in (await nino.look()).messages if one.message_id == taken.message_id)
    assert left.button_texts == ["Help has arrived", "Hand back"]


async def test_a_nudge_is_answered_by_one_tap_and_a_lapse_is_told_kindly(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    demand = await asked(town, scenario, locale="ru")
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    await owe(town, nino, "nudged", {"minutes": 10, "left": 20}, demand)
    nudge = await nino.wait_for(f"You took №{demand.number} 10 minutes ago")
    assert "In 20 minutes" in nudge.text
    await nino.press(nudge, "Send this line")
    await nino.wait_for("Sent to №")
    assert await world.ledger.fetchval("SELECT text FROM messages WHERE kind = 'message'") == (
        "Здравствуйте, я на связи. Что нужнее всего?"
    )
    await owe(town, nino, "lapsed", {"number": demand.number, "minutes": 30})
    lapsed = await nino.wait_for("back in the queue: no reply in 30 minutes")
    assert lapsed.button_texts == ["🤝 Help somebody", "Pause"]


async def test_a_moderator_hears_of_a_late_first_reply_and_steps_in_by_a_tap(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    marta = await town.person("Marta", moderator=scenario)
    demand = await asked(town, scenario, "bread")
    data = {"demand": str(demand.id), "number": demand.number, "place": "Vake", "resource": "Food", "minutes": 20}
    await owe(town, marta, "first_reply_late", {**data, "status": "waiting"})
    late = await marta.wait_for("20 minutes without an answer, and nobody has come")
    await marta.press(late, "Join")
    await marta.wait_for("You joined as a coordinator")
    del data["minutes"]
    await owe(town, marta, "went_quiet", data)
    await marta.wait_for("nobody answered whether help is still needed")


async def test_an_alert_for_somebody_who_pauses_ends_there(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    demand = await asked(town, scenario)
    await alert(town, demand, nino)
    shown = await nino.wait_for("Can you help?")
    await nino.press(shown, "Pause")
    await nino.press(await nino.wait_for("For how long?"), "1 hour")
    await nino.wait_for("You are on a break until")
    await until(lambda: world.ledger.fetchval("SELECT paused_until > now() + interval '59 min' FROM memberships"))
    again = await asked(town, scenario)
    await alert(town, again, nino)
    status = "SELECT status FROM deliveries WHERE demand_id = $1 AND notice = 'offered'"
    assert await until(lambda: world.ledger.fetchval(f"{status} AND status <> 'pending'", again.id)) == "withdrawn"
    assert not any(again.number in text for text in (await nino.look()).texts)
