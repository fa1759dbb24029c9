"""`@bot words` in any chat: what is offered, and a button that leads whoever presses it into the form."""

from urllib.parse import parse_qs, urlsplit

from e2e.telegram_bot.town import Town
from telegram_simulator import Person
from world import World


async def offered(person: Person, words: str) -> list[str]:
    found = await person.ask_inline(words, seconds=10)
    return [str(one["title"]) for one in found["results"]]


async def test_ten_at_most_for_anybody_and_nobody_is_entered_by_looking(town: Town, world: World) -> None:
    for number in range(12):
        await world.scenario(f"Vake {number}", "Food", description="bread & <milk>")
    await world.scenario("Isani", "Doctor")
    stranger = await town.simulator.person("Stranger", language_code="ru")
    assert len(await offered(stranger, "")) == 10
    assert await offered(stranger, "isani doc") == ["Isani · Doctor"]
    assert await offered(stranger, "submarine") == []
    answers = await town.simulator.journal(method="answerInlineQuery")
    assert {str(call.params["is_personal"]).lower() for call in answers} == {"false"}
    assert all(0 < int(call.params["cache_time"]) <= 300 for call in answers)
    assert "start_parameter" in str(answers[-1].params["button"])
    assert await world.ledger.fetchval("SELECT count(*) FROM identities WHERE external_id = $1", str(stranger.id)) == 0


async def test_the_button_works_for_whoever_presses_it(town: Town, world: World) -> None:
    await world.scenario("Vake", "Food")
    await world.scenario("Isani", "Doctor")
    olga = await town.person("Olga")
    found = await olga.ask_inline("doctor", seconds=10)
    [result] = found["results"]
    [[button]] = result["reply_markup"]["inline_keyboard"]
    link = urlsplit(button["url"])
    assert link.netloc == "t.me"
    [start] = parse_qs(link.query)["start"]
    assert start.startswith("s_")
    assert len(start) == 24

    ivan = await town.simulator.person("Ivan", language_code="en")
    await ivan.start(start)
    await ivan.wait_for("112")
    await ivan.wait_for("Isani · Doctor")
    await ivan.say("my arm hurts")
    await ivan.press(await ivan.wait_for("Nothing is sent yet"), "Send")
    await ivan.wait_for("is in: Isani · Doctor")

    # In the chat with the bot itself a result is a choice.
    await olga.choose_inline(found["query_id"], result["id"])
    await olga.wait_for("Isani · Doctor\n\nNow write")


async def test_a_link_to_what_is_gone_says_so_and_asks(town: Town, world: World) -> None:
    await world.scenario("Vake", "Food")
    await world.scenario("Isani", "Doctor")
    olga = await town.simulator.person("Olga", language_code="en")
    for word in ("s_AAAAAAAAAAAAAAAAAAAAAA", "s_", "s_!", "something"):
        await olga.start(word)
        if word.startswith("s_"):
            await olga.wait_for("not offered any more")
        await olga.wait_for("Where do you need help?")
