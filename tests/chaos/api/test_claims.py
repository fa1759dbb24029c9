"""Claims at one instant: nobody twice, nobody above what they can hold, nothing broken."""

import asyncio
import contextlib
import random
import time

import nats.errors
import pytest

from api.admission import MOST_OF_ONE
from api.idempotency import body_hash
from chaos.api.crowd import at_once, contradictions, kinds, outcome, rounds
from chaos.api.test_sends import blocked, held_still
from contracts import wire
from contracts.demands import CloseDemand, DeclineDemand, NextDemand, NothingWaiting, TakeDemand, Taken
from contracts.failures import AlreadyTaken, Busy, DeadlineExceeded, Internal
from contracts.kinds import Caller
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, DEMANDS_NEXT, DEMANDS_TAKE
from contracts.operations.users import USERS_ENTER
from contracts.scenarios import Scenario
from contracts.users import EnterUser
from world import Person, World

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("patient_locks")]


async def helpers(world: World, scenario: Scenario, many: int) -> list[Person]:
    people = [await world.person() for _ in range(many)]
    await world.ledger.executemany(
        "INSERT INTO memberships (user_id, scenario_id, kind, state) VALUES ($1, $2, 'provider', 'live')",
        [(person.user, scenario.id) for person in people],
    )
    return people


async def empty_hands(world: World) -> None:
    await world.ledger.execute(
        """WITH over AS (UPDATE demands SET status = 'closed', provider_id = NULL, closed_at = now(),
             close_reason = 'fulfilled' WHERE status IN ('held', 'waiting') RETURNING id)
           UPDATE conversations SET open = false WHERE demand_id IN (SELECT id FROM over)"""
    )


async def test_fifty_who_call_at_one_instant_get_fifty_demands(world: World) -> None:
    scenario = await world.scenario()
    people = await helpers(world, scenario, 50)
    await world.ledger.execute("UPDATE users SET capacity = 1")
    requester = await world.person()
    for _ in range(rounds(3, 20)):
        made = await asyncio.gather(
            *(world.demand(person, scenario) for person in [await world.person() for _ in range(50)])
        )
        got = await at_once(person.call(DEMANDS_NEXT, NextDemand()) for person in people)
        assert kinds(got) == {"Taken": 50}
        assert {taken.id for taken in got} == {demand.id for demand in made}
        assert await contradictions(world.ledger) == []
        assert await requester.call(DEMANDS_NEXT, NextDemand()) is not None
        await empty_hands(world)


async def test_one_demand_and_fifty_takers_have_one_winner(world: World) -> None:
    scenario = await world.scenario()
    people = await helpers(world, scenario, 50)
    requester = await world.person()
    for _ in range(rounds(5, 100)):
        demand = await world.demand(requester, scenario)
        got = await at_once(person.call(DEMANDS_TAKE, TakeDemand(demand=demand.id)) for person in people)
        assert kinds(got) == {"Taken": 1, "AlreadyTaken": 49}
        assert await contradictions(world.ledger) == []
        await empty_hands(world)


async def test_takers_who_all_wait_for_one_row_have_one_winner(world: World) -> None:
    scenario = await world.scenario()
    people = await helpers(world, scenario, 5)
    row = "SELECT FROM demands WHERE id = $1 FOR UPDATE"
    for _ in range(rounds(3, 100)):
        demand = await world.demand(await world.person(), scenario)
        async with asyncio.TaskGroup() as group, held_still(world, row, demand.id):
            # What each of them reads without the row's lock is that it waits.
            calls = [group.create_task(outcome(one.call(DEMANDS_TAKE, TakeDemand(demand=demand.id)))) for one in people]
            await blocked(world, 5)
        assert kinds(call.result() for call in calls) == {"Taken": 1, "AlreadyTaken": 4}
        assert await contradictions(world.ledger) == []
        joined = "SELECT count(*) FROM messages WHERE demand_id = $1 AND notice = 'provider_joined'"
        assert await world.ledger.fetchval(joined, demand.id) == 1
        await empty_hands(world)


async def test_one_person_who_calls_twenty_times_at_once_is_never_above_capacity(world: World) -> None:
    scenario = await world.scenario()
    [helper] = await helpers(world, scenario, 1)
    await world.capacity(helper, 3)
    for _ in range(8):
        await world.demand(await world.person(), scenario)
    row = "SELECT FROM users WHERE id = $1 FOR UPDATE"
    async with asyncio.TaskGroup() as group, held_still(world, row, helper.user):
        # All have seen an empty hand before the first of them gets anything.
        calls = [group.create_task(outcome(helper.call(DEMANDS_NEXT, NextDemand()))) for _ in range(20)]
        await blocked(world, MOST_OF_ONE)
    assert kinds(call.result() for call in calls) == {"Taken": 3, "AtCapacity": 17}
    assert await contradictions(world.ledger) == []


async def test_twenty_first_contacts_at_once_are_one_person(world: World) -> None:
    for number in range(rounds(5, 50)):
        actor = f"telegram:{2**52 - number}"
        got = await at_once(
            world.bot.call(USERS_ENTER, EnterUser(display_name=f"Anna {n}"), actor=actor) for n in range(20)
        )
        assert kinds(got) == {"Me": 20}
        assert len({me.user.id for me in got}) == 1
        assert sum(me.is_new for me in got) == 1
    assert await world.ledger.fetchval("SELECT count(*) FROM users") == rounds(5, 50)
    assert await world.ledger.fetchval("SELECT count(*) FROM destinations") == rounds(5, 50)


