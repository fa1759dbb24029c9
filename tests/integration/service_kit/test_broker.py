"""Against a NATS server of its own, because it is stopped, frozen and refused things."""

import asyncio
import contextlib
import time
from pathlib import Path

import pytest
from nats.aio.msg import Msg
from pydantic import SecretStr
from structlog.testing import capture_logs

from integration.service_kit.broker_server import Server, echo, new_key
from ports import free_port
from service_kit.broker import BrokerUnavailable, Connection, Denied, connect, drain


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


@pytest.mark.parametrize("seed", ["canary", "SUcanary", ""])
async def test_a_seed_that_is_none_is_told_without_it(server: Server, seed: str):
    with pytest.raises(BrokerUnavailable) as caught:
        await connect(server.url, name="x", inbox_prefix="_INBOX_x", seed=seed, within=5)
    assert "canary" not in str(caught.value)


async def test_a_seed_file_that_cannot_be_read_is_told(server: Server, tmp_path: Path):
    with pytest.raises(BrokerUnavailable, match=r"none cannot be read: FileNotFoundError: \[2\] No such file"):
        await connect(server.url, name="x", inbox_prefix="_INBOX_x", seed=tmp_path / "none")
