"""The pinned card of a request, and all that its requester may say from it until the end and after it."""

import json
from dataclasses import dataclass

import pytest

from contracts.demand_life import DemandDone
from contracts.kinds import DemandStatus
from contracts.operations.demands import DEMANDS_DONE
from contracts.scenarios import Scenario
from contracts.shapes import DemandId
from e2e.telegram_bot.town import Town
from telegram_simulator import Person, Seen
from world import World, until

WAITING = ["Help received", "Share my phone", "Report", "Hide what I got"]


@dataclass
class Asked:
    """Somebody has asked; the card is pinned in their chat."""

    town: Town
    scenario: Scenario
    olga: Person
    nino: Person
    number: str

    async def pinned(self, *, contains: str = "") -> Seen:
        """The one pinned message, once it says this."""
        found: list[Seen] = []

        async def shows() -> bool:
            ids = (await self.olga.look()).pinned
            found[:] = [seen for seen in (await self.olga.look()).messages if seen.message_id in ids]
            return len(found) == 1 and contains in found[0].text

        await until(shows)
        return found[0]

    async def taken(self) -> None:
        await self.nino.say("/next")
        await self.nino.wait_for("You are helping now")
        await self.olga.wait_for("Somebody is here to help")

    async def line(self) -> tuple[DemandId, DemandStatus]:
        [one] = (await self.town.me(self.olga)).demands
        return one.id, one.status

    async def calls(self, method: str) -> int:
        return len(await self.town.simulator.journal(method=method, chat=str(self.olga.id)))


@pytest.fixture
async def asked(town: Town, world: World) -> Asked:
    scenario = await world.scenario("Vake", "Food")
    olga, nino = await town.person("Olga"), await town.person("Nino", provider=scenario)
    return Asked(town, scenario, olga, nino, await town.asks(olga, scenario, "bread"))


async def test_one_card_is_pinned_and_changes_with_the_request_until_its_end(asked: Asked) -> None:
    card = await asked.pinned(contains=asked.number)
    assert card.button_texts == WAITING
    await asked.taken()
    held = await asked.pinned(contains="Somebody is helping you")
    assert held.message_id == card.message_id
    assert held.button_texts == [WAITING[0], "Someone else, please", *WAITING[1:]]
    await asked.nino.say("/decline")
    await asked.nino.press(await asked.nino.wait_for(button="Yes, hand it back"), "Yes, hand it back")
    assert (await asked.pinned(contains="We are looking for somebody")).button_texts == WAITING

    await asked.olga.press(card, "Help received")
    await asked.olga.press(await asked.olga.wait_for("Did you get help"), "No longer needed")
    over = await asked.olga.wait_for("is closed")
    assert over.button_texts == ["Help still needed"]
    assert (await asked.olga.look()).pinned == []
    shown = next(seen for seen in (await asked.olga.look()).messages if seen.message_id == card.message_id)
    assert "Closed." in shown.text
    assert not shown.button_texts

    await asked.olga.press(over, "Help still needed")
    await asked.olga.wait_for("is open again. It is the first in line")
    again = await asked.pinned(contains="We are looking for somebody")
    assert again.message_id == card.message_id
    assert (await asked.line())[1] is DemandStatus.WAITING


async def test_somebody_else_is_asked_for_once_and_an_old_button_releases_nobody(asked: Asked) -> None:
    await asked.taken()
    card = await asked.pinned(contains="Somebody is helping you")
    await asked.olga.press(card, "Someone else, please")
    sure = await asked.olga.wait_for("Do you want somebody else")
    await asked.olga.press(card, "Someone else, please")
    stale = await asked.olga.wait_for("Do you want somebody else")
    await asked.olga.press(sure, "Someone else, please")
    await asked.olga.wait_for("is in the queue again")
    await asked.nino.wait_for("Thank you", after=0)
    lena = await asked.town.person("Lena", provider=asked.scenario)
    await lena.say("/next")
    await lena.wait_for("You are helping now")
    await asked.olga.wait_for("Somebody is here to help")
    # Lena is not the one the question was about.
    await asked.olga.press(stale, "Someone else, please")
    await asked.olga.wait_for("has changed meanwhile, so I did nothing. It is now: being helped")
    assert (await asked.line())[1] is DemandStatus.HELD
    assert len((await asked.town.me(lena)).demands) == 1


async def test_the_provider_says_done_and_the_requester_says_when(asked: Asked) -> None:
    await asked.taken()
    demand, _ = await asked.line()

    async def done() -> Seen:
        await asked.town.world.bot.call(DEMANDS_DONE, DemandDone(demand=demand), actor=f"telegram:{asked.nino.id}")
        return await asked.olga.wait_for(button="Not yet")

    question = await done()
    await asked.olga.press(question, "Not yet")
    await asked.nino.wait_for("not")
    question = await done()
    await asked.olga.press(question, "Yes")
    over = await asked.olga.wait_for("is closed")
    await asked.nino.wait_for("is closed: help was given")
    assert over.button_texts == ["👍 It helped", "👎 It didn't help", "Help still needed"]
    await asked.olga.press(over, "👍 It helped")
    await asked.olga.wait_for("I am glad")
    await asked.nino.wait_for("helped")
    await asked.olga.say("You are kind <3")
    await asked.olga.wait_for("I passed it on")
    await asked.nino.wait_for("You are kind <3")
    # The verdict was given; what follows is for somebody else.
    await asked.olga.say("hello?")
    await asked.olga.wait_for("no open request")
    assert await asked.town.world.ledger.fetchval("SELECT count(*) FROM feedback") == 1


