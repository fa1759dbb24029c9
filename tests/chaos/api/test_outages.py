"""Something the api needs goes away: typed answers meanwhile, nothing lost, and work again by itself."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from nats.js import JetStreamContext

from api.app import running
from chaos.api.crowd import at_once, bound, contradictions, kinds
from contracts.demands import CreateDemand, GetDemand
from contracts.failures import DeadlineExceeded
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_GET
from contracts.operations.messages import MESSAGES_SEND
from integration.api.town import chat_of, receive, seated, words
from local_servers import Addresses, Servers
from service_kit.broker import drain
from service_kit.process import Stop
from world import World, connection_of, emptied_streams, made_world, until

pytestmark = pytest.mark.chaos

PUBLISHER = 7_201_002
LEFT = "SELECT count(*) FROM outbox"


@asynccontextmanager
async def stream(broker: Servers) -> AsyncIterator[JetStreamContext]:
    """A look at the streams from outside."""
    connection = await connection_of(broker, "migrate")
    try:
        yield connection.jetstream(timeout=5)
    finally:
        await drain(connection, within=2)


async def signals(jetstream: JetStreamContext) -> set[str]:
    """The destinations the bell rings for."""
    info = await jetstream.stream_info("NOTIFY", subjects_filter="notify.v1.>")
    return {subject.rpartition(".")[2] for subject in info.state.subjects or {}}


async def emptied(world: World) -> None:
    await until(lambda: world.ledger.fetchval("SELECT count(*) = 0 FROM outbox"))


async def test_the_outbox_empties_in_the_order_things_happened(world: World, broker: Servers) -> None:
    at = await seated(world)
    sent = [
        await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"))
        for _ in range(20)
        for person in (at.requester, at.provider)
    ]
    await emptied(world)
    async with stream(broker) as jetstream:
        state = (await jetstream.stream_info("EVENTS")).state
        facts = [await jetstream.get_msg("EVENTS", seq) for seq in range(state.first_seq, state.last_seq + 1)]
        told = [json.loads(fact.data) for fact in facts if fact.data and (fact.subject or "").endswith(".sent")]
        assert [fact["message"] for fact in told] == [str(one.id) for one in sent]
        assert [fact["seq"] for fact in told] == [one.seq for one in sent]
        assert {str(await chat_of(person)) for person in (at.requester, at.provider)} <= await signals(jetstream)


async def test_what_was_committed_and_not_published_is_published_by_the_next_process(
    servers: Addresses, broker: Servers
) -> None:
    async with made_world(servers, broker, serve=False) as world:
        async with world.ledger.acquire() as holder:
            # Somebody else leads and does nothing: the first process commits and never publishes.
            await holder.execute("SELECT pg_advisory_lock($1)", PUBLISHER)
            async with running(world.settings, Stop()):
                at = await seated(world)
                await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Иду"))
            assert await world.ledger.fetchval(LEFT) > 5
            async with stream(broker) as jetstream:
                assert await signals(jetstream) == set()
            await holder.execute("SELECT pg_advisory_unlock($1)", PUBLISHER)
        async with running(world.settings, Stop()), stream(broker) as jetstream:
            await emptied(world)
            assert str(await chat_of(at.provider)) in await signals(jetstream)
            assert words(await receive(at.provider))[-1] == "Иду"


async def test_an_erased_jetstream_is_filled_again_from_the_ledger(world: World, broker: Servers) -> None:
    at = await seated(world)
    await emptied(world)
    owed = {str(await chat_of(person)) for person in (at.requester, at.provider, at.moderator)}
    await broker.erase_jetstream()
    await emptied_streams(broker)  # what `migrate` does after such a loss
    async with stream(broker) as jetstream:
        async with asyncio.timeout(30):
            while not owed <= await signals(jetstream):  # noqa: ASYNC110 - another process sends no signal
                await asyncio.sleep(0.05)
        sent = await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="again"))
        assert sent.recipients == 1
        await emptied(world)


async def test_a_restarted_broker_costs_nothing_but_time(world: World, broker: Servers) -> None:
    at = await seated(world)
    await broker.kill("nats")
    await broker.restart("nats")
    async with asyncio.timeout(20):
        while True:
            [got] = await at_once(
                [at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"), key="one")]
            )
            if type(got).__name__ == "Sent":
                break
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'") == 1
    await emptied(world)
    assert words(await receive(at.provider))[-1] == "x"
    assert await contradictions(world.ledger) == []


async def test_connections_cut_in_mid_call_give_busy_in_time_and_work_again(world: World) -> None:
    at = await seated(world)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'api%'"
    async with world.ledger.acquire() as killer:
        for number in range(3):
            async with asyncio.TaskGroup() as group:
                began = time.monotonic()
                calls = [
                    group.create_task(
                        _kind(
                            at.requester.call(
                                MESSAGES_SEND, SendMessage(demand=at.demand, text="x"), key=f"{number}.{n}"
                            )
                        )
                    )
                    for n in range(30)
                ] + [
                    group.create_task(_kind(at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))))
                    for _ in range(30)
                ]
                await killer.execute(cut)
            assert time.monotonic() - began < bound(15, 6)
            assert {task.result() for task in calls} <= {"Sent", "Demand", "Busy", "DeadlineExceeded"}
    assert kinds(await at_once(at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand)) for _ in range(20))) == {
        "Demand": 20
    }
    again = await at_once(
        at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"), key=f"{number}.{n}")
        for number in range(3)
        for n in range(30)
    )
    assert kinds(again) == {"Sent": 90}
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE kind = 'message'") == 90
    assert await contradictions(world.ledger) == []


async def _kind(call: Any) -> str:
    [got] = await at_once([call])
    return type(got).__name__


async def test_a_change_whose_connection_is_cut_while_it_waits_is_not_called_undone_and_is_done_once(
    world: World,
) -> None:
    at = await seated(world)
    before = await world.ledger.fetchval("SELECT count(*) FROM messages")
    subject = "api.v1.telegram.messages.send"
    headers = {"Actor": at.requester.actor, "Idempotency-Key": "k"}
    body = json.dumps({"demand": str(at.demand), "text": "x"}).encode()
    async with asyncio.TaskGroup() as group, world.ledger.acquire() as holder, holder.transaction():
        await holder.execute("SELECT FROM conversations WHERE demand_id = $1 FOR UPDATE", at.demand)
        task = group.create_task(world.connections["telegram"].request(subject, body, timeout=5, headers=headers))
        waits = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'api%'"
        pid = await until(lambda: world.ledger.fetchval(waits))
        await world.ledger.execute("SELECT pg_terminate_backend($1)", pid)
        answer = await task
    assert (answer.headers or {})["Nats-Service-Error"] == DeadlineExceeded.__name__
    assert await world.ledger.fetchval("SELECT count(*) FROM messages") == before
    again = [await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"), key="k") for _ in range(2)]
    assert again[0] == again[1]
    assert await world.ledger.fetchval("SELECT count(*) FROM messages") == before + 1


async def test_of_two_publishers_one_leads_and_the_other_takes_over(servers: Addresses, broker: Servers) -> None:
    async with made_world(servers, broker) as world, running(world.settings, Stop()):
        leader = """SELECT l.pid FROM pg_locks l JOIN pg_database b ON b.oid = l.database AND b.datname = current_database()
            WHERE l.locktype = 'advisory' AND l.objid = $1 AND l.granted = $2"""
        first = await until(lambda: world.ledger.fetchval(leader, PUBLISHER, True))
        second = await until(lambda: world.ledger.fetchval(leader, PUBLISHER, False))
        scenario, person = await world.scenario(), await world.person()
        for _ in range(5):
            made = await person.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="x"))
            assert made.ahead >= 0
        await emptied(world)
        async with stream(broker) as jetstream:
            state = (await jetstream.stream_info("EVENTS")).state
            facts = [await jetstream.get_msg("EVENTS", seq) for seq in range(state.first_seq, state.last_seq + 1)]
            created = [fact.subject for fact in facts if (fact.subject or "").endswith(".created")]
            assert len(created) == len(set(created)) == 5
        await world.ledger.execute("SELECT pg_terminate_backend($1)", first)
        await until(lambda: world.ledger.fetchval(f"{leader} AND l.pid = $3", PUBLISHER, True, second))
        await world.person()
        await person.call(DEMANDS_GET, GetDemand(demand=made.id))
        await world.demand(await world.person(), scenario)
        await emptied(world)


async def test_a_crash_between_publishing_and_forgetting_repeats_no_fact(world: World, broker: Servers) -> None:
    scenario, person = await world.scenario(), await world.person()
    await emptied(world)
    async with world.ledger.acquire() as connection:
        await connection.execute("CREATE TABLE kept AS SELECT * FROM outbox")
        await connection.execute(
            """CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$
               BEGIN INSERT INTO kept SELECT NEW.*; RETURN NEW; END $$"""
        )
        await connection.execute("CREATE TRIGGER keeping AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION keep()")
        await world.demand(person, scenario)
        await emptied(world)
        # As if the process had died before its commit: the same rows are there again.
        await connection.execute("DROP TRIGGER keeping ON outbox")
        await connection.execute("INSERT INTO outbox OVERRIDING SYSTEM VALUE SELECT * FROM kept")
    await emptied(world)
    async with stream(broker) as jetstream:
        state = (await jetstream.stream_info("EVENTS")).state
        facts = [await jetstream.get_msg("EVENTS", seq) for seq in range(state.first_seq, state.last_seq + 1)]
    assert [(fact.subject or "").rpartition(".")[2] for fact in facts].count("created") == 1
