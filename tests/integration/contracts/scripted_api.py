"""An api that answers by a script and counts what it hears, and a bot that calls it over the real broker."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import nats.errors
from nats.aio.msg import Msg

from contracts import wire
from contracts.client import Client
from contracts.demands import Next, NextDemand, NothingWaiting, SearchDemands
from contracts.failures import Failure
from contracts.kinds import Caller
from contracts.operations import Operation
from contracts.operations.demands import DEMANDS_NEXT, DEMANDS_SEARCH
from service_kit.broker import Connection

Join = Callable[[str], Awaitable[Connection]]
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SHORT = replace(DEMANDS_NEXT, within=1.0)
LONG = replace(DEMANDS_NEXT, within=30.0)
NOTHING = NothingWaiting()

# What the api does with a request: answers a reply, a failure or raw bytes; None leaves it without an answer.
Answer = NothingWaiting | Failure | bytes | None


class Api:
    """Answers each request with the next of its answers, the last of them for ever, and remembers what it heard."""

    def __init__(self, connection: Connection, answers: tuple[Answer, ...]) -> None:
        self._connection = connection
        self._answers = list(answers)
        self.heard: list[Msg] = []
        self.hearing = asyncio.Event()

    async def open(self) -> None:
        for operation in (DEMANDS_NEXT, DEMANDS_SEARCH):
            await self._connection.subscribe(f"api.v1.*.{operation.name}", queue="api", cb=self._receive)
        await self._connection.flush()

    async def _receive(self, message: Msg) -> None:
        if message.subject.endswith(DEMANDS_SEARCH.name):
            await message.respond(b'{"items":[],"more":false}')
            return
        self.heard.append(message)
        self.hearing.set()
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Failure):
            body, headers = wire.encode_failure(answer)
            await self._connection.publish(message.reply, body, headers=headers)
        elif answer is not None:
            await message.respond(answer if isinstance(answer, bytes) else wire.encode(answer))

    def headers(self, name: str) -> list[str]:
        return [(message.headers or {}).get(name, "") for message in self.heard]


class Setting:
    """A bot, and an api once `answering` opened it."""

    def __init__(self, bot: Connection, join: Join) -> None:
        self.bot = bot
        self._join = join
        self.client = Client(bot, Caller.TELEGRAM, lambda: TRACE)
        bot.on_denied(lambda denied: self.client.permission_denied(denied.subject))

    async def answering(self, *answers: Answer) -> Api:
        api = Api(await self._join("api"), answers)
        await api.open()
        return api

    async def next(self, operation: Operation[NextDemand, Next] = SHORT, *, key: str | None = None) -> Next:
        return await self.client.call(operation, NextDemand(), actor="telegram:1", key=key)

    async def settled(self) -> None:
        """Return once everything the bot sent so far was heard: what is sent on one line is heard in order."""
        await self.client.call(DEMANDS_SEARCH, SearchDemands(), actor="telegram:1")


class Telling:
    """The bot's own connection, telling of every attempt that failed in the broker's hands."""

    def __init__(self, connection: Connection, told: Callable[[Exception], Awaitable[None]]) -> None:
        self._connection = connection
        self._told = told

    async def request(self, subject: str, payload: bytes, timeout: float, *, headers: dict[str, str] | None) -> Msg:
        try:
            return await self._connection.request(subject, payload, timeout, headers=headers)
        except nats.errors.Error as error:
            await self._told(error)
            raise


async def caught(call: Awaitable[Any]) -> BaseException | None:
    try:
        await call
    except BaseException as error:  # noqa: BLE001 - cancellation is what the test looks for
        return error
    return None