async def test_a_twin_that_finds_the_queue_empty_hears_of_its_twins_success(world: World) -> None:
    scenario = await world.scenario()
    for number in range(rounds(10, 300)):
        [helper] = await helpers(world, scenario, 1)
        demand = await world.demand(await world.person(), scenario)
        got = await at_once(helper.call(DEMANDS_NEXT, NextDemand(), key=f"wish {number}") for _ in range(4))
        assert kinds(got) == {"Taken": 4}
        assert {taken.id for taken in got} == {demand.id}


async def test_a_twin_in_between_is_heard_of_even_when_it_took_the_last(world: World) -> None:
    scenario = await world.scenario()
    [helper] = await helpers(world, scenario, 1)
    demand = await world.demand(await world.person(), scenario)
    twin_call = "SELECT failure FROM demands_next_v1('telegram', $1, 'wish', $2, '', NULL)"
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as twin, twin.transaction():
        # The call has looked for its key and is about to look whether anything waits.
        await twin.execute("LOCK TABLE memberships IN ACCESS EXCLUSIVE MODE")
        call = group.create_task(helper.call(DEMANDS_NEXT, NextDemand(), key="wish"))
        await blocked(world, 1)
        assert await twin.fetchval(twin_call, str(helper.telegram_id), body_hash(NextDemand())) is None
    got = call.result()
    assert isinstance(got, Taken), got
    assert got.id == demand.id


async def test_a_swap_keeps_what_is_held_when_somebody_else_gets_the_rest(world: World) -> None:
    scenario = await world.scenario()
    people = await helpers(world, scenario, 6)
    for _ in range(rounds(3, 60)):
        for _ in range(6):
            await world.demand(await world.person(), scenario)
        held = [await person.call(DEMANDS_NEXT, NextDemand()) for person in people]
        assert kinds(held) == {"Taken": 6}
        await world.demand(await world.person(), scenario)
        got = await at_once(
            person.call(DEMANDS_NEXT, NextDemand(instead_of=mine.id))  # type: ignore[union-attr]
            for person, mine in zip(people, held, strict=True)
        )
        assert set(kinds(got)) <= {"Taken", "NothingWaiting", "Busy"}
        assert kinds(got)["Taken"] >= 1
        assert await contradictions(world.ledger) == []
        for person in people:
            assert await world.ledger.fetchval("SELECT held FROM users WHERE id = $1", person.user) == 1
        await empty_hands(world)


async def test_decline_close_take_and_next_crossing_leave_the_ledger_true(world: World) -> None:
    scenario = await world.scenario()
    people = await helpers(world, scenario, 8)
    for _ in range(rounds(4, 100)):
        requesters = [await world.person() for _ in range(4)]
        demands = [await world.demand(requester, scenario) for requester in requesters]
        first = await at_once(person.call(DEMANDS_NEXT, NextDemand()) for person in people[:4])
        assert kinds(first) == {"Taken": 4}
        calls = [
            *(person.call(DEMANDS_DECLINE, DeclineDemand(demand=taken.id)) for person, taken in zip(people, first)),  # noqa: B905
            *(
                one.call(DEMANDS_CLOSE, CloseDemand(demand=made.id))
                for one, made in zip(requesters, demands, strict=True)
            ),
            *(person.call(DEMANDS_TAKE, TakeDemand(demand=random.choice(demands).id)) for person in people[4:]),  # noqa: S311
            *(person.call(DEMANDS_NEXT, NextDemand()) for person in people),
        ]
        random.shuffle(calls)
        got = await at_once(calls)  # type: ignore[arg-type]
        assert not {"Internal", "Busy", "DeadlineExceeded"} & set(kinds(got)), kinds(got)
        assert await contradictions(world.ledger) == []
        assert await world.ledger.fetchval("SELECT count(*) FROM demands WHERE status <> 'closed'") == 0
        await empty_hands(world)


async def cut_off(world: World, person: Person, key: str) -> None:
    """A call that the caller leaves, or the api gives up, at a random moment."""
    hurry, patience = random.uniform(0.001, 0.06), random.uniform(0, 0.06)  # noqa: S311
    headers = {
        wire.ACTOR: person.actor,
        wire.IDEMPOTENCY_KEY: key,
        wire.DEADLINE: str(int((time.time() + hurry) * 1000)),
    }
    subject = wire.subject_of(DEMANDS_NEXT, Caller.TELEGRAM)
    with contextlib.suppress(TimeoutError, nats.errors.TimeoutError):
        await world.connections["telegram"].request(subject, b"{}", timeout=patience, headers=headers)


async def test_callers_who_vanish_and_ask_again_get_one_effect(world: World) -> None:
    scenario = await world.scenario()
    people = await helpers(world, scenario, 20)
    for person in people:
        await world.capacity(person, 1000)
    many = rounds(120, 2000)
    source = [await world.person() for _ in range(max(4, many // 4))]
    for number in range(many):
        await world.demand(source[number % len(source)], scenario)

    async def hesitant(person: Person, number: int) -> object:
        key = f"{number}"
        if random.random() < 0.3:  # noqa: S311
            await cut_off(world, person, key)
        for _ in range(20):
            got = await outcome(person.call(DEMANDS_NEXT, NextDemand(), key=key))
            if not isinstance(got, Busy | DeadlineExceeded):
                return got
        return got

    limit = asyncio.Semaphore(25)

    async def bounded(number: int) -> object:
        async with limit:
            return await hesitant(people[number % len(people)], number)

    got = await asyncio.gather(*(bounded(number) for number in range(many)))
    assert kinds(got) == {"Taken": many}
    assert len({taken.id for taken in got if isinstance(taken, Taken)}) == many
    assert await contradictions(world.ledger) == []
    facts = await world.ledger.fetchval("SELECT count(*) FROM messages WHERE notice = 'provider_joined'")
    assert facts == many
    assert await people[0].call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()
    assert not any(isinstance(each, AlreadyTaken | Internal) for each in got)
