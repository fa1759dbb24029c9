"""What was put aside, as the operator sees it and puts it back: facts and deliveries of the ledger, items of the stream."""

import getpass
import json
from io import StringIO
from uuid import uuid4

import pytest
from rich.console import Console

from contracts.operations.system import SYSTEM_READY
from contracts.system import GetReady
from integration.api.town import begin, receive, seated
from mutual_aid import aside
from mutual_aid.trouble import Trouble
from service_kit.broker import drain
from world import World, connection_of, until

FACT = "INSERT INTO outbox (subject, body) VALUES ($1, jsonb_build_object('n', repeat('x', $2))) RETURNING msg_id"
PARKED = "SELECT msg_id, reason FROM outbox_parked ORDER BY id"


def environment(world: World) -> dict[str, str]:
    folder = next(iter(world.broker.nats_seeds.values())).parent
    return {"NATS_URL": world.settings.nats_url, "NATS_SEEDS_DIR": str(folder)}


async def shown(world: World) -> tuple[int, str]:
    console = Console(record=True, width=200, file=StringIO())
    return await aside.show(environment(world), console), console.export_text()


async def test_a_fact_nobody_would_take_is_seen_and_put_back_and_both_are_on_record(world: World) -> None:
    assert await shown(world) == (0, "Nothing is parked.\n")
    where = environment(world)
    subject = f"evt.v1.demand.{uuid4()}.taken"
    fact = await world.ledger.fetchval(FACT, "nobody.v1.listens", 1)
    long = await world.ledger.fetchval(FACT, subject, 2_000_000)
    await until(lambda: world.ledger.fetchval("SELECT count(*) = 2 FROM outbox_parked"))

    count, text = await shown(world)
    assert count == 2
    for expected in (str(fact), "nobody.v1.listens", "BadSubjectError", str(long), "MaxPayloadError"):
        assert expected in text
    assert await aside.body(where, str(fact)) == 'nobody.v1.listens\n{"n": "x"}'
    cut = await aside.body(where, str(long))
    assert cut.endswith("... 2000009 bytes in all")
    assert len(cut) < 1000

    # The reason is not gone: it goes into the outbox and comes back, under the same id.
    assert await aside.retry(where, [str(fact)]) == (1, 0)
    await until(lambda: world.ledger.fetchval("SELECT count(*) = 2 FROM outbox_parked"))
    assert {row["msg_id"] for row in await world.ledger.fetch(PARKED)} == {fact, long}

    # Gone for both: they are told, each under its own id, and nothing is left.
    await world.ledger.execute("UPDATE outbox_parked SET subject = $1, body = '{\"n\": 1}'", subject)
    assert await aside.retry(where, []) == (2, 0)
    await until(lambda: world.ledger.fetchval("SELECT count(*) = 0 FROM outbox"))
    assert await world.ledger.fetch(PARKED) == []
    migrator = await connection_of(world.broker, "migrate")
    jetstream = migrator.jetstream(timeout=5)
    told = (await jetstream.stream_info("EVENTS", subjects_filter=subject)).state.subjects or {}
    assert told == {subject: 2}
    last = await jetstream.get_last_msg("EVENTS", subject)
    assert (last.headers or {})["Nats-Msg-Id"] in {str(fact), str(long)}
    assert json.loads(last.data or b"") == {"n": 1}
    await drain(migrator, within=2)

    rows = await world.ledger.fetch(
        "SELECT actor, subject_id FROM audit WHERE operation = 'facts.retry' ORDER BY subject_id"
    )
    assert [tuple(row) for row in rows] == [(f"operator:{getpass.getuser()}", one) for one in (fact, fact, long)]
    with pytest.raises(Trouble, match=f"{fact} is not parked"):
        await aside.retry(where, [str(fact)])
    with pytest.raises(Trouble, match="seven is neither a number nor an id"):
        await aside.body(where, "seven")


async def test_a_parked_delivery_is_seen_and_put_back_once_and_then_waits_no_more(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    where = environment(world)
    parked = await world.ledger.fetchval(
        "UPDATE deliveries SET status = 'parked', reason = 'unknown_too_often', settled_at = now()"
        " WHERE recipient_id = $1 AND notice = 'received' RETURNING id",
        at.requester.user,
    )
    count, text = await shown(world)
    assert count == 1
    for expected in (str(parked), "delivery.received", "unknown_too_often"):
        assert expected in text
    assert (await world.operator.call(SYSTEM_READY, GetReady())).deliveries_parked == 1
    assert json.loads(await aside.body(where, str(parked)))["status"] == "parked"

    assert await aside.retry(where, []) == (1, 0)
    assert (await shown(world))[0] == 0
    assert (await world.operator.call(SYSTEM_READY, GetReady())).deliveries_parked == 0
    delivery = await begin(at.requester)
    assert delivery is not None
    assert delivery.notice == "received"
    assert await aside.retry(where, [str(parked)]) == (0, 1), "another stands in its place already"
    with pytest.raises(Trouble, match="is not parked"):
        await aside.body(where, str(parked))


async def test_a_delivery_to_a_chat_that_is_gone_stays(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    parked = await world.ledger.fetchval(
        "UPDATE deliveries SET status = 'parked', settled_at = now() WHERE recipient_id = $1 AND notice = 'received' RETURNING id",
        at.requester.user,
    )
    await world.ledger.execute("UPDATE destinations SET reachable = false")
    assert await aside.retry(environment(world), []) == (0, 1)
    count, text = await shown(world)
    assert count == 1
    assert str(parked) in text


async def test_words_of_people_are_in_no_list(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    await world.ledger.execute("UPDATE deliveries SET status = 'parked', settled_at = now()")
    _, text = await shown(world)
    assert "Insulin" not in text
    assert "delivery." in text
    for delivery in await world.ledger.fetch("SELECT id FROM deliveries"):
        assert "Insulin" not in await aside.body(environment(world), str(delivery["id"]))
