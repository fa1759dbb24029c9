"""A group of several people with the bot in it, for tests of what happens there."""

from dataclasses import dataclass

from contracts.chats import BindChat
from contracts.operations.scenarios import CHATS_BIND
from contracts.scenarios import Scenario
from e2e.telegram_bot.town import Town
from telegram_simulator import Person, Seen
from world import OPERATOR


@dataclass
class Group:
    """A group the bot is in; `chat` is its number."""

    town: Town
    chat: int

    async def sees(self, person: Person, words: str, *, edited: bool = False) -> Seen:
        """The next message of the group that says this, for somebody in it."""
        return await person.wait_for(words, chat=self.chat, edited=edited, seconds=30)

    async def presses(self, person: Person, card: Seen | int, button: str) -> str:
        """What somebody is told, alone, for pressing a button in the group."""
        answer = await person.press(card, button, chat=self.chat, seconds=30)
        assert answer.answer is not None, "every press is answered"
        return answer.answer.text

    async def card(self, person: Person, number: str) -> Seen:
        """The card of a demand as it is now."""
        found = [seen for seen in (await person.look(chat=self.chat)).messages if seen.text.startswith(f"№{number}")]
        assert len(found) == 1, "one card for each"
        return found[0]

    async def bind(self, scenario: Scenario, **settings: object) -> None:
        """Show a scenario there, as an operator would."""
        request = BindChat(scenario=scenario.id, address=str(self.chat), **settings)  # type: ignore[arg-type]
        await self.town.world.operator.call(CHATS_BIND, request, actor=OPERATOR)


async def group_of(town: Town, *people: Person, is_forum: bool = False, kind: str = "supergroup") -> Group:
    """A group of these people, the first of whom brings the bot and makes it an administrator."""
    chat = await town.simulator.group("Coordinators", people, is_forum=is_forum, type=kind)
    await town.simulator.set_member(chat, status="administrator", by=people[0].id)
    return Group(town, chat)
