"""Each service's own key in wrong hands: what it is refused, and that nothing has come of trying."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import nats
import nats.errors
import pytest
from nats.aio.client import Client as Nats

from contracts import wire
from contracts.failures import Failure, Forbidden
from contracts.kinds import Caller
from contracts.operations import OPERATIONS
from contracts.permissions import inbox_of, nats_users
from integration.api.matrix.walking import fingerprint
from integration.contracts.scripted_api import Join
from local_servers import Addresses, NatsUser, Servers, start
from mutual_aid.stack import backing as stack
from service_kit.broker import Connection, Denied
from world import OPERATOR, World, made_world

USERS = tuple(user.name for user in nats_users())
WITHOUT_STREAMS = tuple(user for user in USERS if user != "migrate")
BAN = "api.v1.operator.scenarios.create"
BODY = json.dumps({"place": "Forged", "resource": "Forged"}).encode()


def publishes(user: str) -> list[tuple[str, str]]:
    """What nobody but its owner may say: subject, and where the answer would go."""
    own = f"{inbox_of(user)}.x"
    others = [each for each in USERS if each != user]
    return [
        *((f"{inbox_of(other)}.x", "") for other in others if not (user == "api" and other in set(Caller))),
        *((f"api.v1.{caller}.scenarios.create", own) for caller in Caller if caller != user),
        *((f"api.v1.{caller}.demands.get", own) for caller in Caller if caller != user),
        ("api.v1.publisher.demands.get", own), ("api.v1..demands.get", own), ("api.v1.*.demands.get", own),
        ("api.v1.>", own), ("$SYS.REQ.SERVER.PING", own),
        ("$SYS.REQ.ACCOUNT.PING.CONNZ", own), ("$SYS.REQ.USER.INFO", own), ("$JS.FLOW.NOTIFY.telegram_owed", own),
        *(() if user == "publisher" else (("notify.v1.telegram.x", ""), ("evt.v1.demand.x.taken", ""))),
        *(() if user == "telegram" else (("intake.v1.telegram.0", ""), ("parked.v1.telegram.x", ""))),
        *(() if user in {"telegram", "migrate"} else (("$JS.API.CONSUMER.MSG.NEXT.NOTIFY.telegram_owed", own),)),
    ]  # fmt: skip


TRICKS: tuple[tuple[str, str], ...] = (
    ("api.v1.>", ""), ("api.v1.>", "api2"), ("api.v1.*.*.*", ""), ("api.>", "api"), ("*.v1.>", "api"), ("*.*.*.*.*", "api"),
    (">", "api"), ("*", "api"), ("api.v1.telegram.messages.send", "*"), ("api.v1.telegram.messages.send", ">"),
    ("api.v1.telegram.messages.send", "API"), ("notify.v1.>", "api"), ("notify.*.telegram.*", ""), ("evt.>", "telegram_owed"),
    ("*.v1.telegram.*", ""), ("*.forged.>", ""), ("_INBOX_telegram.>", "api"), ("*.x", ""), ("*.*", "api"),
    ("$JS.API.CONSUMER.>", "api"), ("$JS.ACK.NOTIFY.>", ""), ("$SYS.>", "api"), ("$JS.EVENT.ADVISORY.>", ""),
)  # fmt: skip
STREAMING = (
    "STREAM.CREATE.FORGED", "STREAM.UPDATE.NOTIFY", "STREAM.PURGE.NOTIFY", "STREAM.DELETE.NOTIFY", "STREAM.PURGE.INTAKE",
    "STREAM.MSG.DELETE.EVENTS", "STREAM.MSG.GET.INTAKE", "DIRECT.GET.INTAKE", "STREAM.SNAPSHOT.EVENTS", "STREAM.RESTORE.X",
    "CONSUMER.CREATE.EVENTS.spy", "CONSUMER.CREATE.EVENTS.spy.evt.v1.>", "CONSUMER.DURABLE.CREATE.INTAKE.spy",
    "CONSUMER.DELETE.NOTIFY.telegram_owed", "CONSUMER.PAUSE.NOTIFY.telegram_owed", "CONSUMER.LIST.NOTIFY", "META.LEADER.STEPDOWN",
    "SERVER.REMOVE", "ACCOUNT.PURGE.$G", "STREAM.LEADER.STEPDOWN.NOTIFY", "CONSUMER.UNPIN.NOTIFY.telegram_owed",
)  # fmt: skip


async def refused(connection: Connection) -> list[Denied]:
    """What the broker has refused since the last time; it answers in order, so a ping comes back after all of it."""
    heard: list[Denied] = getattr(connection, "_heard_refusals", [])
    if not hasattr(connection, "_heard_refusals"):
        connection._heard_refusals = heard  # type: ignore[attr-defined]
        connection.on_denied(heard.append)
    await connection.flush()
    told, heard[:] = list(heard), []
    return told


async def streams_as_they_are(join: Join) -> list[tuple[str, int, int, str]]:
    migrator = await join("migrate")
    infos = await migrator.jetstream(timeout=5).streams_info()
    return sorted(
        (str(info.config.name), info.state.messages, info.state.consumer_count, repr(info.config)) for info in infos
    )


@pytest.mark.parametrize("user", USERS)
async def test_no_key_says_or_hears_what_is_anothers_and_nothing_comes_of_it(
    world: World, join: Join, user: str
) -> None:
    connection = await join(user)
    await refused(connection)
    before, streams = await fingerprint(world.ledger), await streams_as_they_are(join)
    headers = {wire.ACTOR: OPERATOR, wire.IDEMPOTENCY_KEY: "forged"}
    for subject, reply in publishes(user):
        await connection.publish(subject, BODY, reply=reply, headers=headers)
        assert [each.action for each in await refused(connection)] == ["publish"], subject
    for subject, queue in TRICKS:
        if user == "telegram" and subject.startswith("_INBOX_telegram"):
            continue
        await connection.subscribe(subject, queue=queue)
        assert [each.action for each in await refused(connection)] == ["subscribe"], (subject, queue)
    if user in WITHOUT_STREAMS:
        for request in STREAMING:
            await connection.publish(f"$JS.API.{request}", BODY, reply=f"{inbox_of(user)}.x")
            assert [each.action for each in await refused(connection)] == ["publish"], request
    assert await fingerprint(world.ledger) == before
    assert await streams_as_they_are(join) == streams


async def test_the_bots_key_pulls_into_nobodys_ear(world: World, join: Join) -> None:
    """JetStream sends where a pull says, whatever the puller may publish: no service takes that for a call or an answer."""
    telegram = await join("telegram")
    for number in range(3):
        forged = {wire.ACTOR: OPERATOR, wire.IDEMPOTENCY_KEY: f"k{number}"}
        await telegram.jetstream(timeout=5).publish("intake.v1.telegram.0", BODY, headers=forged)
    before = await fingerprint(world.ledger)
    web = await join("web")
    heard = await web.subscribe(f"{inbox_of('web')}.>")
    await web.flush()
    for reply in (BAN, "api.v1.telegram.users.enter", f"{inbox_of('web')}.x"):
        await telegram.publish("$JS.API.CONSUMER.MSG.NEXT.INTAKE.telegram_intake", b'{"batch": 1}', reply=reply)
        await telegram.flush()
    await (await join("operator")).flush()
    with contextlib.suppress(nats.errors.TimeoutError):
        forged_answer = await heard.next_msg(0.5)
        assert not forged_answer.subject.startswith(inbox_of("web")), "a client matches answers by their subject"
    assert await fingerprint(world.ledger) == before


@pytest.mark.parametrize("size", [2**20 + 1, 10 * 2**20])
async def test_what_is_too_large_for_the_broker_ends_the_line_and_nothing_else(world: World, size: int) -> None:
    address = urlsplit(world.settings.nats_url)
    before = await fingerprint(world.ledger)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    async with asyncio.timeout(10):
        assert (await reader.readline()).startswith(b"INFO")
        writer.write(b'CONNECT {"verbose":false}\r\nPUB %s %d\r\n' % (BAN.encode(), size))
        said = await reader.read()  # until the broker closes the line
    assert b"Authorization Violation" in said or b"Maximum Payload" in said
    writer.close()
    with pytest.raises(nats.errors.MaxPayloadError):
        await world.connections["operator"].publish(BAN, b" " * size)
    assert await fingerprint(world.ledger) == before


@pytest.fixture
async def anything_goes(
    servers: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[World, Nats]]:
    """A world on a broker that lets one user say and hear everything: what is left is the api's own guard."""
    state = tmp_path_factory.mktemp("anything")
    users = [*nats_users(), NatsUser("mallory", (">",), (">",))]
    async with await start(state, users, durable=False, only=("nats",)) as broker, made_world(servers, broker) as world:
        mallory = await nats.connect(broker.nats_url, nkeys_seed=str(broker.nats_seeds["mallory"]))
        yield world, mallory
        await mallory.close()


