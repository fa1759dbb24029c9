"""What people notice when something breaks under them: nothing lost, nothing doubled, order kept."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.scenarios import Scenario
from e2e.telegram_bot.town import BotProcess, Town
from ports import free_port
from telegram_simulator import Person, Screen
from world import World, connection_of, until


@pytest.fixture
async def pair(town: Town, world: World) -> tuple[Person, Person]:
    """Somebody who asked and somebody who helps, talking."""
    return await talking(town, await world.scenario("Saburtalo", "Medicine"))


async def talking(town: Town, scenario: Scenario) -> tuple[Person, Person]:
    olga, nino = await town.person("Olga"), await town.person("Nino", provider=scenario)
    await town.asks(olga, scenario, "insulin")
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    await olga.wait_for("Somebody is here")
    return olga, nino


async def test_a_chat_told_to_wait_waits_alone_and_in_order(town: Town, pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    await town.simulator.fault("answer", method="sendMessage", chat_id=nino.id, code=429, retry_after=1)
    for number in range(5):
        await olga.say(f"line {number}")
    await nino.say("and you?")
    await olga.wait_for("and you?")
    for number in range(5):
        await nino.wait_for(f"line {number}")
    assert lines(await nino.look()) == [f"line {number}" for number in range(5)]


async def test_who_blocked_the_bot_gets_it_all_on_coming_back(world: World, pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    await nino.block()
    await until(lambda: is_reachable(world, nino, expected=False))
    await olga.say("are you there?")
    assert "are you there?" not in " ".join((await nino.look()).texts)
    await nino.start()
    await nino.wait_for("are you there?")


async def test_a_403_is_told_to_the_author_without_saying_why(town: Town, pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    await town.simulator.fault(
        "answer", method="sendMessage", chat_id=nino.id, code=403, description="Forbidden: bot was blocked by the user"
    )
    await olga.say("hello?")
    told = await olga.wait_for("does not get messages")
    assert "block" not in told.text.lower()


@pytest.mark.parametrize(("kind", "method"), [("voice", "sendVoice"), ("video_note", "sendVideoNote")])
async def test_who_keeps_voices_out_hears_that_there_is_one(
    town: Town, pair: tuple[Person, Person], kind: str, method: str
) -> None:
    olga, nino = pair
    why = "Bad Request: user restricted receiving of voice messages"
    await town.simulator.fault("answer", method=method, chat_id=nino.id, code=400, description=why)
    await olga.say(kind=kind)
    word = await nino.wait_for("ask for it in words")
    await nino.say("what did you say?", reply_to=word.message_id)
    await olga.wait_for("what did you say?")
    assert not [
        text
        for text in (await olga.look()).texts
        if "does not get messages" in text or "could not pass this on" in text
    ]


async def test_what_has_arrived_of_a_message_that_is_refused_can_be_answered(
    town: Town, world: World, pair: tuple[Person, Person]
) -> None:
    olga, nino = pair
    await town.simulator.fault(
        "answer", method="sendVideoNote", chat_id=nino.id, code=400, description="Bad Request: no"
    )
    sent = await olga.say(kind="video_note")
    await olga.wait_for("I could not pass this on")
    heading = (await nino.look()).messages[-1]
    assert heading.text.startswith("Needs help · ")
    await nino.say("something did not come", reply_to=heading.message_id)
    heard = await olga.wait_for("something did not come")
    assert heard.message["reply_to_message"]["message_id"] == sent.message_id
    assert await world.ledger.fetchval("SELECT count(*) FROM deliveries WHERE status = 'refused'") == 1


async def test_a_lost_answer_makes_one_repeat_that_says_so(town: Town, pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    await town.simulator.fault("drop_after", method="sendMessage", chat_id=nino.id)
    await olga.say("only once?")
    first = await nino.wait_for("only once?")
    second = await nino.wait_for("only once?")
    assert "may be a repeat" not in first.text
    assert "may be a repeat" in second.text
    await olga.say("next")
    await nino.wait_for("next")
    assert lines(await nino.look()) == ["only once?", "only once?", "next"]


async def test_an_update_that_comes_twice_has_one_effect(town: Town, pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    await olga.say("once")
    await nino.wait_for("once")
    await town.simulator.repeat_update()
    await olga.say("after")
    await nino.wait_for("after")
    assert lines(await nino.look()) == ["once", "after"]


async def test_an_update_nobody_understands_stops_nobody(town: Town, world: World, pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    await town.simulator.inject_update("callback_query", {"id": "1"})
    await town.simulator.inject_update("message", {"message_id": "no number", "chat": {"id": olga.id}})
    await olga.say("still here")
    await nino.wait_for("still here")
    assert await until(lambda: parked(world)) >= 1


async def test_a_notice_of_a_newer_api_spoils_nothing_but_itself(world: World, pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    await world.ledger.execute(
        """INSERT INTO deliveries (destination_id, recipient_id, notice)
        SELECT t.id, i.user_id, 'of_tomorrow' FROM destinations t JOIN identities i ON i.id = t.identity_id
        WHERE t.address = ANY ($1)""",
        [str(olga.id), str(nino.id)],
    )
    await olga.say("still here")
    await nino.wait_for("still here")
    await nino.say("me too")
    await olga.wait_for("me too")
    rows = await world.ledger.fetch("SELECT status, reason FROM deliveries WHERE notice = 'of_tomorrow'")
    assert [tuple(row) for row in rows] == [("refused", "cannot_be_shown")] * 2


async def test_texts_arrive_exactly(pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    texts = ["a<b>&amp;</b>", "Ёжик 👩‍👩‍👧‍👦 и *звёзды*_", "é́ 𝔘𝔫𝔦", "я" * 4096, "💉" * 2048, "x" * 4090]
    for text in texts:
        await olga.say(text)
        await nino.wait_for(text)
    bold = {"type": "bold", "offset": 3, "length": 4}
    await olga.say("💉 bold", entities=[bold])
    seen = await nino.wait_for("bold")
    heading = len(seen.text.split("\n")[0].encode("utf-16-le")) // 2 + 1
    assert {"type": "bold", "offset": heading + 3, "length": 4} in seen.message["entities"]


async def test_the_broker_restarts_under_a_conversation(world: World, pair: tuple[Person, Person]) -> None:
    olga, nino = pair
    await world.broker.kill("nats")
    await olga.say("while it is down")
    await world.broker.restart("nats")
    await nino.wait_for("while it is down", seconds=30)
    await nino.say("heard you")
    await olga.wait_for("heard you", seconds=30)
    assert lines(await nino.look()) == ["while it is down"]


@pytest.fixture
async def bot(hasty_town: Town, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """The bot as a process that may be killed."""
    process = BotProcess(hasty_town, tmp_path, free_port())
    await process.start()
    yield process
    assert await process.stop() == 0


async def test_a_bot_killed_in_the_middle_loses_and_doubles_nothing(hasty_town: Town, bot: BotProcess) -> None:
    olga, nino = await talking(hasty_town, await hasty_town.world.scenario("Vake", "Food"))

    async def write() -> None:
        for number in range(30):
            await olga.say(f"line {number}")

    writing = asyncio.gather(write())
    await nino.wait_for("line 3")
    await bot.kill()
    await writing
    await bot.start()
    await nino.wait_for("line 29", seconds=90)
    seen = lines(await nino.look())
    repeats = [line for number, line in enumerate(seen) if line in seen[:number]]
    assert list(dict.fromkeys(seen)) == [f"line {number}" for number in range(30)]
    texts = (await nino.look()).texts
    flagged = [text for text in texts if "may be a repeat" in text]
    assert len(repeats) <= len(flagged) <= 1


async def test_the_log_tells_the_way_and_no_words(hasty_town: Town, bot: BotProcess) -> None:
    olga, nino = await talking(hasty_town, await hasty_town.world.scenario("Isani", "Doctor"))
    await olga.say("my heart hurts")
    await nino.wait_for("my heart hurts")
    assert await bot.stop() == 0
    log = bot.log.read_text()
    entries = [json.loads(line) for line in log.splitlines()]
    handled = [entry["correlation_id"] for entry in entries if entry["event"] == "update.handled"]
    delivered = [entry["correlation_id"] for entry in entries if entry["event"] == "delivery.attempted"]
    assert handled[-1] in delivered
    assert None not in {*handled, *delivered}
    for secret in ("my heart hurts", "insulin", "Olga", "Nino", str(olga.id), hasty_town.token, hasty_town.token[-35:]):
        assert secret not in log
    await bot.start()


async def test_a_form_survives_a_restart(hasty_town: Town, bot: BotProcess) -> None:
    scenario = await hasty_town.world.scenario("Gldani", "Water")
    olga = await hasty_town.person("Olga")
    await olga.say("/new")
    await olga.wait_for("Now write in one message")
    assert await bot.stop() == 0
    await olga.say("two bottles")
    await bot.start()
    card = await olga.wait_for("two bottles")
    assert await bot.stop() == 0
    await olga.press(card, "Send", seconds=0)
    await bot.start()
    await olga.wait_for("is in: Gldani")
    assert [demand.scenario for demand in (await hasty_town.me(olga)).demands] == [scenario.id]


def lines(screen: Screen) -> list[str]:
    """The relayed words of a chat, in order, without their headings."""
    return [text.partition("\n")[2] for text in screen.texts if text.startswith("Needs help")]


async def is_reachable(world: World, person: Person, *, expected: bool) -> bool:
    found = await world.ledger.fetchval("SELECT reachable FROM destinations WHERE address = $1", str(person.id))
    return found is expected


async def parked(world: World) -> int:
    migrator = await connection_of(world.broker, "migrate")
    try:
        return (await migrator.jetstream().stream_info("PARKED")).state.messages
    finally:
        await migrator.close()
