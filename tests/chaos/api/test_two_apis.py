"""Two processes of the api: a call is carried out by one of them, once, and what was answered outlives the one that did."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from chaos.api.crowd import LONG, chance, contradictions, outcome, rounds
from chaos.processes import Herd, herd
from contracts.failures import Busy, DeadlineExceeded
from contracts.messages import SendMessage, Sent
from contracts.operations.messages import MESSAGES_SEND
from integration.api.town import Seated, receive, seated
from local_servers import Addresses, Servers
from world import World, made_world, until

pytestmark = pytest.mark.chaos

SENDS, AT_A_TIME = rounds(300, 10_000), 40
KEPT = "SELECT text, id FROM messages WHERE kind = 'message'"
UNDER_WAY = "SELECT count(*) >= $1 FROM messages WHERE kind = 'message'"


async def sent(places: list[Seated], number: int, tries: int) -> Sent | None:
    """The answer to one message, asked for under its key; None when there was none in so many calls."""
    at = places[number % len(places)]
    for _ in range(tries):
        request = SendMessage(demand=at.demand, text=str(number))
        got = await outcome(at.requester.call(MESSAGES_SEND, request, key=f"send {number}"))
        if isinstance(got, Sent):
            return got
        assert isinstance(got, Busy | DeadlineExceeded), got
    return None


async def all_sent(places: list[Seated], tries: int = 20) -> dict[str, Sent | None]:
    limit = asyncio.Semaphore(AT_A_TIME)

    async def one(number: int) -> Sent | None:
        async with limit:
            return await sent(places, number, tries)

    answers = await asyncio.gather(*(one(number) for number in range(SENDS)))
    return {str(number): answer for number, answer in enumerate(answers)}


def shares(apis: Herd) -> list[int]:
    """How many sends each process says it served."""
    return [
        sum('"call.served"' in line and '"messages.send"' in line for line in api.log.read_text().splitlines())
        for api in apis.apis
    ]


async def test_two_share_the_calls_and_each_is_carried_out_once(
    servers: Addresses, broker: Servers, tmp_path: Path
) -> None:
    async with (
        made_world(servers, broker, serve=False) as world,
        herd(world.environment(), tmp_path, at_once=True) as apis,
    ):
        places = [await seated(world) for _ in range(6)]
        answers = await all_sent(places)
        assert all(answers.values())
        served = shares(apis)
        assert sum(served) >= SENDS
        if LONG:  # nor is anybody so late that it is asked for again
            assert sum(served) == SENDS, "nobody retried, nobody answered twice"
        assert min(served) > SENDS / 10, served
        await check_effects(world, places, answers)


async def check_effects(world: World, places: list[Seated], answers: dict[str, Sent | None]) -> None:
    """Each message is there once, is the one its author was told of, and reaches the other side once."""
    there = await world.ledger.fetch(KEPT)
    assert Counter(row[0] for row in there) == Counter(answers.keys())
    told = {text: answer.id for text, answer in answers.items() if answer is not None}
    assert {row[0]: row[1] for row in there if row[0] in told} == told
    assert await contradictions(world.ledger) == []
    heard = [delivery.text for at in places for delivery in await receive(at.provider) if delivery.notice is None]
    assert Counter(heard) == Counter(answers.keys())


async def test_one_killed_under_load_takes_no_answered_call_along(
    servers: Addresses, broker: Servers, tmp_path: Path
) -> None:
    lot = chance()
    async with (
        made_world(servers, broker, serve=False) as world,
        herd(world.environment(), tmp_path, 2, lot.randrange(2**32), at_once=True) as apis,
    ):
        places = [await seated(world) for _ in range(6)]
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(all_sent(places))
            await until(lambda: world.ledger.fetchval(UNDER_WAY, SENDS // 20))
            for _ in range(rounds(1, 12)):
                killed = await apis.kill_one()
                await killed.answers()
                await asyncio.sleep(lot.uniform(0.1, 0.5))
                if sending.done():
                    break
        answers = sending.result()
        assert all(answers.values()), "whoever asks again is answered by the other"
        await check_effects(world, places, answers)