async def test_behind_the_broker_the_api_asks_again_whether_a_caller_may(anything_goes: tuple[World, Nats]) -> None:
    world, mallory = anything_goes
    before, tried = await fingerprint(world.ledger), 0
    for row in OPERATIONS:
        for caller in set(Caller) - row.callers:
            inbox = f"{inbox_of(caller)}.m"
            heard = await mallory.subscribe(inbox)
            headers = {wire.ACTOR: OPERATOR, wire.IDEMPOTENCY_KEY: "k"}
            await mallory.publish(wire.subject_of(row, caller), b"{}", reply=inbox, headers=headers)
            got: Failure = wire.decode_failure((await heard.next_msg(5)).data)
            assert isinstance(got, Forbidden), (row.name, caller)
            await heard.unsubscribe()
            tried += 1
    assert tried > 40
    assert await fingerprint(world.ledger) == before


def test_development_runs_under_these_very_rules(broker: Servers) -> None:
    """What local servers write for the broker is the table, whole; and the stack that developers start hands it over."""
    allowed = json.loads(broker.nats.configuration.read_text())["authorization"]["users"]
    rules = {json.dumps(user["permissions"], sort_keys=True) for user in allowed}
    for user in nats_users():
        wanted = {"publish": _allow(user.publish), "subscribe": _allow(user.subscribe)}
        assert json.dumps(wanted, sort_keys=True) in rules, user.name
    for user in allowed:
        said = user["permissions"]["publish"]
        assert said == {"deny": [">"]} or (said.keys() == {"allow"} and ">" not in said["allow"]), user
    assert len(allowed) <= len(nats_users()) + 1, "and the probe, which may do nothing"
    assert stack.nats_users is nats_users


def _allow(subjects: tuple[str, ...]) -> dict[str, list[str]]:
    return {"allow": list(subjects)} if subjects else {"deny": [">"]}
