"""A broker that goes, freezes and comes back."""

import asyncio
import signal
import time

import nats.errors
import pytest
from nats.aio.msg import Msg
from structlog.testing import capture_logs

from integration.service_kit.broker_server import Server, echo, until
from service_kit import broker
from service_kit.broker import Connection, drain
from service_kit.health import Health, Unhealthy


async def test_what_is_asked_while_disconnected_fails_at_once_and_is_never_sent(server: Server, bot: Connection):
    await server.kill()
    await until(bot, connected=False)
    started = time.monotonic()
    with pytest.raises(nats.errors.OutboundBufferLimitError):
        await bot.request("api.v1.telegram.demands.take", b"ghost", timeout=5)
    with pytest.raises(nats.errors.OutboundBufferLimitError):
        await bot.publish("api.v1.telegram.demands.take", b"ghost")
    assert time.monotonic() - started < 1
    with pytest.raises(Unhealthy):
        await bot.check()
    await server.start()
    api = await server.api()
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    async def arrive(message: Msg) -> None:
        arrived.put_nowait(message.data)

    await api.subscribe("api.v1.>", queue="api", cb=arrive)
    await api.flush()
    await until(bot, connected=True)
    await bot.publish("api.v1.telegram.demands.take", b"new")
    assert await asyncio.wait_for(arrived.get(), 5) == b"new"
    assert arrived.empty()
    await drain(api)


async def test_a_frozen_server_costs_neither_the_return_nor_a_late_send(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(broker, "PING_EVERY", 0.1)
    bot = await server.bot()
    server.freeze()
    # Fill the sockets' buffers on both sides, so that what comes next stays in the client.
    while bot._pending_data_size < 2_000_000:
        await bot.publish("api.v1.telegram.fill", b"x" * 500_000)
        await asyncio.sleep(0)
    await bot.publish("api.v1.telegram.demands.take", b"ghost")
    broken = bot._transport._io_writer.transport  # type: ignore[union-attr]
    await until(bot, connected=False)
    async with asyncio.timeout(5):
        while broken.get_write_buffer_size():  # noqa: ASYNC110 - a buffer of the loop tells nobody that it is empty
            await asyncio.sleep(0)
    server.signal(signal.SIGCONT)
    # Subscribed before the bot can be back: its own attempt to come back is waiting for the frozen server's greeting.
    api = await server.api()
    arrived: list[bytes] = []
    marked = asyncio.Event()

    async def arrive(message: Msg) -> None:
        if message.subject.endswith("take"):
            arrived.append(message.data)
        if message.data == b"new":
            marked.set()

    await api.subscribe("api.v1.>", queue="api", cb=arrive)
    await api.flush()
    await asyncio.wait_for(until(bot, connected=True), 10)
    await bot.publish("api.v1.telegram.demands.take", b"new")
    await asyncio.wait_for(marked.wait(), 5)
    assert arrived == [b"new"]
    await drain(bot)
    await drain(api)


async def test_subscriptions_and_the_process_survive_a_restart_of_the_server(
    server: Server, api: Connection, bot: Connection
):
    await api.subscribe("api.v1.>", queue="api", cb=echo)
    await api.flush()
    for _ in range(2):
        await server.kill()
        await asyncio.gather(until(bot, connected=False), until(api, connected=False))
        await server.start()
        await asyncio.gather(until(bot, connected=True), until(api, connected=True))
        await api.flush()
        assert (await bot.request("api.v1.telegram.system.ping", b"!", timeout=5)).data == b"!"
    assert not bot.closed_for_good.done()


async def test_a_connection_the_server_ends_for_ever_is_told(bot: Connection):
    with capture_logs():
        # Bytes the protocol forbids: nats-py closes for ever instead of coming back.
        bot._transport.write(b"PUB api.v1.telegram.x 99999999\r\n")  # type: ignore[union-attr]
        await asyncio.wait_for(bot.closed_for_good, 10)
    assert bot.is_closed
    with pytest.raises(Unhealthy):
        await bot.check()


async def test_draining_ends_in_time_when_work_hangs_or_the_server_is_gone(server: Server, bot: Connection):
    api = await server.api()
    started = asyncio.Event()

    async def hang(_: Msg) -> None:
        started.set()
        await asyncio.Event().wait()

    await api.subscribe("jobs.>", cb=hang)
    await api.publish("jobs.x", b"")
    await started.wait()
    with capture_logs():
        await asyncio.wait_for(drain(api, within=0.2), 5)
    assert api.is_closed
    await server.kill()
    await until(bot, connected=False)
    await asyncio.wait_for(drain(bot), 5)
    assert bot.is_closed
    assert bot.closed_for_good.done()


async def test_draining_a_frozen_server_ends_in_time(server: Server):
    bot = await server.bot()
    server.freeze()
    with capture_logs():
        await asyncio.wait_for(drain(bot, within=0.2), 5)
    assert bot.is_closed


async def test_health_sees_a_frozen_server(server: Server, bot: Connection):
    health = Health()
    health.add("nats", bot.check, within=1)
    assert (await health.report()).ready
    server.freeze()
    assert not (await health.report()).ready


async def test_a_server_that_comes_later_is_awaited(server: Server):
    await server.kill()
    async with asyncio.TaskGroup() as group:
        coming = group.create_task(server.bot(within=20))
        await asyncio.sleep(0)
        await server.start()
    await drain(coming.result())


def test_returns_are_spread_and_a_dead_server_is_not_asked_for_ever():
    choose = broker._spread(3.5)
    dead, alive = (broker.Server(uri=name, reconnects=count) for name, count in (("dead", 3), ("alive", 0)))  # type: ignore[arg-type]
    drawn = [choose([dead, alive], {}) for _ in range(2000)]
    assert {server.uri for server, _ in drawn if server} == {"alive"}
    delays = sorted(delay for _, delay in drawn)
    assert 0 <= delays[0] < delays[-1] <= 3.5
    # Of the clients that lost one server, no second sees more than 40 % return.
    assert max(sum(start <= delay < start + 1 for delay in delays) for start in (0, 0.5, 1, 1.5, 2, 2.5)) < 0.4 * len(
        delays
    )
