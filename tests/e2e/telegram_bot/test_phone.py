"""A phone is asked for only where a request needs it, and travels only when its owner says so."""

from e2e.telegram_bot.town import Town
from telegram_simulator import Person, Seen
from world import World, until


async def test_a_request_that_needs_a_phone_asks_and_says_who_will_see_it(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Doctor", phone_required=True)
    olga = await town.simulator.person("Olga", language_code="ru", phone="79991234567")
    nino = await town.person("Nino", provider=scenario)
    await olga.start()
    await olga.press(await olga.wait_for(button="Doctor"), "Doctor")
    question = await olga.wait_for("Его увидят только тот, кто вам поможет")
    assert question.key_texts[0] == "📱 Дать мой номер"

    await olga.say(kind="photo")
    await olga.wait_for("Не могу прочитать")
    await olga.say("12")
    await olga.wait_for("Не могу прочитать")
    others = {"phone_number": "+995555000000", "first_name": "Mother", "user_id": nino.id}
    await olga.say(kind="contact", content=others)
    await olga.wait_for("не ваш собственный контакт")
    await olga.say("/help")
    await olga.wait_for("/phone")
    await olga.share_contact()
    await olga.wait_for("+79991234567")
    await olga.wait_for("Теперь напишите")
    assert (await town.me(olga)).user.phone == "+79991234567"

    await olga.say("Болит рука")
    card = await olga.wait_for("Пока ничего не отправлено")
    assert "Ваш телефон +79991234567 увидят только" in card.text
    assert await world.ledger.fetchval("SELECT count(*) FROM participants WHERE contact_shared_at IS NOT NULL") == 0
    await olga.press(card, "Отправить")
    await olga.wait_for("принята")
    await until(
        lambda: world.ledger.fetchval("SELECT count(*) = 1 FROM participants WHERE contact_shared_at IS NOT NULL")
    )
    await nino.say("/next")
    taken = await nino.wait_for("You are helping now")
    assert "which they share with you: +79991234567" in taken.text


async def test_a_typed_number_is_understood_as_people_write_it_at_home(town: Town, world: World) -> None:
    await world.scenario("Vake", "Doctor", phone_required=True)
    olga = await town.person("Olga")
    await olga.press(await olga.wait_for(button="Doctor", after=0), "Doctor")
    await olga.wait_for("we need your phone")
    await olga.say("8 (999) 123-45-67")
    await olga.wait_for("+79991234567")
    await olga.wait_for("Now write")


async def test_nobody_is_asked_where_no_phone_is_needed_and_it_is_theirs_to_keep_or_delete(
    town: Town, world: World
) -> None:
    scenario = await world.scenario("Vake", "Food")
    olga = await town.person("Olga")
    await town.asks(olga, scenario, "bread")
    assert not any("phone" in text.lower() and "need your phone" in text for text in (await olga.look()).texts)
    await olga.say("/phone")
    await olga.press(await olga.wait_for("need not give it"), "Give my phone")
    await olga.wait_for("only if you share it in a request")
    await olga.say("/cancel")
    await olga.wait_for("I did nothing")
    await olga.say("/phone +995 555 12 34 56")
    await olga.wait_for("+995555123456")
    await olga.say("/phone nonsense")
    await olga.wait_for("cannot read this")
    await olga.say("/whoami")
    await olga.wait_for("Phone: +995555123456")
    await olga.say("/phone")
    await olga.press(await olga.wait_for("Your phone: +995555123456"), "Delete it")
    await olga.wait_for("forgotten your phone")
    assert (await town.me(olga)).user.phone is None


async def test_sharing_from_the_card_asks_once_and_reaches_only_the_helper(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    olga, nino = await town.person("Olga"), await town.person("Nino", provider=scenario)
    await town.asks(olga, scenario, "bread")
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    await olga.press(await held_card(olga), "Share my phone")
    await olga.wait_for("I do not know your phone yet")
    await olga.say("+995 555 12 34 56")
    await olga.wait_for("is shown to whoever helps you")
    await nino.wait_for("+995555123456")
    # Known by now: it is asked once more whether it shall be shown.
    await olga.press(await held_card(olga), "Share my phone")
    await olga.press(await olga.wait_for("Show your phone +995555123456"), "No")
    await olga.wait_for("I did nothing")
    # A number she writes later in another conversation is no answer to anything.
    await olga.say("thank you")
    await nino.wait_for("thank you")


async def test_a_yes_given_when_somebody_else_helped_shows_nothing(town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    olga = await town.person("Olga")
    nino, petro = [await town.person(name, provider=scenario) for name in ("Nino", "Petro")]
    await olga.say("/phone +995555123456")
    await olga.wait_for("+995555123456")
    await town.asks(olga, scenario, "bread")
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    await olga.press(await held_card(olga), "Share my phone")
    asked = await olga.wait_for("Show your phone +995555123456")
    await nino.say("/decline")
    await nino.press(await nino.wait_for(button="Yes"), "Yes")
    await petro.say("/next")
    await petro.wait_for("You are helping now")
    await olga.press(asked, asked.button_texts[0], seconds=0)
    await olga.wait_for("has changed meanwhile")
    await olga.say("thank you")
    await petro.wait_for("thank you")
    assert not any("+995555" in text for text in (await petro.look()).texts)


async def held_card(olga: Person) -> Seen:
    pinned: list[Seen] = []

    async def is_held() -> bool:
        screen = await olga.look()
        pinned[:] = [seen for seen in screen.messages if seen.message_id in screen.pinned]
        return bool(pinned) and "Someone else, please" in pinned[0].button_texts

    await until(is_held)
    return pinned[0]
