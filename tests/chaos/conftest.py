"""Servers that may be broken: a worker's own, with the settings of production, apart from those all tests share."""

import asyncio
from collections.abc import Iterator

import pytest

from contracts.permissions import nats_users
from local_servers import Servers, erase, start


@pytest.fixture(scope="session")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL, NATS and Redis that keep what they said they keep; kill and restart them at will."""
    runner = asyncio.Runner()
    state = tmp_path_factory.mktemp("breakable")
    servers = runner.run(start(state, nats_users()))
    yield servers
    runner.run(servers.stop())
    runner.run(erase(state))
    runner.close()
