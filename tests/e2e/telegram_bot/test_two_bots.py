"""Two bots behind one proxy: every update has one effect, each chat its order, and nobody notices when one of them dies."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.scenarios import Scenario
from e2e.telegram_bot.front import Front, behind, front
from e2e.telegram_bot.town import BotProcess, Town
from ports import free_port
from telegram_simulator import Person

LINES = 20


@pytest.fixture
async def proxy() -> AsyncIterator[Front]:
    async with front(free_port(), free_port()) as made:
        yield made


@pytest.fixture
async def bots(hasty_town: Town, proxy: Front, tmp_path: Path) -> AsyncIterator[list[BotProcess]]:
    """Two bots as processes that may be killed."""
    made = []
    for port in proxy.taken:
        folder = tmp_path / str(port)
        folder.mkdir()
        made.append(BotProcess(hasty_town, folder, free_port(), **behind(proxy, port)))
    async with asyncio.TaskGroup() as group:
        for bot in made:
            group.create_task(bot.start())
    yield made
    for bot in made:
        assert await bot.stop() in {0, -9}


async def talking(town: Town, scenario: Scenario) -> tuple[Person, Person]:
    asks, helps = await town.person("Olga"), await town.person("Nino", provider=scenario)
    await town.asks(asks, scenario, "insulin")
    await helps.say("/next")
    await helps.wait_for("You are helping now")
    await asks.wait_for("Somebody is here")
    return asks, helps


def told(texts: list[str], who: str) -> list[str]:
    """The words of the lines of one side, in the order in which they arrived."""
    return [text.split("\n")[1] for text in texts if text.startswith(who)]


async def test_both_work_and_nothing_is_lost_doubled_or_out_of_order(
    hasty_town: Town, proxy: Front, bots: list[BotProcess]
) -> None:
    world = hasty_town.world
    pairs = [await talking(hasty_town, await world.scenario(place, "Food")) for place in ("Vake", "Gldani", "Isani")]

    async def write(person: Person) -> None:
        for number in range(LINES):
            await person.say(f"line {number}")

    async with asyncio.TaskGroup() as group:
        for asks, helps in pairs:
            group.create_task(write(asks))
            group.create_task(write(helps))
    expected = [f"line {number}" for number in range(LINES)]
    for asks, helps in pairs:
        await helps.wait_for(expected[-1], seconds=60)
        await asks.wait_for(expected[-1], seconds=60)
        for person, who in ((helps, "Needs help"), (asks, "Helper")):
            texts = (await person.look()).texts
            seen = told(texts, who)
            assert list(dict.fromkeys(seen)) == expected
            # On a busy machine one may take longer than its lease; then it comes once more, and says so.
            assert len(seen) - len(expected) <= len([text for text in texts if "may be a repeat" in text])
    assert min(proxy.taken.values()) > LINES
    assert len(await hasty_town.simulator.journal(method="setWebhook")) == 1


async def test_one_dies_and_the_other_goes_on(hasty_town: Town, proxy: Front, bots: list[BotProcess]) -> None:
    asks, helps = await talking(hasty_town, await hasty_town.world.scenario("Vake", "Food"))

    async def write() -> None:
        for number in range(LINES):
            await asks.say(f"line {number}")

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        await helps.wait_for("line 3", seconds=30)
        await bots[0].kill()
    expected = [f"line {number}" for number in range(LINES)]
    await helps.wait_for(expected[-1], seconds=90)
    texts = (await helps.look()).texts
    seen = told(texts, "Needs help")
    assert list(dict.fromkeys(seen)) == expected
    # What may have arrived when it died comes once more, and says so.
    assert len(seen) - len(expected) <= len([text for text in texts if "may be a repeat" in text]) <= 1
    await asks.say("still here")
    await helps.wait_for("still here", seconds=30)
