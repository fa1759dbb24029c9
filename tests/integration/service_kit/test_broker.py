"""Against a NATS server of its own, because it is stopped, frozen and refused things."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import nats.errors
import nkeys
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import SecretStr
from structlog.testing import capture_logs

from service_kit import broker
from service_kit.broker import BrokerUnavailable, Connection, Denied, connect, drain
from service_kit.health import Health, Unhealthy

CONFIG = """
listen: "127.0.0.1:{port}"
max_payload: 1MB
write_deadline: "60s"
authorization {{ users: [
  {{ nkey: {bot}, permissions {{ publish {{ allow: ["api.v1.telegram.>"] }}, subscribe {{ allow: ["_INBOX_telegram.>"] }} }} }}
  {{ nkey: {api}, permissions {{ publish {{ allow: ["_INBOX_telegram.>", "jobs.>"] }}, subscribe {{ allow: ["api.v1.> api", "jobs.>", "_INBOX_api.>"] }} }} }}
] }}
"""


def new_key() -> tuple[str, str]:
    pair = nkeys.from_seed(nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER))
    return pair.seed.decode(), pair.public_key.decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One nats-server that can be stopped, started again and frozen."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.bot_seed, bot = new_key()
        self.api_seed, api = new_key()
        self._config = folder / "nats.conf"
        self._config.write_text(CONFIG.format(port=self.port, bot=bot, api=api))
        beside = Path(sys.executable).with_name("nats-server")
        self._program = str(beside) if beside.exists() else shutil.which("nats-server") or "nats-server"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            self._program, "-c", str(self._config), stderr=asyncio.subprocess.PIPE
        )
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            if b"Server is ready" in line:
                return
        raise RuntimeError("nats-server did not start")

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def freeze(self) -> None:
        assert self._process is not None
        self.signal(signal.SIGSTOP)
        # Sending the signal is not yet the stop: on another core the server may answer once more.
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    async def bot(self, **options: object) -> Connection:
        return await connect(
            self.url,
            name="bot",
            inbox_prefix="_INBOX_telegram",
            seed=self.bot_seed,
            reconnect_spread=0.05,
            **options,  # type: ignore[arg-type]
        )

    async def api(self) -> Connection:
        return await connect(self.url, name="api", inbox_prefix="_INBOX_api", seed=self.api_seed, reconnect_spread=0.05)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path)
    async with asyncio.timeout(60):
        await server.start()
        try:
            yield server
        finally:
            with contextlib.suppress(ProcessLookupError):
                server.signal(signal.SIGCONT)
            await server.kill()


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Connection]:
    api = await server.api()
    yield api
    await drain(api, within=1)


@pytest.fixture
async def bot(server: Server) -> AsyncIterator[Connection]:
    bot = await server.bot()
    yield bot
    await drain(bot, within=1)


async def echo(message: Msg) -> None:
    await message.respond(message.data)


async def until(connection: Client, *, connected: bool) -> None:
    """Return once nats-py's state is as told; it has no event for being disconnected."""
    async with asyncio.timeout(15):
        while connection.is_connected is not connected:  # noqa: ASYNC110 - as the docstring says
            await asyncio.sleep(0.005)


async def test_a_request_is_answered_under_the_users_own_inbox_and_queue(api: Connection, bot: Connection):
    replies: list[str] = []

    async def answer(message: Msg) -> None:
        replies.append(message.reply)
        await message.respond(b"yes")

    await api.subscribe("api.v1.>", queue="api", cb=answer)
    await api.flush()
    assert (await bot.request("api.v1.telegram.demands.next", b"?", timeout=5)).data == b"yes"
    assert replies[0].startswith("_INBOX_telegram.")
    await bot.check()


async def test_a_flush_does_not_return_before_the_server_knows_the_subscription(api: Connection, bot: Connection):
    for number in range(100):
        subject = f"api.v1.telegram.fresh.{number}"
        await api.subscribe(subject.replace("telegram", "*"), queue="api", cb=echo)
        await api.flush()
        assert (await bot.request(subject, b"!", timeout=5)).data == b"!"


async def test_the_seed_may_be_a_file_or_a_secret(server: Server, tmp_path: Path):
    file = tmp_path / "seed"
    file.write_text(f"{server.bot_seed}\n")
    for seed in (file, SecretStr(server.bot_seed)):
        connection = await connect(server.url, name="bot", inbox_prefix="_INBOX_telegram", seed=seed)
        await drain(connection)


async def test_a_refused_request_is_told_at_once_and_in_lower_case(server: Server):
    told: asyncio.Future[Denied] = asyncio.get_running_loop().create_future()
    bot = await server.bot(on_denied=told.set_result)
    with capture_logs() as lines:
        request = asyncio.ensure_future(bot.request("api.v1.web.Demands.next", b"?", timeout=30))  # noqa: TID251 - it is left waiting on purpose
        assert await asyncio.wait_for(told, 5) == Denied("publish", "api.v1.web.demands.next")
    assert not request.done(), "the client alone would wait out its time"
    request.cancel()
    assert any(line["event"] == "broker.denied" for line in lines)
    assert bot.is_connected
    await drain(bot)


