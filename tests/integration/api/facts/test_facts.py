"""Facts and signals that the broker will never take: looked at in order, and put back once, by one."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from contracts.facts import RetryFact, SearchFacts
from contracts.failures import NotFound
from contracts.operations.system import FACTS_RETRY, FACTS_SEARCH
from contracts.shapes import Done, FactId
from world import OPERATOR, World, until

FACT = "INSERT INTO outbox (subject, body, traceparent) VALUES ('nobody.v1.listens', '{}', 'trace') RETURNING msg_id"


async def put_aside(world: World, many: int) -> list[UUID]:
    """So many facts that went through the publisher and were refused, in their order."""
    ids = [await world.ledger.fetchval(FACT) for _ in range(many)]
    await until(lambda: world.ledger.fetchval("SELECT count(*) = $1 FROM outbox_parked", many))
    return ids


async def test_they_are_paged_oldest_first_and_one_can_be_asked_for(world: World) -> None:
    ids = await put_aside(world, 7)
    pages = [
        await world.operator.call(FACTS_SEARCH, SearchFacts(limit=3, offset=at), actor=OPERATOR) for at in (0, 3, 6)
    ]
    assert [line.id for page in pages for line in page.items] == ids
    assert [page.more for page in pages] == [True, True, False]
    alone = await world.operator.call(FACTS_SEARCH, SearchFacts(fact=FactId(ids[4])), actor=OPERATOR)
    [line] = alone.items
    assert (line.id, line.subject, line.reason, line.body, line.size, line.traceparent) == (
        ids[4], "nobody.v1.listens", "BadSubjectError", "{}", 2, "trace"
    )  # fmt: skip
    assert abs(line.parked_at - line.recorded_at) < timedelta(minutes=1)
    nothing = await world.operator.call(FACTS_SEARCH, SearchFacts(fact=FactId(uuid4())), actor=OPERATOR)
    assert nothing.items == []


async def test_of_many_who_put_one_back_one_does_and_it_is_on_record_once(world: World) -> None:
    [first, second] = await put_aside(world, 2)
    await world.ledger.execute("UPDATE outbox_parked SET subject = 'evt.v1.demand.' || msg_id || '.taken'")
    asked = RetryFact(fact=FactId(first))
    answers = await asyncio.gather(
        *(world.operator.call(FACTS_RETRY, asked, actor=OPERATOR) for _ in range(10)), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(Done) == 1
    assert {type(answer) for answer in answers} == {Done, NotFound}
    rows = await world.ledger.fetch("SELECT actor, subject_id FROM audit WHERE operation = 'facts.retry'")
    assert [tuple(row) for row in rows] == [(OPERATOR, first)]
    left = await world.operator.call(FACTS_SEARCH, SearchFacts(), actor=OPERATOR)
    assert [line.id for line in left.items] == [second]
    await until(lambda: world.ledger.fetchval("SELECT count(*) = 0 FROM outbox"))
