"""From "somebody is owed something" to "their chat has it": how the bot delivers, step by step. Begin here to learn it.

1. The api writes a row into `deliveries` in the same transaction as whatever caused it, and a *signal* goes out over the
   stream NOTIFY: the id of a destination (a person's chat) and nothing else.
2. `deliver.consume` takes signals and wakes a *lane* for each destination; a signal is acknowledged at once, because the
   ledger, not the stream, remembers what is owed.
3. A lane (`deliver.lanes`) asks `deliveries.begin` what is next. The ledger hands out one delivery per destination at a time,
   oldest first: that is where order comes from, however many bots there are.
4. `deliver.send` makes messages of it (`deliver.compose`) and asks Telegram; `deliver.judge` says what an error means: surely
   not sent (`later`), for nobody (`unreachable`), not wanted (`refused`), or not known (`unknown`).
5. The lane tells the ledger by `deliveries.settle`, and asks for the next, until there is none.

Here Telegram is played by `Chats`, at the seam between 4 and 5; everything else is real. The whole road, with a simulated
Telegram at its end, is in tests/e2e/telegram_bot.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from redis.asyncio import Redis

from api import publisher
from contracts.deliveries import Delivery, Result
from contracts.demands import NextDemand
from contracts.kinds import Notice, SendOutcome
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_NEXT
from contracts.operations.messages import MESSAGES_SEND
from contracts.shapes import DemandId, DestinationId
from local_servers import Addresses
from telegram_bot.deliver.consume import consume
from telegram_bot.deliver.lanes import Lanes
from telegram_bot.deliver.pace import Pace
from telegram_bot.deliver.turns import Turns
from telegram_bot.intake.steps import Steps
from world import Person, World, connection_of, until

STATUSES = """
    SELECT d.status FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE m.text = $1
"""


@dataclass
class Chats:
    """Telegram as this test plays it: what each chat was asked to show, and what goes wrong there next."""

    asked: dict[str, list[Delivery]] = field(default_factory=lambda: defaultdict(list))
    trouble: dict[str, list[SendOutcome]] = field(default_factory=lambda: defaultdict(list))
    closed: dict[str, asyncio.Event] = field(default_factory=dict)

    async def send(self, delivery: Delivery) -> Result:
        """What `deliver.send.send` does, without Telegram: an honest account of one attempt, and never an error."""
        if delivery.address in self.closed:
            await self.closed[delivery.address].wait()
        self.asked[delivery.address].append(delivery)
        outcome = self.trouble[delivery.address].pop(0) if self.trouble[delivery.address] else SendOutcome.SENT
        parts = [str(len(self.asked[delivery.address]))] if outcome is SendOutcome.SENT else []
        wait = 0.01 if outcome in {SendOutcome.LATER, SendOutcome.UNKNOWN} else 0.0
        return Result(
            delivery=delivery.id,
            attempt=delivery.attempt,
            outcome=outcome,
            parts=parts,
            reason="played",
            retry_after=wait,
        )

    def words(self, person: Person) -> list[str]:
        """The words of others that a person's chat was asked to show."""
        return [delivery.text for delivery in self.asked[str(person.telegram_id)] if delivery.entry == "message"]

    def notices(self, person: Person) -> list[str | None]:
        """What the system told a person."""
        return [delivery.notice for delivery in self.asked[str(person.telegram_id)] if delivery.entry == "notice"]


@pytest.fixture
def chats() -> Chats:
    return Chats()


@asynccontextmanager
async def delivering(world: World, servers: Addresses, chats: Chats) -> AsyncIterator[Lanes]:
    """The delivering half of a bot, as `app.py` puts it together, with `chats` in Telegram's place."""
    connection = world.connections["telegram"]
    async with Redis.from_url(servers.redis_url) as redis, asyncio.TaskGroup() as group:
        lanes = Lanes(world.bot, Pace(Turns(None, ""), 0, 1), Steps(redis, 1), chats.send)
        consuming = group.create_task(consume(connection, lanes))
        yield lanes
        consuming.cancel()
        await lanes.drain(within=5)


