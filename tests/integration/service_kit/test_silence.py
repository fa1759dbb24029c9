"""A broker that says nothing for a while: checks give up in time, and the line works when it speaks again."""

import asyncio

import pytest

from chaos.proxy import proxy
from local_servers import Servers
from service_kit.broker import drain
from service_kit.health import Health, Unhealthy
from world import connection_of


async def test_a_check_that_gave_up_does_not_make_the_line_deaf(broker: Servers) -> None:
    async with proxy(broker.nats_url) as way:
        connection = await connection_of(broker, "operator", way.url)
        health = Health()
        health.add("nats", connection.check, within=0.1)
        await connection.check()
        way.fall_silent()
        for _ in range(2):
            assert not (await health.report()).ready
        way.heal()
        async with asyncio.timeout(10):
            await connection.flush()
            while not (await health.report()).ready:  # noqa: ASYNC110 - a pong sends no signal
                await asyncio.sleep(0.01)
        assert connection._reading_task is not None
        assert not connection._reading_task.done()
        await drain(connection, within=1)


async def test_a_deaf_line_is_not_healthy(broker: Servers) -> None:
    connection = await connection_of(broker, "operator")
    assert connection._reading_task is not None
    connection._reading_task.cancel()
    await asyncio.wait({connection._reading_task})
    with pytest.raises(Unhealthy, match="listens"):
        await connection.check()
    await drain(connection, within=1)
