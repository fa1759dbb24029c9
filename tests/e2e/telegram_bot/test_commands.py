"""Which command answers for whom: /help, the menu, and what happens when each is typed say the same."""

from typing import Final

from e2e.telegram_bot.town import Town
from telegram_bot.commands import COMMANDS, For
from telegram_simulator import Person, Screen
from world import World, until

NOT_YOURS: Final = ("I do not know this command", "You are not a helper here yet", "Only coordinators can do this")


async def listed(person: Person) -> set[str]:
    """The commands /help names."""
    await person.say("/help")
    told = await person.wait_for("/help — ")
    return {line[1:].split(" ")[0] for line in told.text.splitlines() if line.startswith("/")}


async def answers(person: Person, name: str) -> bool:
    """Whether a command does something for somebody; that it answers at all is waited for."""
    await person.say(f"/{name}")
    return not (await person.wait_for()).text.startswith(NOT_YOURS)


async def shown(person: Person) -> set[str]:
    screen: Screen = await person.look()
    return {one["command"] for one in screen.commands}


async def test_help_and_the_menu_list_exactly_what_answers(town: Town, world: World) -> None:
    scenario = await world.scenario()
    olga = await town.person("Olga")
    nino = await town.person("Nino", provider=scenario)
    marta = await town.person("Marta", moderator=scenario)
    chief = await town.person("Chief")
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", (await town.me(chief)).user.id)
    expected = {
        olga: {For.EVERYBODY}, nino: {For.EVERYBODY, For.HELPERS},
        marta: {For.EVERYBODY, For.STAFF}, chief: {For.EVERYBODY, For.STAFF},
    }  # fmt: skip
    for person, standing in expected.items():
        wanted = {name for name, whom in COMMANDS.items() if whom in standing}
        assert await listed(person) == wanted
        assert {name for name in COMMANDS if await answers(person, name)} == wanted
        assert not await answers(person, "stats")
        await until(lambda person=person, wanted=wanted: is_shown(person, wanted))


async def is_shown(person: Person, wanted: set[str]) -> bool:
    return await shown(person) == wanted


async def test_a_menu_follows_what_somebody_becomes_and_is_set_only_then(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", language="uk", provider=scenario)
    await until(lambda: has(nino, "next"))

    async def menus() -> int:
        calls = await town.simulator.journal(method="setMyCommands")
        return sum(str(nino.id) in str(call.params.get("scope")) for call in calls)

    assert await menus() == 1
    for _ in range(3):
        await nino.say("/current")
        await nino.wait_for("вільні")
    assert await menus() == 1, "nothing has changed"
    descriptions = {one["command"]: one["description"] for one in (await nino.look()).commands}
    assert descriptions["next"] == "взяти наступне прохання"

    await nino.say("/language")
    await nino.press(await nino.wait_for("Якою мовою"), "English")
    await until(lambda: describes(nino, "take the next request"))
    assert await menus() == 2
    user = (await town.me(nino)).user.id
    await world.ledger.execute("UPDATE memberships SET state = 'removed' WHERE user_id = $1", user)
    await nino.say("/help")
    await until(lambda: has_not(nino, "next"))


async def has(person: Person, name: str) -> bool:
    return name in await shown(person)


async def has_not(person: Person, name: str) -> bool:
    return name not in await shown(person)


async def describes(person: Person, words: str) -> bool:
    return any(one["description"] == words for one in (await person.look()).commands)


async def test_groups_are_shown_no_commands_of_private_talks(town: Town, world: World) -> None:
    nino = await town.person("Nino")
    assert "new" in await shown(nino)
    group = await town.simulator.group("Helpers", members=[nino])
    assert (await nino.look(chat=group)).commands == []
