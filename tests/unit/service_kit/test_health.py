import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from service_kit import health as subject
from service_kit.health import Health, Unhealthy, serve_health
from service_kit.metrics import counter


async def ask(port: int, request: bytes) -> tuple[int, bytes, bytes]:
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(body) in head
    return int(head.split(b" ")[1]), head, body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


async def fine() -> None:
    return


async def broken() -> None:
    raise Unhealthy("the outbox is 300 s behind, ask +7 999 123 45 67")


async def buggy() -> None:
    raise ValueError("a person's words")


async def hanging() -> None:
    await asyncio.Event().wait()


@pytest.fixture
async def health() -> Health:
    return Health()


@pytest.fixture
async def port(health: Health) -> AsyncIterator[int]:
    async with serve_health(health) as port:
        yield port


async def test_ready_is_the_sum_of_the_checks(health: Health, port: int):
    status, _, body = await ask(port, get("/ready"))
    assert (status, json.loads(body)) == (200, {"ready": True, "checks": {}})
    health.add("postgres", fine)
    health.add("nats", broken)
    health.add("redis", buggy)
    health.add("telegram", hanging, within=0.05)
    status, _, body = await ask(port, get("/ready"))
    told = json.loads(body)
    assert (status, told["ready"]) == (503, False)
    assert {name: (check["ok"], check["why"]) for name, check in told["checks"].items()} == {
        "postgres": (True, ""),
        "nats": (False, "the outbox is 300 s behind, ask <number>"),
        "redis": (False, "ValueError"),
        "telegram": (False, "no answer within 0.05 s"),
    }


async def test_checks_run_side_by_side():
    arrived = 0
    both = asyncio.Event()

    async def meets() -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 2:
            both.set()
        await both.wait()

    health = Health()
    health.add("one", meets)
    health.add("two", meets)
    assert (await health.report()).ready


async def test_live_stays_true_when_a_dependency_is_down(health: Health, port: int):
    health.add("nats", broken)
    status, _, body = await ask(port, get("/live"))
    assert (status, json.loads(body)) == (200, {"alive": True})


async def test_metrics_are_prometheus_text(port: int):
    counter("test_scraped", "Scraped")(5)
    status, head, body = await ask(port, get("/metrics?x=1"))
    assert status == 200
    assert b"text/plain; version=0.0.4" in head
    assert b"mutual_aid_test_scraped_total 5.0" in body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (get("/"), 404),
        (get("/live/.."), 404),
        (b"POST /live HTTP/1.1\r\n\r\n", 405),
        (b"HEAD /live HTTP/1.1\r\n\r\n", 405),
        (b"GET /live\r\n\r\n", 400),
        (b"GET  /live HTTP/1.1\r\n\r\n", 400),
        (b"GET /live HTTP/2\r\n\r\n", 400),
        (b"\x00\xff\r\n\r\n", 400),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", 431),
    ],
)
async def test_anything_but_a_known_get_is_refused(port: int, request_bytes: bytes, status: int):
    assert (await ask(port, request_bytes))[0] == status
    assert (await ask(port, get("/live")))[0] == 200


async def test_a_silent_visitor_is_sent_away(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subject, "READ_WITHIN", 0.05)
    assert (await ask(port, b"GET /live HTT"))[0] == 408


async def test_more_visitors_than_there_is_room_for_are_refused_and_then_let_in_again(port: int):
    async with contextlib.AsyncExitStack() as crowd:
        for _ in range(subject.MOST_VISITORS):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            crowd.push_async_callback(writer.wait_closed)
            crowd.callback(writer.close)
            writer.write(b"GET")
        assert (await ask(port, get("/live")))[0] == 503
    async with asyncio.timeout(10):
        while (await ask(port, get("/live")))[0] != 200:  # noqa: ASYNC110 - a visitor's leaving shows in the next answer alone
            await asyncio.sleep(0)


async def test_a_name_is_used_once():
    health = Health()
    health.add("nats", fine)
    with pytest.raises(ValueError, match="nats"):
        health.add("nats", fine)


async def test_a_taken_port_is_told_and_a_left_one_is_free(health: Health):
    async with serve_health(health) as port:
        with pytest.raises(OSError, match="in use"):
            async with serve_health(health, port=port):
                pass
    async with serve_health(health, port=port) as again:
        assert again == port


async def test_visitors_left_behind_are_sent_away_without_a_word(health: Health, caplog: pytest.LogCaptureFixture):
    health.add("telegram", hanging)
    async with contextlib.AsyncExitStack() as kept:
        async with serve_health(health) as port:
            readers = []
            for request in (b"GET", get("/live"), get("/ready"), b""):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                kept.push_async_callback(writer.wait_closed)
                kept.callback(writer.close)
                writer.write(request)
                readers.append(reader)
            assert await readers[1].readuntil(b"}") is not None
        async with asyncio.timeout(10):
            assert [await reader.read() for reader in readers] == [b"", b"\n", b"", b""]
    assert not caplog.records
