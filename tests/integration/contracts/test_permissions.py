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
    "$JS.API.CONSUMER.MSG.NEXT.NOTIFY.any": JETSTREAM_KEEPER,
    "$JS.API.CONSUMER.INFO.NOTIFY.any": JETSTREAM_KEEPER,
    "$JS.ACK.NOTIFY.telegram_owed.1.1.1.1.0": frozenset({"telegram"}),
    "$JS.ACK.INTAKE.telegram_intake.1.1.1.1.0": frozenset({"telegram"}),
    "$JS.ACK.EVENTS.any.1.1.1.1.0": NOBODY,
    "$JS.ACK.NOTIFY.any.1.1.1.1.0": NOBODY,
    "$JS.ACK.INTAKE.any.1.1.1.1.0": NOBODY,
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

# Every wildcard there is; whatever else is allowed is one subject, or one for each operation of a caller.
WILDCARDS: dict[str, tuple[set[str], set[str]]] = {
    "api": ({"_INBOX_telegram.>", "_INBOX_web.>", "_INBOX_operator.>"}, {"api.v1.> api", "$SRV.>", "_INBOX_api.>"}),
    "publisher": ({"notify.v1.>", "evt.v1.>"}, {"_INBOX_publisher.>"}),
    "telegram": (
        {"intake.v1.telegram.*", "parked.v1.telegram.>", "$JS.ACK.NOTIFY.telegram_owed.>", "$JS.ACK.INTAKE.telegram_intake.>"},
        {"_INBOX_telegram.>"},
    ),
    "web": (set(), {"live.v1.web.*", "_INBOX_web.>"}),
    "operator": ({"$SRV.>"}, {"_INBOX_operator.>"}),
    "migrate": ({"$JS.API.>"}, {"_INBOX_migrate.>"}),
}  # fmt: skip


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


def test_no_wildcard_is_wider_than_the_ones_written_down_here():
    """What lies beside a wildcard cannot all be tried against the broker; that there is no wider one can be read."""
    for user in nats_users():
        found = [{one for one in said if set(one) & {"*", ">"}} for said in (user.publish, user.subscribe)]
        assert found == list(WILDCARDS[user.name]), user.name


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


async def test_only_migrate_makes_a_stream(join: Join):
    for user in USERS:
        connection = await join(user)
        if user == "migrate":
            jetstream = connection.jetstream(timeout=5)
            await jetstream.add_stream(SMALL)
            await jetstream.delete_stream("X")
        else:
            watched = Watched(connection)
            with pytest.raises(nats.errors.TimeoutError):
                await connection.jetstream(timeout=0.2).add_stream(SMALL)
            assert await watched.refused() == [Denied("publish", "$js.api.stream.create.x")]


async def test_an_operator_sees_the_api_among_the_services(join: Join):
    api, operator = await join("api"), await join("operator")
    service = await add_service(api, ServiceConfig(name="api", version="1.0.0", description="x"))
    await api.flush()
    answer = json.loads((await operator.request("$SRV.PING", b"", timeout=5)).data)
    assert answer["name"] == "api"
    await service.stop()
