"""The api, NATS, Redis or Telegram away for a while under a conversation: said or silent meanwhile, and all of it done after."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from chaos.api.crowd import contradictions, rounds
from chaos.proxy import Proxy, proxy
from contracts.messages import SendMessage
from contracts.operations.messages import MESSAGES_SEND
from contracts.scenarios import Scenario
from e2e.telegram_bot.town import BotInside, Town, made_town
from local_servers import Addresses, Servers
from telegram_simulator import Person
from world import connection_of, made_world, until

pytestmark = pytest.mark.chaos

AWAY = rounds(4, 30)  # s
AFTER = rounds(60, 180)  # s in which all of it is made up for, on a machine with other things to do
LINES = 8
VARIABLES = {"nats": "NATS_URL", "redis": "REDIS_URL", "telegram": "BOT_API_URL"}
ELSEWHERE = "said elsewhere"
HELD = "SELECT id FROM demands WHERE status = 'held'"
DEMANDS = "SELECT count(*) FROM demands WHERE description = 'a blanket'"


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """Unconfigured, structlog paints every traceback for seconds."""
    with capture_logs():
        yield


@asynccontextmanager
async def cut_off(servers: Addresses, broker: Servers, name: str) -> AsyncIterator[tuple[Town, Proxy]]:
    """A town with its bot, and the way that leads to what is to go away: the bot's, or the api's own to everybody."""
    async with contextlib.AsyncExitStack() as stack:
        line = await stack.enter_async_context(proxy(broker.nats_url)) if name == "api" else None
        settings = {"nats_url": line.url} if line else {}
        world = await stack.enter_async_context(made_world(servers, broker, delivery_lease_seconds=5, **settings))
        town = await stack.enter_async_context(made_town(world))
        told = {}
        if line is None:
            variable = VARIABLES[name]
            url = town.settings()[variable]
            line = await stack.enter_async_context(proxy(url))
            told[variable] = line.by_here(url)
        await stack.enter_async_context(BotInside(town, **told))
        yield town, line


async def talking(town: Town, scenario: Scenario) -> tuple[Person, Person]:
    asks, helps = await town.person("Olga"), await town.person("Nino", provider=scenario)
    await town.asks(asks, scenario, "insulin")
    await helps.say("/next")
    await helps.wait_for("You are helping now", seconds=30)
    await asks.wait_for("Somebody is here", seconds=30)
    return asks, helps


@pytest.mark.parametrize("name", ["api", "nats", "redis", "telegram"])
async def test_nothing_is_lost_and_nothing_is_made_twice(servers: Addresses, broker: Servers, name: str) -> None:
    async with cut_off(servers, broker, name) as (town, line):
        scenario = await town.world.scenario("Vake", "Food")
        asks, helps = await talking(town, scenario)
        third = await town.person("Petro")
        # The last step of a form: the next press makes a demand.
        await town.describes(third, scenario, "a blanket")
        card = await third.wait_for(button="✅", seconds=30)
        # An answer to what comes after: the card is not only sent, it is known as the newest.
        await third.say("/whoami")
        await third.wait_for("Language", seconds=30)

        await line.leave()
        await third.press(card, "✅", seconds=0)
        for number in range(LINES):
            await asks.say(f"line {number}")
            await helps.say(f"answer {number}")
        if name == "api":
            # Inside the time a person waits for a machine; and once, however long it takes.
            await asks.wait_for("longer than usual", seconds=30)
        else:
            # What comes by another way while the bot is cut off: its delivery is tried meanwhile, and arrives afterwards.
            elsewhere = SendMessage(demand=await town.world.ledger.fetchval(HELD), text=ELSEWHERE)
            await town.world.bot.call(MESSAGES_SEND, elsewhere, actor=f"telegram:{asks.id}")
        await asyncio.sleep(AWAY)
        assert await town.world.ledger.fetchval(DEMANDS) == 0
        await line.come_back()

        await helps.wait_for(f"line {LINES - 1}", seconds=AFTER)
        if name != "api":
            await helps.wait_for(ELSEWHERE, seconds=AFTER, after=0)
        await asks.wait_for(f"answer {LINES - 1}", seconds=AFTER)
        await third.wait_for("№", seconds=AFTER)
        for reader, whose, words in ((helps, "Needs help", "line"), (asks, "Helper", "answer")):
            texts = (await reader.look(limit=200)).texts
            heard = [text.split("\n")[1] for text in texts if text.startswith(whose)]
            seen = [line for line in heard if line != ELSEWHERE]
            assert (ELSEWHERE in heard) == (reader is helps and name != "api")
            assert list(dict.fromkeys(seen)) == [f"{words} {number}" for number in range(LINES)]
            assert len(heard) - len({*heard}) <= len([text for text in texts if "may be a repeat" in text])
            assert len([text for text in texts if "longer than usual" in text]) <= 1
        assert await town.world.ledger.fetchval(DEMANDS) == 1
        assert await contradictions(town.world.ledger) == []
        assert await until(lambda: _put_aside(broker)) == "none"


async def _put_aside(broker: Servers) -> str:
    migrator = await connection_of(broker, "migrate")
    try:
        return "none" if (await migrator.jetstream().stream_info("PARKED")).state.messages == 0 else "some"
    finally:
        await migrator.close()
