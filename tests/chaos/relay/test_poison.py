"""Among good items some that nobody can work on: put aside with the reason, and everything else goes on."""

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import StringIO

import pytest
from aiogram.types import Message
from nats.js import JetStreamContext
from rich.console import Console

from chaos.api.crowd import rounds
from integration.telegram_bot.conftest import WayIn, quiet_logs, update, way_in
from mutual_aid import parked
from mutual_aid.trouble import Trouble
from service_kit.broker import drain
from telegram_bot.deliver.consume import consume
from telegram_bot.intake.consume import Worker
from telegram_bot.intake.publish import subject_of
from world import connection_of, until

__all__ = ["quiet_logs", "way_in"]
pytestmark = pytest.mark.chaos

MANY = rounds(200, 2000)
# So many that no chat has more in hand than a lane takes: what comes above is given back, and these come past the intake,
# which notes in which order they belong.
CHATS = rounds(10, 50)
POISON = max(5, MANY // 100)  # of each kind

UNKNOWN_KIND = {"update_id": 0, "poll_of_tomorrow": {"id": "1"}}
UNREADABLE = {"update_id": 0, "callback_query": {"id": "1", "from": {"id": 3}}}


@asynccontextmanager
async def working(way_in: WayIn) -> AsyncIterator[None]:
    worker = Worker(way_in.connection, way_in.intake, way_in.steps, way_in.handling())
    async with asyncio.TaskGroup() as group:
        taking = group.create_task(worker.take())
        yield
        taking.cancel()
        await worker.drain(within=5)


@asynccontextmanager
async def streams(way_in: WayIn, user: str) -> AsyncIterator[JetStreamContext]:
    connection = await connection_of(way_in.broker, user)
    try:
        yield connection.jetstream(timeout=5)
    finally:
        await drain(connection, within=2)


async def reasons(way_in: WayIn) -> Counter[tuple[str, str]]:
    """What is parked, by what it is and why."""
    async with streams(way_in, "migrate") as jetstream:
        return Counter([(item.what, item.reason) async for item in parked.items(jetstream)])


async def is_empty(way_in: WayIn, stream: str) -> bool:
    return await way_in.stored(stream) == 0


async def test_poison_among_updates_stops_nobody_and_is_parked_with_its_reason(way_in: WayIn) -> None:
    seen: list[int] = []
    healed = asyncio.Event()

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        if message.text == "poison" and not healed.is_set():
            raise RuntimeError("a fault of ours")
        seen.append(message.message_id)

    good = {number: update(number, 1 + number % CHATS) for number in range(1, MANY + 1)}
    poison = {
        "no_update": lambda _: b"\xff\x00 no json",
        "unknown_kind": lambda number: json.dumps({**UNKNOWN_KIND, "update_id": number}).encode(),
        "undecodable": lambda number: json.dumps({**UNREADABLE, "update_id": number}).encode(),
        "RuntimeError": lambda number: update(number, 1 + number % CHATS, "poison"),
    }
    stream = way_in.connection.jetstream(timeout=5)
    numbers = iter(range(10_000, 20_000))
    bad = [(subject_of(number), make(number)) for make in poison.values() for number in zip_first(numbers, POISON)]
    async with asyncio.timeout(rounds(60, 300)), working(way_in):
        for number, body in good.items():
            # Without a traceparent: each starts a chain of its own, and says so.
            await stream.publish(subject_of(1 + number % CHATS), body)
            if number % (MANY // len(bad)) == 0 and bad:
                await stream.publish(*bad.pop())
        for one in bad:
            await stream.publish(*one)
        await until(lambda: is_empty(way_in, "INTAKE"), within=50)
        assert sorted(seen) == sorted(good)
        for chat in range(CHATS):
            theirs = [number for number in seen if number % CHATS == chat]
            assert theirs == sorted(theirs)
        assert await reasons(way_in) == {("telegram.update", reason): POISON for reason in poison}

        # What the operator sees and does.
        environment = {"NATS_URL": way_in.broker.nats_url, "NATS_SEEDS_DIR": str(seeds(way_in))}
        console = Console(record=True, width=200, file=StringIO())
        assert await parked.show(environment, console) == 4 * POISON
        text = console.export_text()
        assert "RuntimeError" in text
        assert "poison" not in text
        healed.set()
        assert await parked.retry(environment, ()) == (4 * POISON, 0)
        await until(lambda: is_empty(way_in, "INTAKE"), within=50)
        assert await reasons(way_in) == {
            ("telegram.update", reason): POISON for reason in poison if reason != "RuntimeError"
        }
        # Handled now, each once, though it counted as handled before.
        assert len(seen) == MANY + POISON == len(set(seen))
        async with streams(way_in, "migrate") as jetstream:
            [first, *_] = [item async for item in parked.items(jetstream)]
        assert await parked.body(environment, first.number) == first.body.decode(errors="backslashreplace")
        with pytest.raises(Trouble, match="number 999999 is not parked"):
            await parked.retry(environment, [999_999])


async def test_poison_among_signals_stops_nobody_and_is_parked_with_its_reason(way_in: WayIn) -> None:
    heard: list[str] = []

    class Hearing:
        """Stands where the lanes are: hears which destinations are signalled."""

        def signal(self, destination: uuid.UUID) -> bool:
            heard.append(str(destination))
            return True

    good = [str(uuid.uuid4()) for _ in range(MANY)]
    bad = [b"\xff no json", b'{"destination": 5}', b'{"v": 2}', b'{"destination": "nobody"}', b"[]"] * (POISON // 5)
    every = max(1, MANY // len(bad))
    async with streams(way_in, "publisher") as stream, asyncio.TaskGroup() as group:
        consuming = group.create_task(consume(way_in.connection, Hearing()))  # type: ignore[arg-type]
        for at, destination in enumerate(good):
            # A field of tomorrow, and no traceparent: both are no reason to stop.
            signal = json.dumps({"destination": destination, "of_tomorrow": 1}).encode()
            await stream.publish(f"notify.v1.telegram.{destination}", signal)
            if at % every == 0 and bad:
                await stream.publish(f"notify.v1.telegram.bad{at}", bad.pop())
        for at, one in enumerate(bad):
            await stream.publish(f"notify.v1.telegram.worse{at}", one)
        await until(lambda: is_empty(way_in, "NOTIFY"), within=50)
        consuming.cancel()
    assert sorted(heard) == sorted(good)
    assert await reasons(way_in) == {("telegram.signal", "no_signal"): POISON // 5 * 5}


def zip_first(numbers: Iterator[int], many: int) -> list[int]:
    return [number for number, _ in zip(numbers, range(many), strict=False)]


def seeds(way_in: WayIn) -> object:
    return next(iter(way_in.broker.nats_seeds.values())).parent
