"""Which command answers for whom: /help, the menu, and what happens when each is typed say the same."""

from typing import Final

from contracts.scenarios import Scenario
from e2e.telegram_bot.town import Town
from telegram_bot.commands import COMMANDS, IN_GROUPS, For
from telegram_simulator import Person, Screen
from world import World, until

NOT_YOURS: Final = ("I do not know this command", "You are not a helper here yet", "Only coordinators can do this")

HALF: Final = sorted(COMMANDS)[::2]
"""Two people of each kind share the commands: somebody who sends more than twenty at once is slowed down."""


async def listed(person: Person) -> set[str]:
    """The commands /help names."""
    await person.say("/help")
    told = await person.wait_for("/help — ")
    return {line[1:].split(" ")[0] for line in told.text.splitlines() if line.startswith("/")}


async def answers(town: Town, person: Person, name: str) -> bool:
    """Whether a command does something for somebody; that it answers at all is waited for."""
    said = await person.say(f"/{name}")
    await person.wait_for()
    # Some answer with two messages: only once the update counts as handled is there no more to come.
    await until(lambda: is_handled(town, person))
    await person.read_all()
    return not any(text.startswith(NOT_YOURS) for text in (await person.look(after=said.number)).texts)


async def is_handled(town: Town, person: Person) -> bool:
    return not await town.redis.zcard(f"telegram:{town.bot_id}:waiting:{person.id}")


async def shown(person: Person) -> set[str]:
    screen: Screen = await person.look()
    return {one["command"] for one in screen.commands}


async def test_help_and_the_menu_list_exactly_what_answers(town: Town, world: World) -> None:
    scenario = await world.scenario()
    pairs: list[tuple[set[For], dict[str, Scenario]]] = [
        ({For.EVERYBODY}, {}),
        ({For.EVERYBODY, For.HELPERS}, {"provider": scenario}),
        ({For.EVERYBODY, For.STAFF}, {"moderator": scenario}),
        ({For.EVERYBODY, For.STAFF}, {}),
    ]
    for at, (standing, roles) in enumerate(pairs):
        wanted = {name for name, whom in COMMANDS.items() if whom in standing}
        one, other = [await town.person("Somebody", **roles) for _ in range(2)]
        if at == len(pairs) - 1:
            admins = [(await town.me(person)).user.id for person in (one, other)]
            await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = ANY ($1)", admins)
        assert await listed(one) == wanted
        answered = {name for name in COMMANDS if await answers(town, one if name in HALF else other, name)}
        assert answered == wanted
        assert not await answers(town, other, "stats")
        await until(lambda one=one, wanted=wanted: is_shown(one, wanted))


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
    await until(lambda: has(nino, "new"))
    group = await town.simulator.group("Helpers", [nino])
    await town.simulator.set_member(group, status="administrator", by=nino.id)
    await until(lambda: are_shown(nino, group, list(IN_GROUPS)))


async def are_shown(person: Person, chat: int, wanted: list[str]) -> bool:
    return [one["command"] for one in (await person.look(chat=chat)).commands] == wanted
