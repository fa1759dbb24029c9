"""A topic for each demand: the group reads along, moderators answer there, and it is made again when somebody deletes it."""

from dataclasses import dataclass

from e2e.telegram_bot.staff_chat import Group, group_of
from e2e.telegram_bot.town import Town
from telegram_simulator import Person
from world import World, until


async def topic_of(group: Group, person: Person, number: str, but: int = 0) -> int:
    """The number of the topic of a demand, as the group sees it; the ledger knows it, too, which hears of it after the group."""

    async def look() -> int:
        for seen in (await person.look(chat=group.chat)).messages:
            thread = int(seen.message.get("message_thread_id", 0))
            if thread not in (0, but) and "forum_topic_created" in seen.message and number in str(seen.message):
                return thread
        return 0

    thread = int(await until(look, 30))
    ledger, address = group.town.world.ledger, f"{group.chat}/{thread}"
    await until(lambda: ledger.fetchval("SELECT true FROM destinations WHERE address = $1", address), 30)
    return thread


@dataclass
class Mirrored:
    """A request of Olga's in a topic of the group of Marta and Ira, who coordinate."""

    marta: Person
    ira: Person
    olga: Person
    group: Group
    thread: int


async def mirrored(town: Town, world: World) -> Mirrored:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta, ira = await town.person("Marta", moderator=scenario), await town.person("Ira", moderator=scenario)
    olga = await town.person("Olga")
    group = await group_of(town, marta, ira, is_forum=True)
    await group.bind(scenario, topics=True)
    number = await town.asks(olga, scenario, "insulin")
    await group.sees(marta, "coordinators can answer here")
    return Mirrored(marta, ira, olga, group, await topic_of(group, marta, number))


