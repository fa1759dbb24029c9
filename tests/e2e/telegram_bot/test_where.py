"""Which conversation words go to when they do not say it themselves: docs/decisions/0015."""

from dataclasses import dataclass

import pytest

from contracts.demand_life import DemandDone
from contracts.operations.demands import DEMANDS_DONE
from contracts.scenarios import Scenario
from e2e.telegram_bot.town import Town
from telegram_simulator import Person
from world import World


@dataclass
class Two:
    """Olga asked for a doctor, whom nobody has taken yet, and for bread, which Zura brings."""

    town: Town
    doctor: Scenario
    olga: Person
    nino: Person
    zura: Person
    first: str
    second: str

    async def comes(self) -> None:
        """Nino takes the first request, and Olga reads that."""
        await self.nino.say("/next")
        await self.nino.wait_for("You are helping now")
        await self.olga.wait_for(f"Somebody is here to help with №{self.first}")
        await self.town.settled()

    async def ends(self, number: str) -> None:
        """Olga ends a request with the help it was for."""
        await self.olga.say(f"/close {number}")
        await self.olga.press(await self.olga.wait_for(button="Yes"), "Yes")

    async def told(self, person: Person, words: str) -> bool:
        """Whether somebody was told these words."""
        return any(words in text for text in (await person.look()).texts)


@pytest.fixture
async def two(town: Town, world: World) -> Two:
    doctor, food = await world.scenario("Didube", "Doctor"), await world.scenario("Vake", "Food")
    olga = await town.person("Olga")
    nino, zura = await town.person("Nino", provider=doctor), await town.person("Zura", provider=food)
    first, second = await town.asks(olga, doctor, "a doctor"), await town.asks(olga, food, "bread")
    await zura.say("/next")
    await zura.wait_for("You are helping now")
    await olga.wait_for(f"Somebody is here to help with №{second}")
    await town.settled()
    return Two(town, doctor, olga, nino, zura, first, second)


async def test_words_after_somebody_came_are_not_for_the_one_who_was_there_before(two: Two) -> None:
    await two.comes()
    await two.olga.say("my child has diabetes")
    which = await two.olga.wait_for("several conversations")
    await two.olga.press(which, next(text for text in which.button_texts if two.first in text))
    await two.nino.wait_for("my child has diabetes")
    assert not await two.told(two.zura, "diabetes")


async def test_words_after_a_question_of_ours_are_not_for_another_one(two: Two) -> None:
    await two.comes()
    await two.olga.say("/current")
    here = await two.olga.wait_for(button=two.second)
    await two.olga.press(here, next(text for text in here.button_texts if two.second in text))
    await two.olga.wait_for(f"goes to №{two.second}")
    demand = next(one.id for one in (await two.town.me(two.nino)).demands)
    await two.town.world.bot.call(DEMANDS_DONE, DemandDone(demand=demand), actor=f"telegram:{two.nino.id}", key="done")
    await two.olga.wait_for("Did the help reach you?")
    await two.town.settled()
    await two.olga.say("he never came")
    await two.olga.wait_for("several conversations")
    assert not await two.told(two.zura, "he never came")


async def test_words_for_somebody_whose_request_was_just_closed_are_asked_about(two: Two) -> None:
    await two.comes()
    marta = await two.town.person("Marta", moderator=two.doctor)
    await two.nino.say("I am at the wrong door")
    await two.olga.wait_for("the wrong door")
    await marta.say(f"/join {two.first}")
    await marta.wait_for("You joined")
    await marta.say(f"/close {two.first}")
    await marta.press(await marta.wait_for(button="Yes"), "Yes")
    await two.olga.wait_for("is closed")
    await two.town.settled()
    await two.olga.say("Lenina 5, flat 7")
    question = await two.olga.wait_for("from another conversation, and you are not in it now")
    await two.olga.press(question, "Do not send")
    await two.olga.wait_for("Not sent", edited=True)
    assert not await two.told(two.zura, "Lenina")


async def test_what_is_said_after_it_helped_waits_for_a_yes_and_for_nobody_elses_question(two: Two) -> None:
    await two.comes()
    await two.ends(two.first)
    over = await two.olga.wait_for(button="👍 It helped")
    await two.olga.press(over, "👍 It helped")
    await two.olga.wait_for("I am glad")
    await two.zura.say("where do you live?")
    await two.olga.wait_for("where do you live?")
    await two.town.settled()
    await two.olga.say("Lenina 5")
    await two.zura.wait_for("Lenina 5")
    assert not await two.told(two.nino, "Lenina")

    await two.ends(two.second)
    over = await two.olga.wait_for(button="👍 It helped")
    await two.olga.press(over, "👍 It helped")
    await two.olga.wait_for("I am glad")
    await two.olga.say("thank you, +995 555 12 34 56")
    asked = await two.olga.wait_for("phone number")
    assert not await two.told(two.zura, "+995")
    await two.olga.press(asked, "Send anyway")
    await two.zura.wait_for("They wrote: thank you, +995 555 12 34 56")


async def test_an_answer_to_a_whisper_stays_where_it_is_and_one_to_a_note_is_a_note(two: Two) -> None:
    await two.comes()
    marta, ada = [await two.town.person(name, moderator=two.doctor) for name in ("Marta", "Ada")]
    for moderator in (marta, ada):
        await moderator.say(f"/join {two.first}")
        await moderator.wait_for("You joined")
    await marta.say("/whisper she is afraid of dogs")
    await marta.wait_for(f"in №{two.first}")
    whisper = await two.nino.wait_for("afraid of dogs")
    await two.nino.say("mine stays outside", reply_to=whisper.message_id)
    await two.nino.wait_for("I cannot pass an answer")
    await marta.say("/note I call her")
    note = await ada.wait_for("I call her")
    await ada.say("she does not pick up", reply_to=note.message_id)
    await ada.wait_for(f"Your note is kept in №{two.first}")
    answer = await marta.wait_for("does not pick up")
    assert answer.text.startswith("Note for coordinators")
    for person in (two.olga, two.nino):
        assert not await two.told(person, "pick up")
    assert not await two.told(two.olga, "stays outside")
