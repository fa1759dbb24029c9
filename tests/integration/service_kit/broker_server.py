"""A NATS server of one's own, to be stopped, frozen and refused things."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import nkeys
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from ports import free_port
from service_kit.broker import Connection, connect, drain

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