async def test_what_is_wrong_is_told_to_coordinators_in_words(asked: Asked) -> None:
    marta = await asked.town.person("Marta", moderator=asked.scenario)
    await asked.taken()
    card = await asked.pinned(contains="Somebody is helping you")
    await asked.olga.press(card, "Report")
    await asked.olga.wait_for("What is wrong?")
    await asked.olga.say(kind="photo")
    await asked.olga.wait_for("First finish the question above")
    await asked.olga.say("/help")
    await asked.olga.wait_for("/whoami")
    await asked.olga.say("They asked me for { $money } & <b>more</b>")
    await asked.olga.wait_for("Thank you for telling us")
    told = await marta.wait_for("something is wrong in №" + asked.number)
    assert told.text.endswith("\n\nThey asked me for { $money } & <b>more</b>")
    assert told.button_texts[0] == "Join"
    assert not any("money" in text for text in (await asked.nino.look()).texts)
    await asked.olga.press(card, "Report")
    await asked.olga.press(await asked.olga.wait_for("What is wrong?"), "Cancel")
    await asked.olga.wait_for("I did nothing")
    # What follows a report may be more of it, so it is asked about.
    await asked.olga.say("he threatened me")
    question = await asked.olga.wait_for("not to the coordinators alone")
    assert not any("threatened" in text for text in (await asked.nino.look()).texts)
    await asked.olga.press(question, "Do not send")
    await asked.nino.say("I am here")
    await asked.olga.wait_for("I am here")
    await asked.olga.say("thank you for coming")
    assert "threatened" not in (await asked.nino.wait_for("thank you for coming")).text


async def test_a_report_forgotten_for_an_hour_does_not_swallow_words(asked: Asked) -> None:
    await asked.taken()
    card = await asked.pinned(contains="Somebody is helping you")
    await asked.olga.press(card, "Report")
    await asked.olga.wait_for("What is wrong?")
    [key] = [
        key async for key in asked.town.redis.scan_iter(match=f"telegram:{asked.town.bot_id}:step:{asked.olga.id}")
    ]
    step = json.loads(await asked.town.redis.get(key))
    step["data"]["aside"]["at"] -= 3601
    await asked.town.redis.set(key, json.dumps(step))
    await asked.olga.say("are you coming?")
    question = await asked.olga.wait_for("not to the coordinators alone")
    await asked.olga.press(question, asked.number)
    await asked.nino.wait_for("are you coming?")
    assert await asked.town.world.ledger.fetchval("SELECT count(*) FROM reports") == 0


async def test_hiding_takes_the_bots_words_out_of_the_chat_and_says_how_far(asked: Asked) -> None:
    await asked.taken()
    card = await asked.pinned(contains="Somebody is helping you")
    await asked.olga.press(card, "Hide what I got")
    sure = await asked.olga.wait_for("Go on?")
    mine = [seen.message_id for seen in (await asked.olga.look()).messages if seen.mine]
    await asked.olga.press(sure, "Yes, hide it")
    told = await asked.olga.wait_for("out of this chat")
    assert "48 hours" not in told.text

    async def is_bare() -> bool:
        left = [seen for seen in (await asked.olga.look()).messages if "pinned_message" not in seen.message]
        return {seen.message_id for seen in left} == {*mine, told.message_id}

    await until(is_bare)
    # It goes on all the same, for everybody.
    await asked.olga.say("still here")
    await asked.nino.wait_for("still here")
    await asked.nino.say("me too")
    await asked.olga.wait_for("me too")
    old = (
        "UPDATE deliveries SET settled_at = settled_at - interval '49 h' WHERE status = 'sent' AND recipient_id = $1 AND "
        "message_id IN (SELECT id FROM messages WHERE text = 'me too') RETURNING true"
    )
    me = (await asked.town.me(asked.olga)).user.id
    await until(lambda: asked.town.world.ledger.fetchval(old, me))
    await asked.olga.press(await hide_again(asked), "Yes, hide it")
    await asked.olga.wait_for("1 is older than 48 hours and stays")


async def hide_again(asked: Asked) -> Seen:
    """With the card gone, the list of requests has its buttons."""
    await asked.olga.say("/demands")
    shown = await asked.olga.wait_for("Requests 1")
    await asked.olga.press(shown, shown.button_texts[0])
    await asked.olga.press(await asked.olga.wait_for(button="Hide what I got"), "Hide what I got")
    return await asked.olga.wait_for("Go on?")


async def test_honest_notices_of_waiting_have_answers(asked: Asked) -> None:
    me, (demand, _) = (await asked.town.me(asked.olga)).user.id, await asked.line()

    async def owe(notice: str, data: dict[str, object]) -> None:
        statement = "SELECT owe_v1(ARRAY[$1::uuid], $2, NULL, $3, $4::jsonb, '')"
        await asked.town.world.ledger.execute(statement, me, demand, notice, json.dumps(data))

    await owe("still_waiting", {"minutes": 10, "ahead": 0, "coordinators_know": False})
    assert "10 minutes" in (await asked.olga.wait_for("nobody is free yet")).text
    await owe("still_needed", {"hours": 24, "left": 24})
    question = await asked.olga.wait_for("Do you still need help?")
    await asked.olga.press(question, "Yes, still needed")
    await asked.olga.wait_for("stays open")
    needed = "SELECT still_needed_at IS NOT NULL FROM conversations WHERE demand_id = $1"
    assert await asked.town.world.ledger.fetchval(needed, demand)
    await owe("still_needed", {"hours": 24, "left": 24})
    question = await asked.olga.wait_for("Do you still need help?")
    await asked.taken()
    # It was asked while nobody helped: now that somebody does, the old button closes nothing.
    await asked.olga.press(question, "No longer needed")
    await asked.olga.wait_for("has changed meanwhile")
    assert (await asked.line())[1] is DemandStatus.HELD