async def test_a_refused_subscription_is_told_with_its_queue_until_one_stops_listening(bot: Connection):
    told: asyncio.Queue[Denied] = asyncio.Queue()
    forget = bot.on_denied(told.put_nowait)
    await bot.subscribe("api.v1.telegram.demands.next", queue="api")
    assert await asyncio.wait_for(told.get(), 5) == Denied("subscribe", "api.v1.telegram.demands.next", "api")
    await bot.subscribe(">")
    assert await asyncio.wait_for(told.get(), 5) == Denied("subscribe", ">")
    forget()
    forget()
    await bot.subscribe("$SRV.>")
    await bot.flush()
    assert told.empty()


async def test_a_listener_that_fails_does_not_cost_the_line(bot: Connection):
    def fail(_: Denied) -> None:
        raise ValueError("x")

    told: asyncio.Queue[Denied] = asyncio.Queue()
    bot.on_denied(fail)
    bot.on_denied(told.put_nowait)
    await bot.publish("jobs.x", b"")
    await asyncio.wait_for(told.get(), 5)
    await bot.check()


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


async def test_an_error_in_a_callback_is_logged_with_its_traceback_and_the_next_message_comes(api: Connection):
    second = asyncio.Event()

    async def work(message: Msg) -> None:
        if message.data == b"1":
            raise ValueError("words")
        second.set()

    await api.subscribe("jobs.>", cb=work)
    with capture_logs() as lines:
        await api.publish("jobs.x", b"1")
        await api.publish("jobs.x", b"2")
        await asyncio.wait_for(second.wait(), 5)
    (line,) = (line for line in lines if line["event"] == "broker.error")
    assert (line["log_level"], line["error"], type(line["exc_info"])) == (
        "error",
        "ValueError: <withheld 5 characters>",
        ValueError,
    )


async def test_draining_finishes_what_was_received_and_closes(server: Server):
    api = await server.api()
    done: list[bytes] = []
    started, release = asyncio.Event(), asyncio.Event()

    async def work(message: Msg) -> None:
        started.set()
        await release.wait()
        done.append(message.data)

    await api.subscribe("jobs.>", cb=work)
    for number in range(3):
        await api.publish("jobs.x", b"%d" % number)
    await started.wait()
    await api.flush()
    async with asyncio.TaskGroup() as group:
        group.create_task(drain(api))
        release.set()
    assert done == [b"0", b"1", b"2"]
    assert api.is_closed
    assert api.closed_for_good.done()
    await drain(api)


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


async def test_an_unknown_key_is_refused_at_once_with_a_sentence(server: Server):
    seed, _ = new_key()
    started = time.monotonic()
    with pytest.raises(BrokerUnavailable, match="refused the key") as caught:
        await connect(server.url, name="x", inbox_prefix="_INBOX_x", seed=seed, within=30)
    assert time.monotonic() - started < 5
    assert seed not in repr(caught.value)


async def test_no_server_is_told_after_the_deadline():
    url = f"nats://someone:secret@127.0.0.1:{free_port()}"
    with pytest.raises(BrokerUnavailable) as caught:
        await connect(url, name="x", inbox_prefix="_INBOX_x", within=0.3)
    assert str(caught.value).endswith(": nothing listens there (tried for 0.3 s)")
    assert "secret" not in str(caught.value)


async def test_a_server_that_says_nothing_is_told_after_the_deadline():
    left = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        left.set()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    with pytest.raises(BrokerUnavailable, match=r"no answer \(tried for 0\.3 s\)"):
        await connect(f"nats://127.0.0.1:{port}", name="x", inbox_prefix="_INBOX_x", within=0.3)
    await asyncio.wait_for(left.wait(), 5)
    listener.close()


async def test_a_server_that_comes_later_is_awaited(server: Server):
    await server.kill()
    async with asyncio.TaskGroup() as group:
        coming = group.create_task(server.bot(within=20))
        await asyncio.sleep(0)
        await server.start()
    await drain(coming.result())


@pytest.mark.parametrize("seed", ["canary", "SUcanary", ""])
async def test_a_seed_that_is_none_is_told_without_it(server: Server, seed: str):
    with pytest.raises(BrokerUnavailable) as caught:
        await connect(server.url, name="x", inbox_prefix="_INBOX_x", seed=seed, within=5)
    assert "canary" not in str(caught.value)


async def test_a_seed_file_that_cannot_be_read_is_told(server: Server, tmp_path: Path):
    with pytest.raises(BrokerUnavailable, match=r"none cannot be read: FileNotFoundError: \[2\] No such file"):
        await connect(server.url, name="x", inbox_prefix="_INBOX_x", seed=tmp_path / "none")


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
