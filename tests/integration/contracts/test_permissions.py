"""Every user of the broker against every kind of subject: what is not listed here is refused, and the refusal seen."""

import json

import nats.errors
import pytest
from nats.js.api import StorageType, StreamConfig
from nats.micro import add_service
from nats.micro.service import ServiceConfig

from contracts.permissions import inbox_of, nats_users
from integration.contracts.scripted_api import Join
from local_servers import Servers
from service_kit.broker import BrokerUnavailable, Connection, Denied, connect
from world import emptied_streams

USERS = tuple(user.name for user in nats_users())
SMALL = StreamConfig(name="X", subjects=["x.>"], storage=StorageType.MEMORY, max_bytes=1024)
NOBODY = frozenset[str]()
JETSTREAM_KEEPER = frozenset({"migrate"})

MAY_PUBLISH: dict[str, frozenset[str]] = {
    "api.v1.telegram.demands.next": frozenset({"telegram"}),
    "api.v1.web.demands.next": frozenset({"web"}),
    "api.v1.operator.demands.next": frozenset({"operator"}),
    # Rows that do not name the caller.
    "api.v1.telegram.memberships.assign": NOBODY,
    "api.v1.web.deliveries.begin": NOBODY,
    "api.v1.operator.users.enter": NOBODY,
    "api.v1.telegram.demands.unheard_of": NOBODY,
    "api.v2.telegram.demands.next": NOBODY,
    "_INBOX_telegram.forged.reply": frozenset({"api"}),
    "_INBOX_web.forged.reply": frozenset({"api"}),
    "_INBOX_operator.forged.reply": frozenset({"api"}),
    "_INBOX_api.forged.reply": NOBODY,
    "_INBOX_publisher.forged.reply": NOBODY,
    "_INBOX_migrate.forged.reply": NOBODY,
    "_INBOX.forged.reply": NOBODY,
    "notify.v1.telegram.somebody": frozenset({"publisher"}),
    "notify.v1.web.somebody": frozenset({"publisher"}),
    "evt.v1.demand.some.taken": frozenset({"publisher"}),
    "live.v1.web.somebody": NOBODY,
    "sys.outbox.wake": frozenset({"api"}),
    "intake.v1.telegram.3": frozenset({"telegram"}),
    "intake.v1.web.3": NOBODY,
    "parked.v1.telegram.update": frozenset({"telegram"}),
    "parked.v1.web.update": NOBODY,
    "$SRV.PING": frozenset({"operator"}),
    "$SRV.STATS.api": frozenset({"operator"}),
    "$JS.API.INFO": JETSTREAM_KEEPER,
    "$JS.API.STREAM.CREATE.X": JETSTREAM_KEEPER,
    "$JS.API.STREAM.UPDATE.X": JETSTREAM_KEEPER,
    "$JS.API.STREAM.PURGE.X": JETSTREAM_KEEPER,
    "$JS.API.STREAM.DELETE.X": JETSTREAM_KEEPER,
    # Looking at how much waits; the streams by name, one by one.
    **{
        f"$JS.API.STREAM.INFO.{each}": JETSTREAM_KEEPER | {"publisher"}
        for each in ("EVENTS", "NOTIFY", "INTAKE", "PARKED")
    },
    "$JS.API.STREAM.INFO.X": JETSTREAM_KEEPER,
    "$JS.API.STREAM.NAMES": JETSTREAM_KEEPER,
    "$JS.API.STREAM.MSG.GET.INTAKE": JETSTREAM_KEEPER,
    "$JS.API.STREAM.MSG.DELETE.X": JETSTREAM_KEEPER,
    "$JS.API.DIRECT.GET.INTAKE": JETSTREAM_KEEPER,
    "$JS.API.CONSUMER.CREATE.X.y": JETSTREAM_KEEPER,
    "$JS.API.CONSUMER.DURABLE.CREATE.X.y": JETSTREAM_KEEPER,
    "$JS.API.CONSUMER.DELETE.X.y": JETSTREAM_KEEPER,
    "$JS.API.CONSUMER.INFO.NOTIFY.telegram_owed": JETSTREAM_KEEPER | {"publisher"},
    "$JS.API.CONSUMER.INFO.INTAKE.telegram_intake": JETSTREAM_KEEPER | {"publisher"},
    "$JS.API.CONSUMER.INFO.EVENTS.any": JETSTREAM_KEEPER,
    "$JS.API.CONSUMER.MSG.NEXT.NOTIFY.telegram_owed": JETSTREAM_KEEPER | {"telegram"},
    "$JS.API.CONSUMER.MSG.NEXT.INTAKE.telegram_intake": JETSTREAM_KEEPER | {"telegram"},
    "$JS.API.CONSUMER.MSG.NEXT.EVENTS.any": JETSTREAM_KEEPER,
    "$JS.ACK.NOTIFY.telegram_owed.1.1.1.1.0": frozenset({"telegram"}),
    "$JS.ACK.INTAKE.telegram_intake.1.1.1.1.0": frozenset({"telegram"}),
    "$JS.ACK.EVENTS.any.1.1.1.1.0": NOBODY,
    "$SYS.REQ.SERVER.PING": NOBODY,
    "anything": NOBODY,
}

