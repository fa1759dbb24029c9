"""What the log holds: one id from the call to the delivery, and not a word of people."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from contracts.demands import CloseDemand, DeclineDemand, NextDemand, SearchDemands, TakeDemand
from contracts.failures import AtCapacity, Internal, InvalidRequest
from contracts.messages import SendMessage
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_DECLINE,
    DEMANDS_NEXT,
    DEMANDS_SEARCH,
    DEMANDS_TAKE,
    PARTICIPANTS_SHARE_CONTACT,
)
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.users import USERS_BOOTSTRAP_ADMIN, USERS_UPDATE_ME
from contracts.participants import ShareContact
from contracts.users import BootstrapAdmin, UpdateMe
from integration.api.town import begin, receive, seated, settle
from service_kit.correlation import correlated, new_trace
from service_kit.logs import configure_logs
from world import World, until

NAME, TEXT, TITLE, PHONE = "Канарейкина", "canary-text-5x7", "canary-title-5x7", "+995555987654"
TOKEN, REASON, QUERY, PLACE = "canary-token-5x7", "canary-reason-5x7", "canaryquery5x7", "Canaryville"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything logged at DEBUG, as a process would write it."""
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("api", level="DEBUG", stream=stream)
    yield stream
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_a_whole_story_leaves_no_word_of_people_in_the_log(lines: io.StringIO, world: World) -> None:
    at = await seated(world, place=PLACE, resource="Bread")
    asker = await world.person(NAME)
    await asker.call(USERS_UPDATE_ME, UpdateMe(phone=PHONE, display_name=NAME))
    demand = await world.demand(asker, at.scenario, TEXT, title=TITLE, payload={"secret": TEXT})
    with pytest.raises(AtCapacity):
        await at.provider.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand, reason=REASON))
    await at.provider.call(DEMANDS_NEXT, NextDemand())
    await asker.call(MESSAGES_SEND, SendMessage(demand=demand.id, text=TEXT))
    await asker.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=demand.id))
    await asker.call(DEMANDS_SEARCH, SearchDemands(query=QUERY, mine=True))
    with pytest.raises(Exception, match="NotFound"):
        await asker.call(USERS_BOOTSTRAP_ADMIN, BootstrapAdmin(token=TOKEN))
    assert PHONE in str(await receive(at.provider))
    # What breaks must not tell either: a constraint of the table refuses the words of the next two calls.
    await world.ledger.execute(
        "ALTER TABLE messages ADD CONSTRAINT no_words CHECK (text NOT LIKE 'canary%') NOT VALID;"
        "ALTER TABLE users ADD CONSTRAINT no_names CHECK (display_name NOT LIKE 'canary%') NOT VALID"
    )
    with pytest.raises(Internal) as incident:
        await asker.call(MESSAGES_SEND, SendMessage(demand=demand.id, text=TEXT))
    with pytest.raises(Internal):
        await asker.call(USERS_UPDATE_ME, UpdateMe(display_name=TEXT))
    with pytest.raises(InvalidRequest):
        await asker.call(USERS_UPDATE_ME, UpdateMe())
    await asker.call(DEMANDS_CLOSE, CloseDemand(demand=demand.id))
    written = lines.getvalue()
    assert incident.value.incident in written, "whoever looks for an incident finds it"
    assert written.count("call.failed") == 2
    secrets = (NAME, TEXT, TITLE, PHONE, PHONE[1:], TOKEN, REASON, QUERY, PLACE, str(asker.telegram_id))
    found = [secret for secret in secrets if secret in written or json.dumps(secret)[1:-1] in written]
    assert found == []
    password = str(world.settings.postgres_url.hosts()[0]["password"])
    assert password not in written


async def test_one_id_leads_from_the_call_to_the_delivery(lines: io.StringIO, world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    trace = new_trace()
    with correlated(str(trace)):
        await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"))
    await until(lambda: world.ledger.fetchval("SELECT count(*) = 0 FROM outbox"))
    delivery = await begin(at.provider)
    assert delivery is not None
    assert delivery.traceparent.split("-")[1] == trace.trace_id
    await settle(world, delivery)
    with correlated(str(trace)), pytest.raises(InvalidRequest):
        await at.requester.call(USERS_UPDATE_ME, UpdateMe())
    logged = [json.loads(line) for line in lines.getvalue().splitlines() if line.startswith("{")]
    events = {line["event"] for line in logged if line["correlation_id"] == trace.trace_id}
    assert {"outbox.published", "call.refused"} <= events
