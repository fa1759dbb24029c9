"""Servers that may be broken: a worker's own, with the settings of production, apart from those all tests share."""

import asyncio
from collections.abc import Iterator

import pytest

from api import ledger
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


@pytest.fixture
def patient_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gives up waiting for a row before the next is in line for it: a call asked again would stand behind them.

    For a world whose api runs in this process, asked for before the world is; within a call's first attempt.
    """
    for session in (ledger.SESSION, ledger.HOT_SESSION):
        monkeypatch.setitem(session, "lock_timeout", "2400")
