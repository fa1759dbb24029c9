"""The cheapest Telegram there can be: it hands out what it is given and notes what is said, and checks nothing.

The simulator of the product is strict and dear; measuring the bot beside it on the same cores measures both.
"""

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TOKEN = f"1000000001:{'t' * 35}"
MOST = 100  # updates in one answer of getUpdates, as in Telegram's
ANSWERS = {
    "getMe": {"id": 1_000_000_001, "is_bot": True, "first_name": "Bench", "username": "bench_bot"},
    "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
}


class BareTelegram:
    """Updates that wait for the bot, and when each text whose last line was awaited was first said."""

    def __init__(self) -> None:
        self.url = ""
        self.said: dict[str, float] = {}
        self._awaited: set[str] = set()
        self._all_said = asyncio.Event()
        self._updates: deque[tuple[int, bytes]] = deque()
        self._new = asyncio.Event()
        self._numbers = itertools.count(1)

    def write(self, person: int, text: str) -> None:
        """Somebody writes to the bot."""
        number = next(self._numbers)
        who = {"id": person, "first_name": f"P{person}"}
        message = {"message_id": number, "date": int(time.time()), "chat": who | {"type": "private"}, "from": who | {"is_bot": False}}  # fmt: skip
        update = {"update_id": number, "message": message | {"text": text}}
        self._updates.append((number, json.dumps(update).encode()))
        self._new.set()

    def listen_for(self, texts: set[str]) -> None:
        """Forget what was said, and note when each of these is."""
        self.said, self._awaited = {}, set(texts)
        self._all_said.clear()

    async def heard_all(self, within: float) -> None:
        """Wait until everything listened for was said; TimeoutError."""
        async with asyncio.timeout(within):
            await self._all_said.wait()

    async def answer(self, method: str, body: bytes) -> bytes:
        """What a request is answered with, as JSON."""
        if method == "getUpdates":
            return await self._get_updates(json.loads(body).get("offset", 0))
        if method == "sendMessage":
            now, text = time.time(), str(json.loads(body)["text"]).rpartition("\n")[2]
            if text in self._awaited:
                self.said.setdefault(text, now)
                if len(self.said) == len(self._awaited):
                    self._all_said.set()
            return (
                b'{"ok":true,"result":{"message_id":%d,"date":1,"chat":{"id":1,"type":"private"},"text":"."}}'
                % next(self._numbers)
            )
        return json.dumps({"ok": True, "result": ANSWERS.get(method, True)}).encode()

    async def _get_updates(self, offset: int) -> bytes:
        while self._updates and self._updates[0][0] < offset:
            self._updates.popleft()
        if not self._updates:
            self._new.clear()
            await self._new.wait()
        given = itertools.islice((update for _, update in self._updates), MOST)
        return b'{"ok":true,"result":[' + b",".join(given) + b"]}"


class _Connection(asyncio.Protocol):
    """Requests of one connection, one after another, each with its length in its head."""

    def __init__(self, telegram: BareTelegram, tasks: asyncio.TaskGroup) -> None:
        self._telegram, self._tasks = telegram, tasks
        self._read = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer every request that is there as a whole."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._read) < end + 4 + length:
                return
            method = self._read[:end].split(b" ", 2)[1].rpartition(b"/")[2].decode()
            body, self._read = self._read[end + 4 : end + 4 + length], self._read[end + 4 + length :]
            self._tasks.create_task(self._respond(method, body))

    async def _respond(self, method: str, body: bytes) -> None:
        answer = await self._telegram.answer(method, body)
        if self._transport is not None and not self._transport.is_closing():
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)
            self._transport.write(head + answer)


@asynccontextmanager
async def bare_telegram() -> AsyncIterator[BareTelegram]:
    """One on a free port of this machine."""
    telegram = BareTelegram()
    tasks = asyncio.TaskGroup()
    async with tasks:
        server = await asyncio.get_running_loop().create_server(lambda: _Connection(telegram, tasks), "127.0.0.1", 0)
        telegram.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield telegram
        finally:
            server.close()
            telegram._new.set()