MAY_HEAR: dict[tuple[str, str], frozenset[str]] = {
    ("api.v1.*.demands.next", "api"): frozenset({"api"}),
    ("api.v1.>", "api"): frozenset({"api"}),
    ("api.v1.*.demands.next", ""): NOBODY,
    ("api.v1.*.demands.next", "spies"): NOBODY,
    ("api.v1.telegram.>", ""): NOBODY,
    (">", ""): NOBODY,
    (">", "api"): NOBODY,
    ("*.>", ""): NOBODY,
    ("$SRV.>", ""): frozenset({"api"}),
    ("_INBOX.>", ""): NOBODY,
    **{(f"{inbox_of(user)}.>", ""): frozenset({user}) for user in USERS},
    ("notify.v1.>", ""): NOBODY,
    ("evt.v1.>", ""): NOBODY,
    ("intake.v1.>", ""): NOBODY,
    ("parked.v1.>", ""): NOBODY,
    ("live.v1.web.somebody", ""): frozenset({"web"}),
    ("live.v1.>", ""): NOBODY,
    ("sys.outbox.wake", ""): frozenset({"publisher"}),
    ("$JS.API.>", ""): NOBODY,
    ("$JS.ACK.>", ""): NOBODY,
    ("$JS.EVENT.>", ""): NOBODY,
    ("$SYS.>", ""): NOBODY,
}


class Watched:
    """One user's connection and what the broker refused it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.refusals: list[Denied] = []
        connection.on_denied(self.refusals.append)

    async def refused(self) -> list[Denied]:
        """Everything refused since the last time; the broker answers in order, so a ping comes back after them all."""
        await self.connection.flush()
        told, self.refusals[:] = list(self.refusals), []
        return told


@pytest.fixture
async def watched(join: Join, request: pytest.FixtureRequest) -> Watched:
    return Watched(await join(request.param))


@pytest.mark.parametrize("watched", USERS, indirect=True, ids=str)
async def test_a_user_publishes_where_the_table_says_and_nowhere_else(watched: Watched, request: pytest.FixtureRequest):
    user = request.node.callspec.params["watched"]
    for subject, users in MAY_PUBLISH.items():
        await watched.connection.publish(subject, b"{}")
        expected = [] if user in users else [Denied("publish", subject.lower())]
        assert await watched.refused() == expected, subject


@pytest.mark.parametrize("watched", USERS, indirect=True, ids=str)
async def test_a_user_hears_what_the_table_says_and_nothing_else(watched: Watched, request: pytest.FixtureRequest):
    user = request.node.callspec.params["watched"]
    for (subject, queue), users in MAY_HEAR.items():
        subscription = await watched.connection.subscribe(subject, queue=queue)
        expected = [] if user in users else [Denied("subscribe", subject.lower(), queue or None)]
        assert await watched.refused() == expected, (subject, queue)
        if user in users:
            await subscription.unsubscribe()


def test_every_row_of_the_table_of_users_was_tried():
    """A permission somebody adds has to appear above as well; calls are one kind, inboxes are another."""
    for user in nats_users():
        for subject in user.publish:
            if not subject.startswith("api.v1."):
                assert any(matches(subject, tried) and user.name in may for tried, may in MAY_PUBLISH.items()), subject
        for entry in user.subscribe:
            assert any(
                matches(entry.partition(" ")[0], tried) and user.name in may for (tried, _), may in MAY_HEAR.items()
            )


def matches(pattern: str, subject: str) -> bool:
    """Whether a subject falls under a pattern, by the broker's rules."""
    wanted, given = pattern.split("."), subject.split(".")
    if wanted[-1] == ">" and len(given) >= len(wanted):
        wanted, given = wanted[:-1], given[: len(wanted) - 1]
    return len(wanted) == len(given) and all(one in ("*", other) for one, other in zip(wanted, given, strict=True))


