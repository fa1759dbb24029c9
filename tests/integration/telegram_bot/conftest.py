"""The way in, on a real broker and a real Redis, with a Telegram made up and handlers of the test's own."""

import itertools
import os
from collections.abc import AsyncIterator, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from redis.asyncio import Redis
from structlog.testing import capture_logs

from contracts.client import Client
from contracts.kinds import Caller
from local_servers import Addresses, Servers
from service_kit.broker import Connection, drain
from service_kit.correlation import traceparent
from telegram_bot.intake.handle import Dispatchers, Handling
from telegram_bot.intake.publish import Intake
from telegram_bot.intake.steps import Steps
from telegram_bot.words import Words
from telegram_simulator import Simulator, running_simulator
from world import connection_of, emptied_streams

_numbers = itertools.count(int.from_bytes(os.urandom(4), "big") + 10**9)


@dataclass
class WayIn:
    """Everything between Telegram and a handler, without a handler."""

    connection: Connection
    redis: Redis
    simulator: Simulator
    bot: Bot
    steps: Steps
    intake: Intake
    broker: Servers
    dispatcher: Dispatcher = field(default_factory=lambda: Dispatcher(disable_fsm=True))

    def handling(self) -> Handling:
        """What the worker hands updates to."""
        client = Client(self.connection, Caller.TELEGRAM, traceparent)
        return Handling(self.bot, Dispatchers(self.dispatcher, self.dispatcher), client, Words(), self.steps)

    async def stored(self, stream: str) -> int:
        """How many messages a stream holds."""
        migrator = await connection_of(self.broker, "migrate")
        try:
            return (await migrator.jetstream().stream_info(stream)).state.messages
        finally:
            await migrator.close()


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """The log as data: unconfigured, structlog paints every traceback for seconds."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
async def way_in(servers: Addresses, broker: Servers) -> AsyncIterator[WayIn]:
    """A way in of this test's own."""
    await emptied_streams(broker)
    token = f"{next(_numbers)}:{'t' * 35}"
    connection = await connection_of(broker, "telegram")
    async with (
        running_simulator(tokens=(token,), limits=False) as simulator,
        Redis.from_url(servers.redis_url) as redis,
    ):
        session = AiohttpSession(api=TelegramAPIServer.from_base(simulator.url))
        bot = Bot(token, session=session)
        steps = Steps(redis, bot.id)
        yield WayIn(connection, redis, simulator, bot, steps, Intake(connection.jetstream(), steps, bot.id), broker)
        await session.close()
    await drain(connection, within=2)


def update(number: int, chat: int, text: str = "hello") -> bytes:
    """A message as Telegram sends it."""
    person = {"id": chat, "is_bot": False, "first_name": "Somebody"}
    message = {"message_id": number, "date": 1, "chat": {"id": chat, "type": "private"}, "from": person, "text": text}
    return msgspec.json.encode({"update_id": number, "message": message})
