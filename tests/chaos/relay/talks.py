"""Many conversations at once: whoever asked writes one way, whoever helps the other, each waiting for nothing."""

import asyncio
import random
from dataclasses import dataclass

from chaos.relay.books import Said
from chaos.relay.stage import Stage
from contracts.demands import TakeDemand
from contracts.failures import Busy, DeadlineExceeded
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEND
from contracts.scenarios import Scenario
from contracts.shapes import DemandId
from telegram_simulator import Person
from world import Person as Known

AT_ONCE = 20
AGAIN = 0.5  # s between attempts


@dataclass
class Speaker:
    """One side of a talk: in Telegram, and as the api knows them."""

    side: str
    telegram: Person
    known: Known


@dataclass
class Talk:
    """A held demand with the two who talk about it."""

    number: int
    demand: DemandId
    asks: Speaker
    helps: Speaker

    def saying(self, speaker: Speaker, place: int) -> Said:
        """What they say next."""
        other = self.helps if speaker is self.asks else self.asks
        mark = f"[t{self.number}-{speaker.side}-{place}]"
        return Said(mark, speaker.telegram.id, other.telegram.id, place)


async def talks(stage: Stage, many: int) -> list[Talk]:
    """So many conversations."""
    scenario = await stage.world.scenario()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> Talk:
        async with gate:
            asks, helps = await _speaker(stage, "r", scenario), await _speaker(stage, "p", scenario)
            demand = (await stage.world.demand(asks.known, scenario)).id
            await helps.known.call(DEMANDS_TAKE, TakeDemand(demand=demand))
            return Talk(number, demand, asks, helps)

    return list(await asyncio.gather(*(one(number) for number in range(many))))


async def _speaker(stage: Stage, side: str, scenario: Scenario) -> Speaker:
    telegram = await stage.town.person("Olga" if side == "r" else "Nino")
    known = Known(stage.world, telegram.id, (await stage.town.me(telegram)).user.id)
    if side == "p":
        await stage.world.assign(known, scenario)
    return Speaker(side, telegram, known)


class Pace:
    """How much may be said: a part before each fault, the rest after the last."""

    def __init__(self, parts: int) -> None:
        self.parts = parts
        self._open = 0
        self._opened = asyncio.Condition()

    async def open(self) -> None:
        """Let everybody say one part more."""
        async with self._opened:
            self._open += 1
            self._opened.notify_all()

    async def turn(self, place: int, of: int) -> None:
        """Wait until the part to which this place belongs is open."""
        part = place * self.parts // of
        async with self._opened:
            await self._opened.wait_for(lambda: part < self._open)


async def speak(talk: Talk, speaker: Speaker, many: int, pace: Pace, chance: random.Random) -> list[Said]:
    """Say so many things, by Telegram or by the api itself, and return them in the order they were said."""
    said = []
    by_telegram = (talk.number % 2 == 0) == (speaker is talk.asks)
    for place in range(many):
        await pace.turn(place, many)
        await asyncio.sleep(chance.uniform(0, 0.05))
        one = talk.saying(speaker, place)
        if by_telegram:
            await speaker.telegram.say(f"words {one.mark}")
        else:
            await accepted(talk, speaker, one)
        said.append(one)
    return said


async def accepted(talk: Talk, speaker: Speaker, one: Said) -> None:
    """Send under one key until there is an answer, as an edge does."""
    while True:
        try:
            message = SendMessage(demand=talk.demand, text=f"words {one.mark}")
            await speaker.known.call(MESSAGES_SEND, message, key=one.mark)
        except (Busy, DeadlineExceeded):
            await asyncio.sleep(AGAIN)  # without it, hundreds at once keep a busy api from doing anything else
        else:
            return
