"""One id leads from a person's update through the bot, the api, the ledger and the stream to the send at the other side."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from contracts.messages import SendMessage
from contracts.operations.messages import MESSAGES_SEND
from e2e.telegram_bot.town import BotInside, Town
from integration.api.town import begin, receive, seated
from service_kit.correlation import parse
from service_kit.logs import configure_logs
from service_kit.metrics import exposition
from world import World, until

WORDS = "canary-words-3k9"


@pytest.fixture
def log(quiet_logs: object) -> Iterator[io.StringIO]:
    """Everything logged, as a process writes it; bot and api run in this process."""
    del quiet_logs  # it set structlog up for data: undone for this test
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("town", level="INFO", stream=stream)
    yield stream
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO, trace: str) -> list[dict[str, Any]]:
    """The lines of one chain, in order."""
    logged = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    return [line for line in logged if line.get("correlation_id") == trace]


async def test_one_id_leads_from_the_update_to_the_send(quiet_town: Town, log: io.StringIO) -> None:
    town = quiet_town
    async with BotInside(town):
        scenario = await town.world.scenario()
        requester = await town.person("Canary-asker")
        helper = await town.person("Canary-helper", provider=scenario)
        await town.asks(requester, scenario, "canary-need-3k9")
        await helper.say("/next")
        await helper.wait_for("canary-need-3k9")
        await requester.wait_for(pattern="found|helper|volunteer|Somebody")
        said = await helper.say(WORDS)
        await requester.wait_for(WORDS)
        written = "SELECT d.traceparent FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE m.text = $1"
        header = await town.world.ledger.fetchval(written, WORDS)
        carried = parse(header)
        assert carried is not None
        chain = ["update.taken_in", "call.served", "update.handled", "outbox.published", "delivery.attempted"]
        await until(lambda: {*chain} <= {line["event"] for line in lines(log, carried.trace_id)})
        mine = lines(log, carried.trace_id)
        # Which update, which call, which delivery: each line says so itself.
        by_event = {line["event"]: line for line in mine}
        assert by_event["call.served"]["operation"] == "messages.send"
        assert by_event["update.taken_in"]["update_id"] == by_event["update.handled"]["update_id"]
        delivery = await town.world.ledger.fetchval("SELECT id::text FROM deliveries WHERE traceparent = $1", header)
        assert by_event["delivery.attempted"]["delivery_id"] == delivery
        # Nobody else's words travel under this id.
        assert {line["update_id"] for line in mine if "update_id" in line} == {by_event["update.handled"]["update_id"]}
        assert said
    secrets = (
        WORDS,
        "canary-need",
        "Canary-",
        str(requester.id),
        str(helper.id),
        town.token,
        town.token.partition(":")[2],
    )
    told = log.getvalue() + exposition().decode()
    assert [secret for secret in secrets if secret in told] == []
    measured = exposition().decode()
    for system, operation in (
        ("telegram", "sendMessage"), ("telegram", "getUpdates"), ("redis", "pipeline"), ("nats", "ack"),
        ("nats", "pull"), ("nats", "intake"), ("nats", "messages.send"), ("postgres", "messages.send"),
        ("api", "messages.send"), ("postgres", "outbox.take"),
    ):  # fmt: skip
        assert f'operation="{operation}",outcome="ok",system="{system}"' in measured, (system, operation)


@pytest.mark.parametrize(
    ("sent", "carried"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", True),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01", False),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", False),
        ("canary-name +995555123456", False),
    ],
)
async def test_a_valid_header_is_carried_with_its_flags_and_any_other_replaced(
    world: World,
    sent: str,
    carried: bool,  # noqa: FBT001
) -> None:
    at = await seated(world)
    await receive(at.requester)
    at.provider.world.bot._traceparent = lambda: sent
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"))
    delivery = await begin(at.requester)
    assert delivery is not None
    found = parse(delivery.traceparent)
    assert found is not None
    if carried:
        assert (found.trace_id, found.flags) == (sent[3:35], sent[-2:])
        assert found.span_id != sent[36:52], "a place of its own in the chain"
    else:
        assert found.trace_id != sent[3:35].lower()
        assert "canary" not in delivery.traceparent
