"""Olena asks, Daniel helps, and both write: what each wrote has to stand once, in order, on the other's screen."""

import re
import secrets
from dataclasses import dataclass, field

from mutual_aid.demo.count import REPEAT
from mutual_aid.seed import CAST, SCENARIOS
from telegram_simulator import Person, Simulator

PATIENT = 120.0  # s; a server that was started anew, and a bot that looks for it every few seconds
PAGE = 100_000
LETTERS = "bcdfghkmnpqrstvwxz"


@dataclass
class Talk:
    """A conversation under way. `written` is what each of the two has written so far, by Telegram id.

    Both have talked before in the same chats: `tag` tells what belongs to this one. It has no digits: with those of a number
    they can be as many as in a phone, and what looks like one waits for its writer's yes.
    """

    olena: Person
    daniel: Person
    written: dict[int, list[int]] = field(default_factory=dict)
    tag: str = field(default_factory=lambda: "".join(secrets.choice(LETTERS) for _ in range(8)))

    async def write(self, author: Person) -> int:
        """Write the next message; returns its number."""
        number = sum(map(len, self.written.values())) + 1
        await author.say(self.words(number))
        self.written.setdefault(author.id, []).append(number)
        return number

    def words(self, number: int) -> str:
        """What the message with this number says."""
        return f"[{self.tag}-{number}] Second entrance, the bell is broken: <b>call out</b> 👋 дякую"

    async def arrives(self, number: int) -> None:
        """Wait until the message with this number has come to whoever it is for."""
        [author] = [one for one, numbers in self.written.items() if number in numbers]
        try:
            await self.other(author).wait_for(f"[{self.tag}-{number}]", seconds=PATIENT, after=0)
        except TimeoutError as late:
            # What its writer was answered tells words that wait for a yes from words that were lost.
            told = (await self.writer(author).look(limit=4)).texts
            raise TimeoutError(f"{late}; the last its writer sees is {told}") from None

    async def passes(self, author: Person) -> None:
        """Write, and wait until it has arrived."""
        await self.arrives(await self.write(author))

    def writer(self, author: int) -> Person:
        return self.olena if author == self.olena.id else self.daniel

    def other(self, author: int) -> Person:
        return self.daniel if author == self.olena.id else self.olena

    async def check(self) -> None:
        """Everything came, once unless it says it may be a repeat, and in order."""
        mark = re.compile(rf"\[{self.tag}-(\d+)\]")
        for author, numbers in self.written.items():
            screen = await self.other(author).look(limit=PAGE)
            seen = [
                (int(found[1]), one.text)
                for one in screen.messages
                if not one.mine and (found := mark.search(one.text))
            ]
            firsts = [number for number, text in seen if not REPEAT.search(text)]
            assert firsts == numbers, f"written {numbers}, seen {seen}"


async def begin(simulator: Simulator) -> Talk:
    """Olena asks for help in the first scenario, Daniel takes it; both talk from here on."""
    olena, daniel = [await simulator.person(one.first_name, id=one.id) for one in CAST[:2]]
    for one in (olena, daniel):
        await one.start()
    await olena.read_all()
    await daniel.read_all()
    await olena.say("/new")
    wanted = SCENARIOS[0]
    while True:
        seen = await olena.wait_for(seconds=PATIENT)
        if wanted.place in seen.button_texts:
            await olena.press(seen, wanted.place, seconds=0)
        elif wanted.resource in seen.button_texts:
            await olena.press(seen, wanted.resource, seconds=0)
        elif wanted.resource in seen.text:
            break
    await olena.say("Insulin for two days, the pharmacy is closed")
    await olena.press(await olena.wait_for(button="✅", seconds=PATIENT), "✅", seconds=0)
    await olena.wait_for(pattern="№[0-9A-Z]+", seconds=PATIENT)  # received
    await daniel.say("/next")
    await daniel.wait_for("You are helping now", seconds=PATIENT)
    await olena.wait_for("Somebody is here", seconds=PATIENT)
    return Talk(olena, daniel)


async def end(talk: Talk) -> None:
    """Olena says that help came."""
    await talk.olena.read_all()
    await talk.daniel.read_all()
    await talk.olena.say("/close")
    asked = await talk.olena.wait_for("Did you get help", seconds=PATIENT)
    await talk.olena.press(asked, data=str(asked.buttons[0][0]["callback_data"]), seconds=0)
    await talk.daniel.wait_for("is closed", seconds=PATIENT)
