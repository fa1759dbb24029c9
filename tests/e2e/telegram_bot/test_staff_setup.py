"""The bot comes into a group: what it says, how the group is bound, and what becomes of it when it goes or moves."""

from contracts.chats import ListChats, StaffChat
from contracts.operations.scenarios import CHATS_LIST
from e2e.telegram_bot.staff_chat import Group, group_of
from e2e.telegram_bot.town import Town
from telegram_simulator.actions.groups import ANONYMOUS
from world import OPERATOR, World, until


async def bindings(world: World) -> list[StaffChat]:
    return (await world.operator.call(CHATS_LIST, ListChats(), actor=OPERATOR)).items


async def test_a_moderator_brings_the_bot_and_binds_the_group_by_a_button(town: Town, world: World) -> None:
    scenario, other = await world.scenario("Saburtalo", "Insulin"), await world.scenario("Vake", "Food")
    marta = await town.person("Марта", language="ru", moderator=scenario)
    ivan = await town.person("Ivan", language="en")
    chat = await town.simulator.group("Наши", [marta, ivan])
    group = Group(town, chat)
    await town.simulator.set_member(chat, status="member", by=marta.id)
    hello = await group.sees(marta, str(chat))
    assert "Закреплять сообщения мне здесь нельзя" in hello.text
    assert hello.button_texts == ["Saburtalo · Insulin"]
    assert other.place not in str(hello.button_texts)

    # With more rights the same message says less.
    await town.simulator.set_member(chat, status="administrator", by=marta.id)
    again = await group.sees(marta, str(chat), edited=True)
    assert again.message_id == hello.message_id
    assert "Закреплять" not in again.text

    await group.presses(marta, again, "Saburtalo · Insulin")
    shown = await group.sees(marta, "просьбы видны здесь", edited=True)
    [bound] = await bindings(world)
    assert (bound.address, bound.title, bound.locale, bound.topics) == (str(chat), "Наши", "ru", False)

    await group.presses(marta, shown, "Могут брать все")
    trusted = await group.sees(marta, "могут все", edited=True)
    assert (await bindings(world))[0].group_grants_membership
    assert "нет тем" in await group.presses(marta, trusted, "Включить темы")
    await group.presses(marta, trusted, "Не показывать здесь")
    await group.sees(marta, "больше не показываю", edited=True)
    assert await bindings(world) == []


async def test_only_an_admin_has_conversations_mirrored(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta, ada = await town.person("Marta", moderator=scenario), await town.person("Ada")
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", (await town.me(ada)).user.id)
    group = await group_of(town, marta, ada, is_forum=True)
    await group.bind(scenario)
    await marta.say("/bind", chat=group.chat)
    which = await group.sees(marta, "Which requests shall be shown here", edited=False)
    await group.presses(marta, which.message_id, "✓ Saburtalo · Insulin")
    shown = await group.sees(marta, "not mirrored", edited=True)
    assert "Only administrators" in await group.presses(marta, shown, "Turn topics on")
    assert not (await bindings(world))[0].topics
    await group.presses(ada, shown, "Turn topics on")
    await group.sees(marta, "mirrored into topics", edited=True)
    assert (await bindings(world))[0].topics


async def test_who_looks_after_nothing_binds_nothing(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    ivan, marta = await town.person("Ivan"), await town.person("Marta", moderator=scenario)
    stranger = await town.simulator.person("Vera", language_code="en")
    group = await group_of(town, ivan, marta, stranger)
    hello = await group.sees(ivan, "types /bind")
    assert hello.button_texts == []
    await ivan.say("/bind", chat=group.chat)
    await group.sees(ivan, "Only coordinators")
    await stranger.say("/bind", chat=group.chat)
    assert (await group.sees(stranger, "cannot write to you yet")).button_texts == ["Open the bot"]
    await marta.say("/bind", chat=group.chat)
    which = await group.sees(marta, "Which requests")
    assert "not" in (await group.presses(ivan, which, "Saburtalo · Insulin")).lower()
    assert await bindings(world) == []
    await group.presses(marta, which, "Saburtalo · Insulin")
    await until(lambda: bindings(world))


async def test_a_bot_sent_away_catches_up_when_it_is_back(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta, olga = await town.person("Marta", moderator=scenario), await town.person("Olga")
    group = await group_of(town, marta)
    await group.bind(scenario)
    first = await town.asks(olga, scenario, "one")
    await group.sees(marta, f"№{first}")
    await town.simulator.set_member(group.chat, status="kicked", by=marta.id)
    await until(
        lambda: world.ledger.fetchval("SELECT NOT reachable FROM destinations WHERE address = $1", str(group.chat))
    )
    second = await town.asks(olga, scenario, "two")
    await olga.say(f"/close {first}")
    await olga.press(await olga.wait_for("Did you get help"), "Yes, it is over")
    await olga.wait_for("is closed")
    await town.simulator.set_member(group.chat, status="administrator", by=marta.id)
    await group.sees(marta, f"№{second}")
    assert (await group.sees(marta, "Closed", edited=True)).text.startswith(f"№{first}")
    assert "Waiting" in (await group.card(marta, second)).text


async def test_a_bot_that_somebody_hidden_brings_back_is_heard_again(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta, olga = await town.person("Marta", moderator=scenario), await town.person("Olga")
    group = await group_of(town, marta)
    await group.bind(scenario)
    await group.sees(marta, str(group.chat))
    hidden = int(ANONYMOUS["id"])
    await town.simulator.set_member(group.chat, status="kicked", by=hidden)
    await until(
        lambda: world.ledger.fetchval("SELECT NOT reachable FROM destinations WHERE address = $1", str(group.chat))
    )
    number = await town.asks(olga, scenario, "one")
    await town.simulator.set_member(group.chat, status="administrator", by=hidden)
    await group.sees(marta, "types /bind")
    await marta.wait_for(f"№{number}", chat=group.chat, after=0, seconds=30)


async def test_a_group_that_moves_keeps_its_cards(town: Town, world: World) -> None:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta, olga = await town.person("Marta", moderator=scenario), await town.person("Olga")
    group = await group_of(town, marta, kind="group")
    await group.bind(scenario)
    number = await town.asks(olga, scenario, "one")
    await group.sees(marta, f"№{number}")
    moved = Group(town, await town.simulator.migrate_group(group.chat))
    card = await moved.sees(marta, f"№{number}")
    assert card.button_texts == ["🤝 Take", "More…"]
    assert [chat.address for chat in await bindings(world)] == [str(moved.chat)]
    await olga.say("/close")
    await olga.press(await olga.wait_for("Did you get help"), "Yes, it is over")
    over = await moved.sees(marta, "Closed", edited=True)
    assert over.message_id == card.message_id
