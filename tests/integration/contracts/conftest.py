"""Connections to the worker's broker as its users, closed at the end whatever becomes of the test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from integration.contracts.scripted_api import Join, Setting
from local_servers import Servers
from service_kit.broker import Connection, drain
from world import connection_of


@pytest.fixture
async def join(broker: Servers) -> AsyncIterator[Join]:
    """A new connection as the user named."""
    async with AsyncExitStack() as stack:

        async def joined(user: str) -> Connection:
            connection = await connection_of(broker, user)
            stack.push_async_callback(drain, connection, within=2)
            return connection

        yield joined


@pytest.fixture
async def setting(join: Join) -> Setting:
    """A bot that calls, and an api to be opened."""
    return Setting(await join("telegram"), join)
