"""An api that comes up while a server it needs is away: it lives, says what is missing, waits, and ends when told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaos.api.crowd import bound
from chaos.processes import Api
from chaos.proxy import Proxy, proxy
from contracts.operations.system import SYSTEM_READY
from contracts.system import GetReady
from local_servers import Addresses, Servers
from world import World, made_world, until

pytestmark = pytest.mark.chaos

VARIABLES = {"postgres": "POSTGRES_URL", "nats": "NATS_URL", "redis": "REDIS_URL"}
AT_ONCE = bound(15.0, 5.0)  # s for a process on a loaded machine to end that has nothing to finish


@dataclass
class Beginning:
    """An api that is not started yet, and the way to the server that will be away."""

    world: World
    api: Api
    way: Proxy

    async def checks(self) -> dict[str, Any]:
        """What readiness says, empty while nobody answers."""
        _, report = await self.api.asked("/ready")
        return dict(report.get("checks", {}))

    async def waits_for(self, name: str) -> None:
        """Return once it has answered that exactly this is missing, and what needs it."""

        async def says_so() -> bool:
            assert self.api.runs(), self.api.said()[-4000:]
            checks = await self.checks()
            return bool(checks) and not checks[name]["ok"]

        await until(says_so, within=60)
        assert (await self.api.asked("/live"))[0] == 200


@asynccontextmanager
async def beginning(servers: Addresses, broker: Servers, name: str, folder: Path) -> AsyncIterator[Beginning]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(made_world(servers, broker, serve=False))
        told = world.environment()
        way = await stack.enter_async_context(proxy(told[VARIABLES[name]]))
        api = Api("api", folder / "api.log", {**told, VARIABLES[name]: way.by_here(told[VARIABLES[name]])})
        stack.push_async_callback(api.kill)
        yield Beginning(world, api, way)


@pytest.mark.parametrize("name", ["postgres", "nats", "redis"])
async def test_it_waits_for_what_is_away_and_works_when_that_comes(
    servers: Addresses, broker: Servers, tmp_path: Path, name: str
) -> None:
    async with beginning(servers, broker, name, tmp_path) as at:
        await at.way.leave()
        await at.api.start()
        await at.waits_for(name)
        if name != "redis":  # which only sessions and throttles need, each call for itself
            await until(lambda: '"start.waits"' in at.api.said(), within=30)
            [line] = [line for line in at.api.said().splitlines() if '"start.waits"' in line][:1]
            assert f'"for_what": "{name}"' in line
            assert f"127.0.0.1:{at.way.port}" in line
            assert "nothing listens there" in line or "refused" in line.lower()
        await at.way.come_back()
        await at.api.answers(within=30)
        assert (await at.world.operator.call(SYSTEM_READY, GetReady())).demands_waiting == 0
        at.api.ask_to_stop()
        assert await at.api.ended() == 0
        assert "Traceback" not in at.api.said()


@pytest.mark.parametrize("how", ["gone", "silent"])
@pytest.mark.parametrize("name", ["postgres", "nats"])
async def test_told_to_end_while_it_waits_it_ends_at_once_and_well(
    servers: Addresses, broker: Servers, tmp_path: Path, name: str, how: str
) -> None:
    async with beginning(servers, broker, name, tmp_path) as at:
        if how == "gone":
            await at.way.leave()
        else:
            at.way.fall_silent()
        await at.api.start()
        await at.waits_for(name)
        _, visitor = await asyncio.open_connection("127.0.0.1", at.api.health_port)
        at.api.ask_to_stop()
        assert await at.api.ended(within=AT_ONCE) == 0, at.api.said()[-4000:]
        visitor.close()
        assert '"api.never_served"' in at.api.said()
        assert "Traceback" not in at.api.said(), at.api.said()[-4000:]


async def test_a_wrong_password_is_not_waited_for(servers: Addresses, broker: Servers, tmp_path: Path) -> None:
    async with made_world(servers, broker, serve=False) as world:
        told = world.environment()
        head, _, tail = told["POSTGRES_URL"].partition("@")
        user = head.rpartition(":")[0]
        api = Api("api", tmp_path / "api.log", {**told, "POSTGRES_URL": f"{user}:hidden-word@{tail}"})
        await api.start()
        try:
            assert await api.ended(within=60) == 1
            assert "InvalidPasswordError" in api.said()
            assert "hidden-word" not in api.said()
        finally:
            await api.kill()
