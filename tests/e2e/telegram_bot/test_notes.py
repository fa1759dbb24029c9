"""What moderators write for each other and for the helper alone, and what they decide about reports."""

from contracts.operations.demands import DEMANDS_REPORT
from contracts.reports import ReportDemand
from e2e.telegram_bot.town import Town
from world import World


async def test_a_note_is_for_moderators_and_a_whisper_for_the_helper(town: Town, world: World) -> None:
    scenario = await world.scenario("Isani", "Shelter")
    marta, ada = await town.person("Marta", moderator=scenario), await town.person("Ada", moderator=scenario)
    nino, olga = await town.person("Nino", provider=scenario), await town.person("Olga")
    number = await town.asks(olga, scenario, "a roof")
    await marta.say("/note hello")
    await marta.wait_for("Which request is this about")
    for moderator in (marta, ada):
        await moderator.say(f"/join {number}")
        await moderator.wait_for("You joined")
    await marta.say("/whisper be kind")
    await marta.wait_for("nobody to whisper to")
    await nino.say("/next")
    await nino.wait_for("You are helping now")

    wrong = await marta.say("/note she is called Olga")
    await ada.wait_for("called Olga")
    await marta.say("/takeback", reply_to=wrong.message_id)
    await marta.wait_for("Taken back")
    await ada.wait_for("called Olga", deleted=True, after=0)
    await marta.say("/note she is afraid")
    await marta.wait_for("Your note is kept")
    note = await ada.wait_for("she is afraid")
    assert note.text.startswith("Note for coordinators")
    await marta.say(f"/whisper {number} be kind")
    await marta.wait_for("Only the helper gets this")
    whisper = await nino.wait_for("be kind")
    assert whisper.text == f"Only for you, from a coordinator · №{number}\nbe kind"
    await ada.say("/note I call her", reply_to=note.message_id)
    await marta.wait_for("I call her")
    await marta.say("/note")
    await marta.wait_for("write your words after the command")

    await olga.say("here")
    await nino.wait_for("here")
    heard = str([await person.look() for person in (olga, nino)])
    assert "afraid" not in heard
    assert "called Olga" not in heard
    assert "I call her" not in heard
    assert "be kind" not in str(await olga.look())
    await olga.say("/note mine")
    await olga.wait_for("Only coordinators")


async def test_a_report_is_decided_about_by_a_button_once(town: Town, world: World) -> None:
    scenario = await world.scenario("Isani", "Shelter")
    marta, ada = await town.person("Marta", moderator=scenario), await town.person("Ada", moderator=scenario)
    olga = await town.person("Olga")
    number = await town.asks(olga, scenario, "a roof")
    demand = (await town.me(olga)).demands[0].id
    asked = ReportDemand(demand=demand, reason="somebody threatens me")
    await world.bot.call(DEMANDS_REPORT, asked, actor=f"telegram:{olga.id}")
    told = [await person.wait_for(f"something is wrong in №{number}") for person in (marta, ada)]
    assert told[0].button_texts == ["Join", "Dealt with", "Nothing wrong"]
    await marta.press(told[0], "Dealt with", seconds=30)
    await marta.wait_for(f"It is noted for №{number}")
    await olga.wait_for("dealt with it")
    await ada.press(told[1], "Nothing wrong", seconds=30)
    await ada.wait_for("Another coordinator has decided")
    assert await world.ledger.fetchval("SELECT decision FROM reports") == "acted"


async def test_a_moderator_joins_from_a_report(town: Town, world: World) -> None:
    scenario = await world.scenario("Isani", "Shelter")
    marta, olga = await town.person("Marta", moderator=scenario), await town.person("Olga")
    await town.asks(olga, scenario, "a roof")
    demand = (await town.me(olga)).demands[0].id
    await world.bot.call(DEMANDS_REPORT, ReportDemand(demand=demand, reason="x"), actor=f"telegram:{olga.id}")
    await marta.press(await marta.wait_for("something is wrong"), "Join", seconds=30)
    await marta.wait_for("You joined as a coordinator")
