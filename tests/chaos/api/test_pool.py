"""Calls given up at random moments leave no connection behind that is taken, half-way through something, or another's."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from api.ledger import COLD_CONNECTIONS, Ledger, fetchrow, open_ledger
from chaos.api.crowd import at_once, bound, chance, kinds, rounds
from contracts.demands import GetDemand, NextDemand
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_GET, DEMANDS_NEXT
from contracts.operations.messages import MESSAGES_SEND
from integration.api.town import seated
from world import World, until

pytestmark = pytest.mark.chaos

QUERIES, AT_A_TIME, GIVEN_UP = rounds(1200, 20_000), 40, 0.3
POOL = 8
OPEN = "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'api%' AND state <> 'idle'"
NOTED = text("INSERT INTO noted VALUES (:number)")
SLOW = text("SELECT CAST(:number AS integer) FROM pg_sleep(:pause)")


@pytest.fixture
async def ledger(world: World) -> AsyncIterator[Ledger]:
    """Connections of one's own, as an api has them."""
    await world.ledger.execute("CREATE TABLE noted (number integer PRIMARY KEY)")
    own = await open_ledger(str(world.settings.postgres_url), POOL)
    yield own
    await own.close()


async def hot(ledger: Ledger, number: int, pause: float) -> int:
    """One statement through the lean pool; what it answers is its own number."""
    row = await fetchrow(ledger.pool, "SELECT $1::integer FROM pg_sleep($2)", number, pause)
    assert row is not None
    answer: int = row[0]
    return answer


async def cold(ledger: Ledger, number: int, pause: float) -> int:
    """A transaction of three statements; its row is there exactly when it ended well."""
    async with ledger.engine.begin() as db:
        await db.execute(NOTED, {"number": number})
        answer: int = (await db.execute(SLOW, {"number": number, "pause": pause})).scalar_one()
    return answer


async def given_up(ledger: Ledger, number: int, lot: random.Random) -> str:
    """One query, in three cases of ten cancelled at a moment drawn by lot; what became of it."""
    pause = lot.choice([0, 0, lot.uniform(0, 0.01)])
    query = (hot if number % 2 else cold)(ledger, number, pause)
    patience = lot.uniform(0, 0.02) if lot.random() < GIVEN_UP else 60.0
    try:
        async with asyncio.timeout(patience):
            assert await query == number, "somebody else's answer"
    except TimeoutError:
        return "given up"
    except NoConnectionFree:
        return "none free"
    return "answered"


async def test_queries_cancelled_at_random_moments_poison_no_connection(world: World, ledger: Ledger) -> None:
    lot, limit = chance(), asyncio.Semaphore(AT_A_TIME)
    became: dict[int, str] = {}

    async def one(number: int) -> None:
        async with limit:
            became[number] = await given_up(ledger, number, lot)

    await asyncio.gather(*(one(number) for number in range(QUERIES)))
    counted = Counter(became.values())
    print(counted)  # noqa: T201 - the figures of a long run
    assert counted["given up"] > QUERIES * GIVEN_UP / 3
    # Six that do not come free leave none for half of the queries; a busy machine, where a second is short, for a tenth (measured at load 8).
    assert counted["none free"] <= QUERIES * 0.25, "the cold connections come free again"

    noted = {row[0] for row in await world.ledger.fetch("SELECT number FROM noted")}
    answered = {number for number, how in became.items() if how == "answered" and number % 2 == 0}
    assert answered <= noted, "what was answered has happened"

    async with asyncio.timeout(bound(30, 5)):
        # All connections at once, each at rest and with nothing left over from a call before.
        held = [await ledger.pool.acquire() for _ in range(POOL)]
        assert not any(connection.is_in_transaction() for connection in held)
        assert [await connection.fetchval("SELECT $1::integer", n) for n, connection in enumerate(held)] == [
            *range(POOL)
        ]
        settings = {await connection.fetchval("SHOW statement_timeout") for connection in held}
        assert settings == {"3s"}
        for connection in held:
            await ledger.pool.release(connection)
        await asyncio.gather(*(cold(ledger, QUERIES + n, 0.05) for n in range(COLD_CONNECTIONS)))
    await until(lambda: world.ledger.fetchval(OPEN))


async def test_a_row_held_for_long_makes_callers_busy_in_time_and_nobody_else(world: World) -> None:
    at, other = await seated(world), await seated(world)
    calls = rounds(60, 200)
    async with world.ledger.acquire() as holder, holder.transaction():
        await holder.execute("SELECT FROM conversations WHERE demand_id = $1 FOR UPDATE", at.demand)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            stuck = group.create_task(
                at_once(
                    at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=f"{n}"), key=f"{n}")
                    for n in range(calls)
                )
            )
            await asyncio.sleep(1)
            free = await at_once(other.requester.call(DEMANDS_GET, GetDemand(demand=other.demand)) for _ in range(20))
            nexts = await at_once([other.provider.call(DEMANDS_NEXT, NextDemand()) for _ in range(3)])
        assert time.monotonic() - began < bound(15, 7)
        assert set(kinds(stuck.result())) <= {"Busy", "DeadlineExceeded"}
        assert kinds(free) == {"Demand": 20}
        assert set(kinds(nexts)) <= {"AtCapacity", "Busy", "DeadlineExceeded"}
    again = await at_once(
        at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=f"{n}"), key=f"{n}") for n in range(calls)
    )
    assert kinds(again) == {"Sent": calls}
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'") == calls
