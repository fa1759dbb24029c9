"""One demand from the call for help to its end, as the people in it see it."""

import asyncio

from e2e.telegram_bot.town import Town
from telegram_simulator import Person, Seen
from world import World, until

WORDS = "Нужен инсулин 💉 <b>a&b</b>"


async def test_from_a_call_for_help_to_a_closed_demand(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Medicine")
    olga = await town.person("Ольга", language="ru")
    nino = await town.person("Nino", provider=scenario)
    taras = await town.person("Тарас", language="uk", provider=scenario)

    number = await town.asks(olga, scenario, WORDS)
    await olga.say("Я в подвале")
    await olga.wait_for("прочитает тот, кто возьмёт")

    await nino.say("/next")
    taken = await nino.wait_for("You are helping now")
    assert number in taken.text
    assert WORDS in taken.text
    earlier = await nino.wait_for("Я в подвале")
    await olga.wait_for("готовы помочь")

    await nino.say("I am on my way", reply_to=earlier.message_id)
    answer = await olga.wait_for("I am on my way")
    assert answer.text.startswith("Помощник ")
    assert reply_text(answer) == "Я в подвале"
    await olga.say("Спасибо!", reply_to=answer.message_id)
    thanks = await nino.wait_for("Спасибо!")
    assert thanks.text.splitlines()[0].startswith("Needs help · ")
    assert reply_text(thanks) == "I am on my way"

    await nino.say("/decline")
    await nino.press(await nino.wait_for(f"Hand №{number} back?"), "Yes, hand it back")
    await nino.wait_for(f"You handed №{number} back")
    await olga.wait_for("ищем другого")
    await taras.press(await open_next(taras), "Повернути", seconds=0)
    await taras.press(await taras.wait_for(f"Повернути прохання №{number}?"), "Так, повернути", seconds=0)
    await taras.wait_for(f"Ви повернули прохання №{number}")
    await taras.say("/next")
    await taras.wait_for("ніхто не чекає")

    lena = await town.person("Lena", provider=scenario)
    await open_next(lena)
    for words in ("Я в подвале", "I am on my way", "Спасибо!"):
        await lena.wait_for(words)
    texts = (await lena.look()).texts
    assert [where(texts, words) for words in (WORDS, "Я в подвале", "I am on my way", "Спасибо!")] == sorted(
        where(texts, words) for words in (WORDS, "Я в подвале", "I am on my way", "Спасибо!")
    )

    await olga.say("/close")
    await olga.press(await olga.wait_for("Вам помогли"), "Да, завершить")
    await olga.wait_for(f"Просьба №{number} закрыта")
    await lena.wait_for("is closed: help was given")
    await lena.say("too late")
    await lena.wait_for("no open request")
    assert not any("too late" in text for text in (await olga.look()).texts)


async def test_nobody_ever_sees_who_the_other_is(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    olga = await town.simulator.person("Secretname", username="secretuser", phone="+995555123456", language_code="en")
    await olga.start()
    await olga.wait_for("112")
    nino = await town.person("Hiddenhelper", provider=scenario)
    await town.asks(olga, scenario, "bread")
    await open_next(nino)
    await olga.say("hello @secretfriend", entities=[{"type": "mention", "offset": 6, "length": 13}])
    await olga.press(await olga.wait_for("@name"), "Send anyway")
    await nino.wait_for("hello")
    await nino.say("here")
    await olga.wait_for("here")

    for reader, secrets in (
        (nino, ("Secretname", "secretuser", "995555123456", str(olga.id))),
        (olga, ("Hidden", str(nino.id))),
    ):
        calls = await town.simulator.journal(method="sendMessage", chat=str(reader.id))
        shown = " ".join(
            f"{call.params.get('text')}{call.params.get('entities')}{call.params.get('reply_markup')}" for call in calls
        )
        assert calls
        assert not any(secret in shown for secret in secrets)
        assert "mention" not in shown


async def test_a_button_that_does_something_does_it_once(town: Town, world: World) -> None:
    scenario = await world.scenario("Gldani", "Water")
    olga, nino = await town.person("Olga"), await town.person("Nino", provider=scenario)
    first = await town.asks(olga, scenario, "first")
    second = await town.asks(olga, scenario, "second")
    taken = await open_next(nino)
    assert first in taken.text

    await nino.say("/next")
    full = await nino.wait_for(f"You are helping with №{first} already")
    swap = f"Swap №{first} for another"
    presses = await asyncio.gather(*(nino.press(full, swap) for _ in range(3)))
    other = await nino.wait_for("You are helping now")
    assert second in other.text
    assert sorted(press.answer.text for press in presses if press.answer) == [
        "",
        "This was already done.",
        "This was already done.",
    ]
    assert [demand.number for demand in (await town.me(nino)).demands] == [second]


async def test_a_moderator_steps_in_and_out(town: Town, world: World) -> None:
    scenario = await world.scenario("Isani", "Shelter")
    olga = await town.person("Olga")
    nino = await town.person("Nino", provider=scenario)
    marta = await town.person("Marta", moderator=scenario)
    number = await town.asks(olga, scenario, "a roof")
    await open_next(nino)

    await nino.say(f"/join {number}")
    await nino.wait_for("Only coordinators")
    await marta.say(f"/join {number.lower()}")
    joined = await marta.wait_for("You joined as a coordinator")
    assert "a roof" in joined.text
    await olga.wait_for("A coordinator joined")
    await marta.say("How can I help?")
    assert (await olga.wait_for("How can I help?")).text.startswith("Coordinator ")
    await nino.wait_for("How can I help?")
    await marta.say("/leave")
    await marta.wait_for("You left")
    await nino.wait_for("coordinator left")


async def test_words_never_go_to_the_wrong_conversation(town: Town, world: World) -> None:
    scenario = await world.scenario("Didube", "Doctor")
    olga, ivan = await town.person("Olga"), await town.person("Ivan")
    nino = await town.person("Nino", provider=scenario)
    await world.ledger.execute("UPDATE users SET capacity = 2 WHERE id = $1", (await town.me(nino)).user.id)
    first = await town.asks(olga, scenario, "for Olga")
    second = await town.asks(ivan, scenario, "for Ivan")
    await open_next(nino)
    await open_next(nino)

    await nino.say("/demands")
    shown = await nino.wait_for("Requests 1–2")
    assert [text.split(" · ")[0] for text in shown.button_texts] == [f"№{first}", f"№{second}"]

    # The request taken last is the one they talk about, until the other one says something.
    await nino.say("hello Ivan")
    await ivan.wait_for("hello Ivan")
    await olga.say("are you there?")
    await nino.wait_for("are you there?")
    await nino.say("uno")
    which = await nino.wait_for("several conversations")
    await nino.say("dos")
    await nino.press(which, next(text for text in which.button_texts if first in text))
    await nino.wait_for(f"Sent 2 messages to №{first}")
    await olga.wait_for("uno")
    await olga.wait_for("dos")
    await nino.say("tres")
    await olga.wait_for("tres")
    told = (await ivan.look()).texts
    assert not any(word in text for word in ("uno", "dos", "tres") for text in told)


async def test_an_answer_to_words_of_a_bot_that_died_goes_to_whoever_wrote_them(town: Town, world: World) -> None:
    scenario = await world.scenario("Didube", "Doctor")
    olga, ivan = await town.person("Olga"), await town.person("Ivan")
    nino = await town.person("Nino", provider=scenario)
    await world.ledger.execute("UPDATE users SET capacity = 2 WHERE id = $1", (await town.me(nino)).user.id)
    await town.asks(olga, scenario, "for Olga")
    await town.asks(ivan, scenario, "for Ivan")
    await open_next(nino)
    await open_next(nino)
    await nino.say("hello Ivan")
    await ivan.wait_for("hello Ivan")
    await olga.say("are you there?")
    asked = await nino.wait_for("are you there?")
    # As if the bot had been killed between Telegram's answer and the ledger's: nobody knows which message that is, nor that
    # it was heard.
    await until(lambda: world.ledger.fetchval("SELECT count(*) = 0 FROM deliveries WHERE status <> 'sent'"))
    await world.ledger.execute("DELETE FROM delivery_parts")
    for key in [key async for key in town.redis.scan_iter(match=f"telegram:{town.bot_id}:*heard*")]:
        await town.redis.delete(key)
    await nino.say("coming", reply_to=asked.message_id)
    await olga.wait_for("coming")
    assert not any("coming" in text for text in (await ivan.look()).texts)


async def open_next(person: Person) -> Seen:
    """Take the next request and return the message that shows it."""
    await person.say("/next")
    return await person.wait_for(pattern="You are helping now|Вы взялись помочь|Ви взялися допомогти")


def reply_text(seen: Seen) -> str:
    """The words of the message a message replies to, without its heading."""
    replied = seen.message["reply_to_message"]["text"]
    return str(replied).partition("\n")[2] or str(replied)


def where(texts: list[str], words: str) -> int:
    """The place of the first message with these words."""
    return next(at for at, text in enumerate(texts) if words in text)
