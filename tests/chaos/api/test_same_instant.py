"""Words in the same instant as a claim, a decline or a close: the exact set of what is owed, from the serial order."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from chaos.api.crowd import at_once, contradictions, kinds, rounds
from chaos.relay.chance import drawn_from, seed
from contracts.demands import CloseDemand, DeclineDemand, TakeDemand
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEND
from integration.api.town import Seated, seated
from world import Person, World

pytestmark = pytest.mark.chaos

AT_ONCE = 4

MOST = 12  # words of one person in one crossing

LINES = "SELECT id, seq, kind, author_id, notice FROM messages WHERE demand_id = $1 ORDER BY seq"
OWED = """
    SELECT message_id, recipient_id, notice FROM deliveries
    WHERE demand_id = $1 AND kind = 'send' AND supersedes IS NULL AND (message_id IS NOT NULL OR notice = 'you_took_it')
"""


class Serial:
    """What is owed, by the words of the rules: told line by line in the order of the conversation."""

    def __init__(self, requester: UUID) -> None:
        self.seats = {requester}
        self.owed: Counter[tuple[UUID | None, UUID]] = Counter()
        self.reached: dict[UUID, int] = {}
        self._said: list[tuple[UUID, UUID]] = []
        self._closed = False

    def tell(self, line: Any) -> None:
        """The next line."""
        author, notice = line["author_id"], line["notice"]
        if notice == "provider_joined":
            self.seats.add(author)
        elif notice == "looking_for_another":
            self.seats.discard(author)
        elif notice == "closed":
            self._closed = True
        told = self.seats - {author}
        self.owed.update((line["id"], person) for person in told)
        if notice == "provider_joined":
            self.owed[None, author] += 1
            self.owed.update((said, author) for said, by in self._said if by != author and not self.owed[said, author])
        if line["kind"] == "message":
            assert author in self.seats, "who had no seat was heard"
            assert not self._closed, "something was said after the end"
            self._said.append((line["id"], author))
            self.reached[line["id"]] = len(told)


async def judged(world: World, at: Seated, answers: list[Any]) -> list[Any]:
    """The ledger owes exactly what the serial order says, and every answer said so; the lines in that order."""
    serial = Serial(at.requester.user)
    lines = await world.ledger.fetch(LINES, at.demand)
    for line in lines:
        serial.tell(line)
    rows = await world.ledger.fetch(OWED, at.demand)
    assert Counter((row["message_id"], row["recipient_id"]) for row in rows) == serial.owed
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    sent = {answer.id: answer for answer in answers if type(answer).__name__ == "Sent"}
    assert sent.keys() <= serial.reached.keys()
    assert {message: answer.recipients for message, answer in sent.items()} == {
        message: serial.reached[message] for message in sent
    }
    return list(lines)


async def speak(person: Person, at: Seated, crossed: asyncio.Event, chance: random.Random) -> list[Any]:
    """What came of somebody's words, who goes on while something is decided, and says one thing more after it."""
    answers = []
    while not crossed.is_set() and len(answers) < MOST:
        answers += await at_once([say(person, at, str(len(answers)))])
        await asyncio.sleep(chance.uniform(0, 0.02))
    await crossed.wait()
    return answers + await at_once([say(person, at, "last")])


def say(person: Person, at: Seated, text: str) -> Any:
    return person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))


async def a_claim(world: World, at: Seated) -> list[Any]:
    """A waiting demand with words in it, and somebody who takes it."""
    await say(at.requester, at, "before")
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    helper, late = await world.member(at.scenario), await world.member(at.scenario)
    return [person.call(DEMANDS_TAKE, TakeDemand(demand=at.demand)) for person in (helper, late)]


async def a_decline(world: World, at: Seated) -> list[Any]:
    """A held demand whose provider says no, and somebody who takes it in the same instant."""
    helper = await world.member(at.scenario)
    return [
        at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand)),
        helper.call(DEMANDS_TAKE, TakeDemand(demand=at.demand)),
    ]


async def a_close(world: World, at: Seated) -> list[Any]:
    """A held demand that ends."""
    del world
    return [at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))]


@pytest.mark.parametrize("crossing", [a_claim, a_decline, a_close])
async def test_words_in_the_same_instant_are_owed_to_exactly_those_who_sat_there(
    world: World, crossing: Callable[[World, Seated], Any]
) -> None:
    chance = drawn_from(seed())
    outcomes: Counter[str] = Counter()
    sides: Counter[str] = Counter()

    async def one() -> None:
        at = await seated(world)
        calls = await crossing(world, at)
        crossed = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            speaking = [group.create_task(speak(person, at, crossed, chance)) for person in (at.requester, at.provider)]
            await asyncio.sleep(chance.uniform(0, 0.01))
            answers = await at_once(calls)
            crossed.set()
        answers += [answer for task in speaking for answer in task.result()]
        outcomes.update(kinds(answers))
        refused = sum(type(answer).__name__ in {"NotFound", "AlreadyClosed"} for answer in answers)
        assert not {"Internal", "Busy", "DeadlineExceeded"} & set(kinds(answers)), kinds(answers)
        lines = await judged(world, at, answers)
        last = max(line["seq"] for line in lines if line["kind"] == "notice")
        words = [line["seq"] for line in lines if line["kind"] == "message"]
        sides.update(before=sum(seq < last for seq in words), after=sum(seq > last for seq in words) + refused)

    for _ in range(rounds(25, 1000) // AT_ONCE):
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    assert await contradictions(world.ledger) == []
    print(dict(outcomes), dict(sides))  # noqa: T201 - what came of it
    # A crossing that is never crossed proves nothing.
    assert min(sides["before"], sides["after"]) > len(sides)
