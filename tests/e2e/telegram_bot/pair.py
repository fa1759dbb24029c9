"""Two people in the middle of a conversation: somebody who asked and somebody who helps."""

from dataclasses import dataclass
from typing import Any

from contracts.demands import DemandLine
from contracts.operations import Operation
from contracts.scenarios import Scenario
from e2e.telegram_bot.town import Town
from telegram_simulator import Person
from world import World


@dataclass
class Pair:
    """Olga asked, Nino helps; both have read everything so far."""

    town: Town
    world: World
    scenario: Scenario
    demand: DemandLine
    olga: Person
    nino: Person

    async def call(self, person: Person, operation: Operation[Any, Any], request: object) -> Any:
        """What the api answers to one of them."""
        return await self.world.bot.call(operation, request, actor=f"telegram:{person.id}")


async def talking(town: Town, world: World, *, language: str = "en") -> Pair:
    """A demand that was just taken."""
    scenario = await world.scenario("Saburtalo", "Medicine")
    olga = await town.person("Olga", language=language)
    nino = await town.person("Nino", provider=scenario)
    await town.asks(olga, scenario, "insulin")
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    await olga.wait_for(author="", pattern="Somebody is here|готовы помочь|готові допомогти")
    [line] = (await town.me(olga)).demands
    return Pair(town, world, scenario, line, olga, nino)
