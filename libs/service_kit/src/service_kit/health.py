"""Whether the process lives and is ready for work, told on a port of its own."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from service_kit.metrics import exposition
from service_kit.redaction import redact

log = structlog.get_logger(__name__)

LONGEST_HEAD: Final = 8192
"""Bytes of a request's head that are read, the usual limit of web servers."""

READ_WITHIN: Final = 2.0
ANSWER_WITHIN: Final = 5.0
MOST_VISITORS: Final = 16
"""Connections at once: an orchestrator, a scraper and an operator need three."""

JSON: Final = "application/json"


class Unhealthy(Exception):
    """A check's answer that work should not come here now; its text is shown to the operator."""

    safe_to_log = True


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found.

    Attributes:
        ok: whether it passed.
        took_ms: how long it took, in milliseconds.
        why: why it failed, empty when it passed.

    """

    ok: bool
    took_ms: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What all checks found: ``ready`` when each passed."""

    ready: bool
    checks: dict[str, CheckResult]


class Health:
    """The checks of one process. Being alive needs none: it is that the event loop answers."""

    def __init__(self) -> None:
        self._checks: dict[str, tuple[Callable[[], Awaitable[object]], float]] = {}

    def add(self, name: str, check: Callable[[], Awaitable[object]], *, within: float = 1.0) -> None:
        """Make readiness depend on a check: it passes by returning, fails by raising or after ``within`` seconds.

        The text of Unhealthy is shown; of any other error only the type. A name used twice raises ValueError.
        """
        if name in self._checks:
            raise ValueError(f"there is already a check named {name}")
        self._checks[name] = (check, within)

    async def report(self) -> Report:
        """Run all checks at once and return what they found; it takes as long as the longest deadline at most."""
        names = list(self._checks)
        results = await asyncio.gather(*(_run(name, *self._checks[name]) for name in names))
        return Report(all(result.ok for result in results), dict(zip(names, results, strict=True)))


async def _run(name: str, check: Callable[[], Awaitable[object]], within: float) -> CheckResult:
    started = time.perf_counter()
    why = ""
    try:
        async with asyncio.timeout(within):
            await check()
    except Unhealthy as error:
        why = redact(str(error)) or "unhealthy"
    except TimeoutError:
        why = f"no answer within {within:g} s"
    except Exception as error:  # noqa: BLE001 - whatever a check raises, the answer is that it failed
        why = type(error).__qualname__
    if why:
        log.warning("health.failed", check=name, why=why)
    return CheckResult(not why, round((time.perf_counter() - started) * 1000, 1), why)


@contextlib.asynccontextmanager
async def serve_health(health: Health, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Answer ``GET /live``, ``/ready`` and ``/metrics`` while the block runs; yields the port, chosen freely when 0.

    ``/ready`` is 200 or 503 with one entry for each check. A taken port raises OSError. Nothing but GET and these paths is
    answered, heads are bounded in size and time, connections in number.
    """
    # Three fixed answers without bodies, cookies or routes: a web framework would cost the api, which has none, 20 MB of
    # memory for them.
    visits: set[asyncio.Task[None]] = set()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(READ_WITHIN + ANSWER_WITHIN):
                crowded = len(visits) > MOST_VISITORS
                writer.write(
                    _response(503, "text/plain", b"too many visitors\n") if crowded else await _answer(health, reader)
                )
                writer.write_eof()
                # Closing with a request half read would reset the connection, and the visitor would lose the answer.
                while await reader.read(LONGEST_HEAD):
                    pass
        except (OSError, TimeoutError):
            writer.transport.abort()

    # Given a coroutine, Python 3.11 would make the task itself, and report one that is cancelled with a traceback.
    def arrive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(visit(reader, writer))  # noqa: TID251 - it has a deadline, and is waited for below
        visits.add(task)
        task.add_done_callback(visits.discard)
        task.add_done_callback(lambda _: writer.close())

    server = await asyncio.start_server(arrive, host, port, limit=LONGEST_HEAD)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in visits:
            task.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


async def _answer(health: Health, reader: asyncio.StreamReader) -> bytes:
    try:
        path = await _path(reader)
    except _Refused as refused:
        return _response(refused.status, "text/plain", f"{refused}\n".encode())
    match path:
        case b"/live":
            return _response(200, JSON, b'{"alive": true}\n')
        case b"/ready":
            report = await health.report()
            checks = {name: {"ok": c.ok, "took_ms": c.took_ms, "why": c.why} for name, c in report.checks.items()}
            body = json.dumps({"ready": report.ready, "checks": checks}).encode() + b"\n"
            return _response(200 if report.ready else 503, JSON, body)
        case b"/metrics":
            return _response(200, "text/plain; version=0.0.4; charset=utf-8", exposition())
        case _:
            return _response(404, "text/plain", b"there are /live, /ready and /metrics\n")


class _Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


async def _path(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(READ_WITHIN):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise _Refused(431, "the head is too large") from None
    except (asyncio.IncompleteReadError, TimeoutError):
        raise _Refused(408, "no request came") from None
    match head.split(b"\r\n", 1)[0].split(b" "):
        case [b"GET", target, b"HTTP/1.1" | b"HTTP/1.0"]:
            return target.split(b"?", 1)[0]
        case [_, _, b"HTTP/1.1" | b"HTTP/1.0"]:
            raise _Refused(405, "only GET")
        case _:
            raise _Refused(400, "not a request")


_REASONS: Final = {
    200: b"OK",
    400: b"Bad Request",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


def _response(status: int, kind: str, body: bytes) -> bytes:
    head = b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nAllow: GET\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    return head % (status, _REASONS[status], kind.encode(), len(body)) + body