@pytest.fixture
async def talk(world: World) -> tuple[Person, Person, DemandId]:
    """Somebody who asked, somebody who helps, and their demand."""
    scenario = await world.scenario()
    asks, helps = await world.person("Olga"), await world.member(scenario)
    demand = (await world.demand(asks, scenario)).id
    await helps.call(DEMANDS_NEXT, NextDemand())
    return asks, helps, demand


async def say(author: Person, demand: DemandId, *words: str) -> None:
    for text in words:
        await author.call(MESSAGES_SEND, SendMessage(demand=demand, text=text))


async def statuses(world: World, words: str) -> list[str]:
    """How the deliveries of a line stand."""
    return [row["status"] for row in await world.ledger.fetch(STATUSES, words)]


async def test_what_is_owed_is_sent_once_and_the_ledger_knows_as_what(
    world: World, servers: Addresses, chats: Chats, talk: tuple[Person, Person, DemandId]
) -> None:
    asks, helps, demand = talk
    # Owed while no bot runs at all: the ledger keeps it, and the signal waits in the stream.
    await say(asks, demand, "insulin")
    assert await statuses(world, "insulin") == ["pending"]
    async with delivering(world, servers, chats) as lanes:
        await until(lambda: chats.words(helps) == ["insulin"])
        await until(lambda: lanes.count == 0)
    assert chats.notices(helps) == [Notice.MEMBERSHIP_CHANGED, Notice.YOU_TOOK_IT]
    assert chats.notices(asks) == [Notice.RECEIVED, Notice.PROVIDER_JOINED]
    assert await statuses(world, "insulin") == ["sent"]
    # The id the channel gave the message: by it a reply to the message is found again.
    part = await world.ledger.fetchval(
        "SELECT p.channel_message_id FROM delivery_parts p JOIN deliveries d ON d.id = p.delivery_id"
        " JOIN messages m ON m.id = d.message_id WHERE m.text = 'insulin'"
    )
    assert part == "3"


async def test_a_chat_gets_everything_in_order_and_waits_for_no_other(
    world: World, servers: Addresses, chats: Chats, talk: tuple[Person, Person, DemandId]
) -> None:
    asks, helps, demand = talk
    chats.closed[str(helps.telegram_id)] = asyncio.Event()
    lines = [f"line {number}" for number in range(10)]
    async with delivering(world, servers, chats):
        await say(asks, demand, *lines)
        await say(helps, demand, "on my way")
        # The helper's chat hangs; the other one is served all the same.
        await until(lambda: chats.words(asks) == ["on my way"])
        assert chats.words(helps) == []
        chats.closed[str(helps.telegram_id)].set()
        await until(lambda: len(chats.words(helps)) == 10)
    assert chats.words(helps) == lines


