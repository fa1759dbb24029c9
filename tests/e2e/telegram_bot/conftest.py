"""A town for every test that asks for one."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from e2e.telegram_bot.town import BotInside, Town, made_town
from local_servers import Addresses, Servers
from world import World, made_world


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """The log as data: unconfigured, structlog paints every traceback for seconds."""
    with capture_logs() as lines:
        yield lines
    # Whatever a test is about: nothing may be left running, and no piece of work may have died.
    assert [line for line in lines if line["event"] in {"tasks.late", "pool.late", "work.failed", "task.lost"}] == []


@pytest.fixture
async def quiet_town(world: World) -> AsyncIterator[Town]:
    """A town without a bot."""
    async with made_town(world) as town:
        yield town


@pytest.fixture
async def town(quiet_town: Town) -> AsyncIterator[Town]:
    """A town with the bot at work."""
    async with BotInside(quiet_town):
        yield quiet_town


@pytest.fixture
async def hasty_town(servers: Addresses, broker: Servers) -> AsyncIterator[Town]:
    """A town whose ledger takes a delivery for lost after seconds rather than a minute."""
    async with made_world(servers, broker, delivery_lease_seconds=3) as world, made_town(world) as town:
        yield town
