"""Calls that take their time never hold every connection to the ledger: whoever comes anew is let in meanwhile."""

import asyncio

import pytest

from api import ledger
from chaos.api.test_sends import blocked, held_still
from contracts.operations.system import AUDIT_SEARCH
from contracts.people import SearchAudit
from local_servers import Addresses, Servers
from world import OPERATOR, made_world


async def test_six_slow_calls_of_one_person_leave_a_connection_to_everybody_else(
    servers: Addresses, broker: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ledger.SESSION, "lock_timeout", "10000")  # what blocks is to block until it is let go
    async with made_world(servers, broker) as world:
        searches: list[asyncio.Task[object]] = []
        async with held_still(world, "LOCK TABLE audit IN ACCESS EXCLUSIVE MODE"):
            for _ in range(ledger.COLD_CONNECTIONS):
                searching = world.operator.call(AUDIT_SEARCH, SearchAudit(), actor=OPERATOR)
                searches.append(asyncio.ensure_future(searching))  # noqa: TID251 - awaited below
            await blocked(world, 2)
            for _ in range(3):
                assert (await world.person()).user
            assert not [each for each in searches if each.done()], "they still wait"
        found = await asyncio.gather(*searches, return_exceptions=True)
        assert {type(each).__name__ for each in found} <= {"AuditPage", "Busy", "DeadlineExceeded"}