@pytest.fixture
def no_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a world made after this the api rings once for what is owed, and never again."""
    monkeypatch.setattr(publisher, "SWEEP_SECONDS", 3600.0)


@pytest.mark.usefixtures("no_sweeps")
async def test_what_comes_while_a_lane_ends_is_not_left_behind(
    world: World,
    servers: Addresses,
    chats: Chats,
    talk: tuple[Person, Person, DemandId],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asks, helps, demand = talk
    async with delivering(world, servers, chats) as lanes:
        await until(lambda: Notice.YOU_TOOK_IT in chats.notices(helps) and lanes.count == 0)
        ending, late, signal = asyncio.Event(), asyncio.Event(), lanes.signal
        signals: list[DestinationId] = []

        def signal_heard(destination: DestinationId) -> bool:
            if ending.is_set():
                signals.append(destination)
                late.set()
            return signal(destination)

        async def slow_end(chat: str | None) -> None:
            if chat == str(helps.telegram_id) and not ending.is_set():
                # The ledger has said that nothing is left; now there is more, and its signal comes before the lane is gone.
                ending.set()
                await say(asks, demand, "two")
                await late.wait()

        monkeypatch.setattr(lanes, "signal", signal_heard)
        monkeypatch.setattr(lanes._pace, "give_back", slow_end)
        await say(asks, demand, "one")
        await until(lambda: chats.words(helps) == ["one", "two"])
    assert len(signals) == 1, "nobody had to ring twice"


async def test_two_bots_send_nothing_twice(
    world: World, servers: Addresses, chats: Chats, talk: tuple[Person, Person, DemandId]
) -> None:
    asks, helps, demand = talk
    lines = [f"line {number}" for number in range(20)]
    async with delivering(world, servers, chats), delivering(world, servers, chats):
        await say(asks, demand, *lines)
        await until(lambda: len(chats.words(helps)) >= 20)
    assert chats.words(helps) == lines


async def test_what_surely_did_not_arrive_comes_again_as_if_for_the_first_time(
    world: World, servers: Addresses, chats: Chats, talk: tuple[Person, Person, DemandId]
) -> None:
    asks, helps, demand = talk
    async with delivering(world, servers, chats) as lanes:
        await until(lambda: Notice.YOU_TOOK_IT in chats.notices(helps) and lanes.count == 0)
        chats.trouble[str(helps.telegram_id)] = [SendOutcome.LATER, SendOutcome.LATER]
        await say(asks, demand, "one", "two")
        await until(lambda: chats.words(helps) == ["one", "one", "one", "two"])
        await until(lambda: lanes.count == 0)
    tried = [delivery for delivery in chats.asked[str(helps.telegram_id)] if delivery.text == "one"]
    assert [(delivery.attempt, delivery.repeat) for delivery in tried] == [(1, False), (2, False), (3, False)]


async def test_what_may_have_arrived_comes_again_and_says_so(
    world: World, servers: Addresses, chats: Chats, talk: tuple[Person, Person, DemandId]
) -> None:
    asks, helps, demand = talk
    async with delivering(world, servers, chats) as lanes:
        await until(lambda: Notice.YOU_TOOK_IT in chats.notices(helps) and lanes.count == 0)
        chats.trouble[str(helps.telegram_id)] = [SendOutcome.UNKNOWN]
        await say(asks, demand, "one", "two")
        await until(lambda: chats.words(helps) == ["one", "one", "two"])
    tried = [delivery for delivery in chats.asked[str(helps.telegram_id)] if delivery.text == "one"]
    assert [delivery.repeat for delivery in tried] == [False, True]


async def test_what_never_gets_an_answer_is_put_aside_and_what_follows_it_arrives(
    world: World, servers: Addresses, chats: Chats, talk: tuple[Person, Person, DemandId]
) -> None:
    asks, helps, demand = talk
    async with delivering(world, servers, chats) as lanes:
        await until(lambda: Notice.YOU_TOOK_IT in chats.notices(helps) and lanes.count == 0)
        chats.trouble[str(helps.telegram_id)] = [SendOutcome.UNKNOWN] * 5
        await say(asks, demand, "one", "two")
        await until(lambda: chats.words(helps) == [*["one"] * 5, "two"], within=30)
    assert await statuses(world, "one") == ["parked"]


async def test_what_nobody_can_be_shown_is_told_to_its_author(
    world: World, servers: Addresses, chats: Chats, talk: tuple[Person, Person, DemandId]
) -> None:
    asks, helps, demand = talk
    async with delivering(world, servers, chats) as lanes:
        await until(lambda: Notice.YOU_TOOK_IT in chats.notices(helps) and lanes.count == 0)
        chats.trouble[str(helps.telegram_id)] = [SendOutcome.UNREACHABLE]
        await say(asks, demand, "are you there?")
        await until(lambda: Notice.MESSAGE_REFUSED in chats.notices(asks))
    assert await statuses(world, "are you there?") == ["refused"]


async def test_what_is_no_signal_is_put_aside_and_stops_nobody(
    world: World, servers: Addresses, chats: Chats, talk: tuple[Person, Person, DemandId]
) -> None:
    asks, helps, demand = talk
    async with delivering(world, servers, chats):
        await world.ledger.execute(
            "INSERT INTO outbox (subject, body, traceparent) VALUES ('notify.v1.telegram.nobody', '{\"nothing\": 1}', '')"
        )
        await say(asks, demand, "still here")
        await until(lambda: chats.words(helps) == ["still here"])
        await until(lambda: _is_parked(world))


async def _is_parked(world: World) -> bool:
    migrator = await connection_of(world.broker, "migrate")
    try:
        return (await migrator.jetstream().stream_info("PARKED")).state.messages == 1
    finally:
        await migrator.close()
