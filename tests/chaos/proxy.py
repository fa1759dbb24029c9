"""A TCP line that can be cut at any byte, fall silent, lose an answer, or lead nowhere.

Put one between a process and a server it needs: `async with proxy(url) as line: use(line.url)`. A cut is a reset: neither
side gets what was still on its way.
"""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ports import free_port

CHUNK = 65536
FAREWELL = 1.0  # s; for what is still on its way when one side closes in order
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Line:
    """One client's connection; `left` bytes still pass, in both directions together, before it is cut."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    left: int | None = None
    doomed: bool = False
    tail: bytes = b""

    def cut(self) -> None:
        """End it in mid-word."""
        for writer in (self.client, self.server):
            if (opened := writer.get_extra_info("socket")) is not None and not writer.transport.is_closing():
                with contextlib.suppress(OSError):
                    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            writer.transport.abort()


@dataclass(eq=False)
class Proxy:
    """The way to one server, with all its lines; `cuts` and `lost` count what was done to them.

    `heard` is called with everything that passes towards the server.
    """

    original: str
    host: str
    target: int
    chance: random.Random
    port: int = 0
    cuts: int = 0
    lost: int = 0
    heard: Callable[[bytes], None] | None = None
    lines: set[Line] = field(default_factory=set)
    _open: asyncio.Server | None = None
    _between: tuple[int, int] | None = None
    _speaking: asyncio.Event = field(default_factory=asyncio.Event)
    _unanswered: list[bytes] = field(default_factory=list)
    _at_work: set["asyncio.Task[None] | None"] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The server's URL, by this way."""
        return self.by_here(self.original)

    def by_here(self, url: str) -> str:
        """Any URL of the server (another database, say), by this way."""
        parts = urlsplit(url)
        who, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{who}{at}127.0.0.1:{self.port}").geturl()

    def cut(self) -> int:
        """Cut every line now; how many those were. New ones may be made at once."""
        many = len(self.lines)
        for line in list(self.lines):
            line.cut()
        self.cuts += many
        return many

    def cut_after(self, low: int, high: int) -> None:
        """From now on each line, those that are there as well, is cut once `low` to `high` more bytes have passed."""
        self._between = (low, high)
        for line in self.lines:
            line.left = self.chance.randint(low, high)

    def lose_answer(self, to: bytes) -> None:
        """The next line on which these bytes pass is cut in the moment their answer would come back: it was done."""
        self._unanswered.append(to)

    def fall_silent(self) -> None:
        """Nothing passes any more, and no line breaks: what a cable pulled out looks like."""
        self._speaking.clear()

    def heal(self) -> None:
        """Let everything pass again, cut nothing more."""
        self._between = None
        self._unanswered.clear()
        for line in self.lines:
            line.left = None
        self._speaking.set()

    async def leave(self) -> None:
        """Cut every line and refuse new ones, as if the server were gone."""
        if self._open is not None:
            self._open.close()
            self._open = None
        self.cut()

    async def come_back(self) -> None:
        """Be there again, on the same port."""
        if self._open is None:
            self.port = self.port or free_port()
            self._open = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=CHUNK)

    async def close(self) -> None:
        """Leave for good, once all lines have ended."""
        await self.leave()
        while working := {task for task in self._at_work if task is not None}:
            for task in working:
                task.cancel()
            await asyncio.wait(working)
            self._at_work -= working

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._at_work.add(task)
        try:
            from_server, to_server = await asyncio.open_connection(self.host, self.target, limit=CHUNK)
        except OSError:
            writer.transport.abort()
            self._at_work.discard(task)
            return
        line = Line(writer, to_server)
        if self._between is not None:
            line.left = self.chance.randint(*self._between)
        self.lines.add(line)
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(line, reader, to_server, towards_server=True))
                pumps.create_task(self._pump(line, from_server, writer, towards_server=False))
        except* (OSError, _Ended):
            pass
        except* asyncio.CancelledError:  # only `close` cancels, and then this is the end
            pass
        finally:
            for side in (writer, to_server):
                side.transport.abort()
            self.lines.discard(line)
            self._at_work.discard(task)

    async def _pump(
        self, line: Line, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, towards_server: bool
    ) -> None:
        while data := await source.read(CHUNK):
            await self._speaking.wait()
            if towards_server:
                self._look_for_the_doomed(line, data)
            elif line.doomed:
                self.lost += 1
                self._end(line)
            if line.left is not None:
                data, line.left = data[: line.left], line.left - len(data)
            sink.write(data)
            with contextlib.suppress(ConnectionError):
                await sink.drain()
            if towards_server and self.heard is not None:
                self.heard(data)
            if line.left is not None and line.left <= 0:
                self._end(line)
        # One side said goodbye: let the other hear what is left, then end.
        sink.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await sink.wait_closed()
        raise _Ended

    def _look_for_the_doomed(self, line: Line, data: bytes) -> None:
        if not self._unanswered:
            return
        passing = line.tail + data
        for words in self._unanswered:
            if words in passing:
                self._unanswered.remove(words)
                line.doomed = True
                break
        line.tail = passing[-max(map(len, self._unanswered), default=0) :] if self._unanswered else b""

    def _end(self, line: Line) -> None:
        self.cuts += 1
        line.cut()
        raise _Ended


class _Ended(Exception):
    """The line is over; its other direction ends with it."""


@asynccontextmanager
async def proxy(url: str, seed: int = 0) -> AsyncIterator[Proxy]:
    """A way to the server at `url`, harmless until told otherwise; the same seed cuts at the same bytes."""
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise ValueError("a proxy needs to know host and port")
    way = Proxy(url, parts.hostname, parts.port, random.Random(seed))  # noqa: S311 - breaks things, guards nothing
    way.heal()
    await way.come_back()
    try:
        yield way
    finally:
        await way.close()
