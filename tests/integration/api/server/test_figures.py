"""What the api tells Prometheus: how much, how long, what came of it, what waits; and never a word of people."""

import math
import re
from typing import Any

import pytest

from contracts.demands import CreateDemand, NextDemand, SearchDemands
from contracts.failures import AtCapacity, InvalidRequest, NotFound
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_NEXT, DEMANDS_SEARCH
from contracts.operations.messages import MESSAGES_SEND
from integration.api.town import receive, seated
from service_kit.metrics import exposition
from world import World, until

LINE = re.compile(r"^mutual_aid_(\w+?)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def figures(name: str, **labels: str) -> float:
    """The sum of the figures of this name with these labels."""
    found = [
        float(value)
        for known, given, value in LINE.findall(exposition().decode())
        if known == name and all(f'{key}="{text}"' in given for key, text in labels.items())
    ]
    return sum(found)


async def test_calls_are_counted_by_what_came_of_them(world: World) -> None:
    at = await seated(world)
    served = figures("call_seconds_count", system="api", operation="demands.next", outcome="ok")
    refused = figures("refusals_total", operation="demands.next", failure="AtCapacity")
    statements = figures("call_seconds_count", system="postgres", operation="demands.next")
    with pytest.raises(AtCapacity):
        await at.provider.call(DEMANDS_NEXT, NextDemand())
    helper = await world.member(at.scenario)
    await helper.call(DEMANDS_NEXT, NextDemand())
    assert figures("call_seconds_count", system="api", operation="demands.next", outcome="ok") == served + 1
    assert figures("refusals_total", operation="demands.next", failure="AtCapacity") == refused + 1
    assert figures("call_seconds_count", system="postgres", operation="demands.next") == statements + 2
    # The caller's side of it, and the broker's: both ways are measured where the connection is.
    assert figures("call_seconds_count", system="nats", operation="demands.next") >= 2
    assert figures("call_seconds_count", system="nats", operation="notify") > 0
    assert figures("call_seconds_count", system="nats", operation="evt") > 0


async def test_a_malformed_call_counts_under_its_operation(world: World) -> None:
    before = figures("refusals_total", failure="InvalidRequest")
    with pytest.raises(InvalidRequest):
        await world.bot.call(DEMANDS_NEXT, NextDemand(), actor="telegram:nobody")
    assert figures("refusals_total", failure="InvalidRequest") == before + 1


async def test_what_waits_is_shown(world: World) -> None:
    at = await seated(world)
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Hello"))
    owed, chats = await world.ledger.fetchrow(
        "SELECT count(*), count(DISTINCT destination_id) FROM deliveries WHERE status IN ('pending', 'sending')"
    )
    assert owed > chats >= 2

    def shown() -> list[float]:
        """Each is looked up at a moment of its own: only all together do they tell that nothing is on its way."""
        notify = [figures(f"stream_{name}", stream="NOTIFY") for name in ("messages", "waiting")]
        return [figures("deliveries_owed"), figures("outbox_rows"), *notify]

    await until(lambda: shown() == [owed, 0, chats, chats] and figures("stream_queued", stream="EVENTS") > 0)
    assert 0 < figures("deliveries_oldest_seconds") < 60
    assert figures("stream_in_hand", stream="NOTIFY") == 0
    for person in (at.requester, at.provider, at.moderator):
        await receive(person)
    await until(lambda: figures("deliveries_owed") == 0)
    assert figures("deliveries_oldest_seconds") == 0
    assert figures("pool_limit", pool="api hot") > figures("pool_running", pool="api hot") >= 0


async def test_what_cannot_be_asked_is_unknown_and_not_nought(world: World) -> None:
    await until(lambda: not math.isnan(figures("outbox_rows")))
    await world.ledger.execute("ALTER TABLE outbox RENAME TO hidden")
    await until(lambda: math.isnan(figures("outbox_rows")))
    # A broker that answered late once is asked again; what does not answer here is the ledger alone.
    await until(lambda: not math.isnan(figures("stream_messages", stream="EVENTS")))
    assert math.isnan(figures("outbox_rows"))


async def test_no_word_of_people_is_in_a_figure(world: World) -> None:
    at = await seated(world, place="Canaryville")
    asker = await world.person("Canary-name")
    await asker.call(
        DEMANDS_CREATE, CreateDemand(scenario=at.scenario.id, description="canary-text", title="canary-title")
    )
    await asker.call(DEMANDS_SEARCH, SearchDemands(query="canaryquery", mine=True))
    with pytest.raises(NotFound):
        await asker.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="canary-words"))
    shown = exposition().decode()
    # Without the figures themselves, of which one may look like a demand's number.
    words = re.sub(r" [\d.e+-]+$", "", shown, flags=re.MULTILINE).replace("secret", "")
    ids: list[Any] = [asker.telegram_id, asker.user, at.demand, at.number, at.scenario.id]
    assert [secret for secret in ("anary", *map(str, ids)) if secret in words] == []
    names = {name for name, _, _ in LINE.findall(shown)}
    assert {"call_seconds_count", "refusals_total", "outbox_rows"} <= names