async def test_a_group_reads_along_and_a_moderator_answers_from_the_topic(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta = await town.person("Marta", moderator=scenario)
    nino, olga = await town.person("Nino", provider=scenario), await town.person("Olga", language="ru")
    taras, vera = await town.person("Taras", provider=scenario), await town.simulator.person("Vera", language_code="en")
    group = await group_of(town, marta, nino, taras, vera, is_forum=True)
    await group.bind(scenario, topics=True)
    number = await town.asks(olga, scenario, "Нужен инсулин")
    opened = await group.sees(marta, "coordinators can answer here")
    assert "Нужен инсулин" in opened.text
    thread = await topic_of(group, marta, number)
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    await olga.say("Я в подвале")
    line = await group.sees(marta, "Я в подвале")
    assert line.text.startswith("Needs help · ")
    assert line.message["message_thread_id"] == thread

    await taras.say("I only read along", chat=group.chat, thread_id=thread)
    await group.sees(marta, "Only coordinators can write")
    await vera.say("I only read along", chat=group.chat, thread_id=thread)
    await group.sees(marta, "I do not know you yet")
    await marta.say("I am calling you", chat=group.chat, thread_id=thread, reply_to=line.message_id)
    heard = await olga.wait_for("I am calling you")
    assert heard.message["reply_to_message"]["text"] == "Я в подвале"
    await nino.wait_for("I am calling you")
    await olga.say("Спасибо", reply_to=heard.message_id)
    thanks = await group.sees(marta, "Спасибо")
    assert "I am calling you" in str(thanks.message["reply_to_message"])
    await marta.say("/whisper be quick", chat=group.chat, thread_id=thread)
    await group.sees(marta, "Only the helper gets this")
    await nino.wait_for("be quick")
    said = [text for text in (await marta.look(chat=group.chat)).texts if "I am calling you" in text]
    assert len(said) == 1, "nobody hears their own words again"
    for private in ("I only read along", "be quick"):
        assert private not in str((await olga.look()).texts)

    await olga.say("/close")
    await olga.press(await olga.wait_for("Вам помогли"), "Да, завершить")
    await until(lambda: town.simulator.journal(method="closeForumTopic"), 30)


async def test_a_topic_somebody_deleted_is_made_again(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta, olga = await town.person("Marta", moderator=scenario), await town.person("Olga")
    group = await group_of(town, marta, is_forum=True)
    await group.bind(scenario, topics=True)
    number = await town.asks(olga, scenario, "insulin")
    await group.sees(marta, "coordinators can answer here")
    thread = await topic_of(group, marta, number)
    await town.simulator.delete_topic(group.chat, thread)
    await olga.say("are you there?")
    line = await group.sees(marta, "are you there?")
    assert line.message["message_thread_id"] == await topic_of(group, marta, number, but=thread)
    await marta.say("yes", chat=group.chat, thread_id=int(line.message["message_thread_id"]))
    await olga.wait_for("yes")


async def test_what_is_said_in_a_topic_that_mirrors_no_more_stays_in_the_group(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta, olga = await town.person("Marta", moderator=scenario), await town.person("Olga")
    group = await group_of(town, marta, is_forum=True)
    await group.bind(scenario, topics=True)
    number = await town.asks(olga, scenario, "insulin")
    opened = await group.sees(marta, "coordinators can answer here")
    thread = await topic_of(group, marta, number)
    await group.bind(scenario, topics=False)
    await marta.say("between us: I think she lies", chat=group.chat, thread_id=thread)
    await group.sees(marta, "not shown here any more")
    await marta.say("she really lies", chat=group.chat, thread_id=thread, reply_to=opened.message_id)
    await marta.say("/whisper she lies", chat=group.chat, thread_id=thread)
    await group.sees(marta, "not shown here any more")
    # Shown again, it is a mirror again; what was said meanwhile does not follow.
    await group.bind(scenario, topics=True)
    await marta.say("an ambulance is coming", chat=group.chat, thread_id=thread)
    await olga.wait_for("an ambulance is coming")
    assert not [text for text in (await olga.look()).texts if "lies" in text]
    assert sum("not shown here any more" in text for text in (await marta.look(chat=group.chat)).texts) == 2


async def test_what_a_moderator_corrects_or_takes_back_in_a_topic_changes_for_the_people_in_it(
    town: Town, world: World
) -> None:
    at = await mirrored(town, world)
    marta, ira, olga, group, thread = at.marta, at.ira, at.olga, at.group, at.thread
    said = await marta.say("come to Lenina 5", chat=group.chat, thread_id=thread)
    heard = await olga.wait_for("Lenina 5")
    await marta.edit(said.message_id, "come to Lenina 15", chat=group.chat)
    assert (await olga.wait_for("Lenina 15", edited=True)).message_id == heard.message_id

    await ira.say("/takeback", chat=group.chat, thread_id=thread, reply_to=said.message_id)
    await group.sees(ira, "Only whoever wrote a message")
    await marta.say("/takeback", chat=group.chat, thread_id=thread, reply_to=said.message_id)
    await group.sees(marta, "Taken back")
    await until(lambda: gone(olga, "Lenina"), 30)
    await marta.edit(said.message_id, "come to Lenina 25", chat=group.chat)
    await group.sees(marta, "I could not change it")

    note = await marta.say("/note she is alone", chat=group.chat, thread_id=thread)
    await group.sees(marta, "Your note is kept")
    await marta.edit(note.message_id, "/note she is not alone", chat=group.chat)
    await group.sees(marta, "stays as it was sent")
    await ira.say("/takeback", chat=group.chat, thread_id=thread, reply_to=note.message_id)
    await group.sees(ira, "Only whoever wrote a message")
    await marta.say("/takeback", chat=group.chat, thread_id=thread, reply_to=note.message_id)
    await group.sees(marta, "Taken back")
    await marta.say("/takeback", chat=group.chat, thread_id=thread)
    await group.sees(marta, "answer your own message")
    assert not [text for text in (await olga.look()).texts if "alone" in text or "Lenina" in text]


async def gone(person: Person, words: str) -> bool:
    """Whether nothing in somebody's chat says this any more."""
    return not any(words in text for text in (await person.look()).texts)


async def test_who_hides_behind_the_group_is_told_that_nobody_hears_them(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta, olga = await town.person("Marta", moderator=scenario), await town.person("Olga")
    group = await group_of(town, marta, is_forum=True)
    await group.bind(scenario, topics=True)
    number = await town.asks(olga, scenario, "insulin")
    await group.sees(marta, "coordinators can answer here")
    thread = await topic_of(group, marta, number)
    anonymous = {
        "from": {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"},
        "sender_chat": {"id": group.chat, "type": "supergroup", "title": "Coordinators"},
    }
    for words in ("an ambulance is coming", "it is there in ten minutes"):
        await marta.say(words, chat=group.chat, thread_id=thread, extra=anonymous)
    await group.sees(marta, "turn off anonymity")
    await marta.say("an ambulance is coming", chat=group.chat, thread_id=thread)
    await olga.wait_for("an ambulance is coming")
    told = [text for text in (await marta.look(chat=group.chat)).texts if "turn off anonymity" in text]
    assert len(told) == 1, "once a day, not for every line"


async def test_a_phone_in_a_topic_goes_out_when_whoever_wrote_it_says_so(town: Town, world: World) -> None:
    at = await mirrored(town, world)
    marta, ira, olga, group, thread = at.marta, at.ira, at.olga, at.group, at.thread
    await marta.say("call me: +995 555 12 34 56", chat=group.chat, thread_id=thread)
    asked = await group.sees(marta, "looks like a phone number")
    assert asked.message["message_thread_id"] == thread
    assert "Only whoever wrote this" in await group.presses(ira, asked, "Send anyway")
    assert not any("555 12" in text for text in (await olga.look()).texts)
    await marta.press(asked, "Send anyway", chat=group.chat, seconds=30)
    await group.sees(marta, "Sent.", edited=True)
    await olga.wait_for("+995 555 12 34 56")
