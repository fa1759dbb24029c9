"""A bot that comes up while a server it needs is away: it lives, says what is missing, waits, and ends when told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from chaos.proxy import Proxy, proxy
from e2e.telegram_bot.town import Town
from ports import free_port
from service_kit.process import Stop
from telegram_bot.app import serve
from telegram_bot.settings import BotSettings
from world import until

VARIABLES = {"nats": "NATS_URL", "redis": "REDIS_URL", "telegram": "BOT_API_URL"}


@dataclass
class Beginning:
    """A bot that is coming up in this process, and the way to the server that is away."""

    way: Proxy
    port: int
    stop: Stop
    serving: "asyncio.Task[None]"

    async def asked(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and content of its health endpoint; 0 while nobody is there."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}{path}") as got:
                return got.status, await got.json()
        except aiohttp.ClientError:
            return 0, {}

    async def waits_for(self, name: str) -> None:
        """Return once it has answered that this is missing, and why."""

        async def says_so() -> bool:
            assert not self.serving.done()
            status, report = await self.asked("/ready")
            check = report.get("checks", {}).get(name)
            return status == 503 and check is not None and check["why"] not in {"", "not there yet"}

        await until(says_so, within=60)
        assert (await self.asked("/live"))[0] == 200


@asynccontextmanager
async def beginning(town: Town, name: str, *, silent: bool = False) -> AsyncIterator[Beginning]:
    told = town.settings(HEALTH_PORT=str(free_port()))
    async with proxy(told[VARIABLES[name]]) as way, asyncio.TaskGroup() as group:
        told[VARIABLES[name]] = way.by_here(told[VARIABLES[name]])
        if silent:
            way.fall_silent()
        else:
            await way.leave()
        settings = BotSettings.model_validate({key.lower(): value for key, value in told.items()})
        stop = Stop()
        yield Beginning(way, settings.health_port, stop, group.create_task(serve(settings, stop)))
        stop.request("the test is over")
    assert stop.failure is None


@pytest.mark.parametrize("name", ["nats", "redis", "telegram"])
async def test_it_waits_for_what_is_away_and_works_when_that_comes(quiet_town: Town, name: str) -> None:
    olga = await quiet_town.simulator.person("Olga", language_code="en")
    await olga.start()
    async with beginning(quiet_town, name) as at:
        await at.waits_for(name)
        await at.way.come_back()
        await olga.wait_for("Hello!", seconds=30)
        assert (await at.asked("/ready"))[0] == 200


@pytest.mark.parametrize("name", ["nats", "redis", "telegram"])
@pytest.mark.parametrize("silent", [False, True])
async def test_told_to_end_while_it_waits_it_ends_at_once_and_well(quiet_town: Town, name: str, silent: bool) -> None:  # noqa: FBT001 - a parameter
    async with beginning(quiet_town, name, silent=silent) as at:
        if silent:
            await until(lambda: _is_live(at), within=60)
        else:
            await at.waits_for(name)
        at.stop.request("told to end")
        async with asyncio.timeout(20):
            await at.serving


async def _is_live(at: Beginning) -> bool:
    return (await at.asked("/live"))[0] == 200