async def test_nobody_enters_without_a_key_of_ours(broker: Servers):
    with pytest.raises(BrokerUnavailable, match="authorization violation"):
        await connect(broker.nats_url, name="anonymous", inbox_prefix="_INBOX", within=5)


async def test_what_is_owed_reaches_the_bot_which_acks_it(broker: Servers, join: Join):
    await emptied_streams(broker)
    publisher, telegram = await join("publisher"), await join("telegram")
    for destination in (b"one", b"one", b"two"):
        await publisher.jetstream(timeout=5).publish(f"notify.v1.telegram.{destination.decode()}", destination)
    owed = await telegram.jetstream(timeout=5).pull_subscribe_bind("telegram_owed", "NOTIFY")
    taken = await owed.fetch(10, timeout=1)
    assert sorted(message.data for message in taken) == [b"one", b"two"], "a repeated signal replaces the first"
    for message in taken:
        await message.ack_sync(timeout=5)
    with pytest.raises(nats.errors.TimeoutError):
        await owed.fetch(1, timeout=0.2)
    await owed.unsubscribe()


async def test_the_bot_puts_updates_in_takes_them_out_and_parks_them(broker: Servers, join: Join):
    await emptied_streams(broker)
    telegram = await join("telegram")
    jetstream = telegram.jetstream(timeout=5)
    for _ in range(2):
        await jetstream.publish("intake.v1.telegram.3", b"update", headers={"Nats-Msg-Id": "7"})
    await jetstream.publish("parked.v1.telegram.update", b"unreadable")
    intake = await jetstream.pull_subscribe_bind("telegram_intake", "INTAKE")
    (message,) = await intake.fetch(10, timeout=1)
    await message.ack_sync(timeout=5)
    migrate = await join("migrate")
    infos = {info.config.name: info.state.messages for info in await migrate.jetstream(timeout=5).streams_info()}
    assert (infos["INTAKE"], infos["PARKED"]) == (0, 1)


async def test_facts_are_kept_for_others(broker: Servers, join: Join):
    await emptied_streams(broker)
    publisher = await join("publisher")
    kept = await publisher.jetstream(timeout=5).publish("evt.v1.demand.some.taken", b"{}")
    assert kept.stream == "EVENTS"


async def test_only_migrate_makes_a_stream(join: Join):
    for user in USERS:
        connection = await join(user)
        jetstream = connection.jetstream(timeout=0.2)
        if user == "migrate":
            await jetstream.add_stream(SMALL)
            await jetstream.delete_stream("X")
        else:
            watched = Watched(connection)
            with pytest.raises(nats.errors.TimeoutError):
                await jetstream.add_stream(SMALL)
            assert await watched.refused() == [Denied("publish", "$js.api.stream.create.x")]


async def test_an_operator_sees_the_api_among_the_services(join: Join):
    api, operator = await join("api"), await join("operator")
    service = await add_service(api, ServiceConfig(name="api", version="1.0.0", description="x"))
    await api.flush()
    answer = json.loads((await operator.request("$SRV.PING", b"", timeout=5)).data)
    assert answer["name"] == "api"
    await service.stop()


async def test_what_a_stream_delivers_to_a_stranger_looks_like_no_call_of_theirs(broker: Servers, join: Join):
    """JetStream publishes wherever a pull says, past the permissions: subject and reply then tell the forgery."""
    await emptied_streams(broker)
    api, telegram = await join("api"), await join("telegram")
    heard = await api.subscribe("api.v1.*.users.ban", queue="api")
    await api.flush()
    await telegram.jetstream(timeout=5).publish("intake.v1.telegram.3", b"{}", headers={"Actor": "operator:me"})
    await telegram.publish(
        "$JS.API.CONSUMER.MSG.NEXT.INTAKE.telegram_intake", b'{"batch":1}', reply="api.v1.operator.users.ban"
    )
    forged = await heard.next_msg(5)
    assert not forged.subject.startswith("api.v1.")
    assert not forged.reply.startswith("_INBOX_")
