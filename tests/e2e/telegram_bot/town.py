"""A town to test the bot in: the world of the api, a made-up Telegram, and the bot between them.

The bot runs in the test's own process, or as a process of its own where a test kills it.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from redis.asyncio import Redis

from contracts.operations.users import USERS_ME
from contracts.scenarios import Scenario
from contracts.users import GetMe, Me
from service_kit.process import Stop
from telegram_bot.app import serve
from telegram_bot.settings import BotSettings
from telegram_simulator import Person, Simulator, running_simulator
from world import Person as Known
from world import World, until

READY_WITHIN = 120.0  # s; starting takes two seconds of a processor, of which there may be a tenth
NOTHING_OWED = "SELECT count(*) = 0 FROM deliveries WHERE status IN ('pending', 'sending')"
_numbers = itertools.count(int.from_bytes(os.urandom(4), "big") + 10**9)


@dataclass
class Town:
    """Where people meet: `world` is the api's side, `simulator` Telegram's."""

    world: World
    simulator: Simulator
    token: str
    redis: Redis

    @property
    def bot_id(self) -> int:
        """The bot's own id at Telegram."""
        return int(self.token.split(":", 1)[0])

    async def person(self, name: str = "Somebody", *, language: str = "en", **roles: Scenario) -> Person:
        """Somebody who has pressed Start, and is `provider` or `moderator` of a scenario."""
        person = await self.simulator.person(name, language_code=language)
        await person.start()
        await person.wait_for("112", seconds=30)
        for kind, scenario in roles.items():
            known = Known(self.world, person.id, (await self.me(person)).user.id)
            await self.world.assign(known, scenario, kind)
            await person.wait_for(f"{scenario.place} · {scenario.resource}")
        return person

    async def me(self, person: Person) -> Me:
        """A person as the api knows them."""
        return await self.world.bot.call(USERS_ME, GetMe(), actor=f"telegram:{person.id}")

    async def asks(self, person: Person, scenario: Scenario, words: str) -> str:
        """Somebody asks for help in the only scenario of its place; returns the number of their demand."""
        await self.describes(person, scenario, words)
        await person.press(await person.wait_for(button="✅"), "✅", seconds=0)
        seen = await person.wait_for(pattern="№[0-9A-Z]+")
        return seen.text.partition("№")[2].split()[0].rstrip(".:")

    async def describes(self, person: Person, scenario: Scenario, words: str) -> None:
        """Somebody fills in the form up to its card."""
        await person.read_all()
        await person.say("/new")
        while True:
            seen = await person.wait_for()
            if scenario.place in seen.button_texts:
                await person.press(seen, scenario.place)
            elif scenario.resource in seen.button_texts:
                await person.press(seen, scenario.resource)
            elif scenario.resource in seen.text:
                break
        await person.say(words)

    async def settled(self) -> None:
        """Return once nothing is owed to anybody: a message is on a screen before the bot and the ledger know of it."""
        await until(lambda: self.world.ledger.fetchval(NOTHING_OWED))

    def settings(self, **more: str) -> dict[str, str]:
        """What the bot is told, by the names of its variables."""
        return {
            "BOT_TOKEN": self.token,
            "BOT_API_URL": self.simulator.url,
            "NATS_URL": self.world.broker.nats_url,
            "NATS_SEED": self.world.broker.nats_seeds["telegram"].read_text().strip(),
            "REDIS_URL": self.world.addresses.redis_url,
            "SENDS_PER_SECOND": "0",
            "PERSON_UPDATES_PER_SECOND": "0",
            **more,
        }


@asynccontextmanager
async def made_town(world: World) -> AsyncIterator[Town]:
    """A town without a bot yet."""
    token = f"{next(_numbers)}:{'t' * 35}"
    async with (
        running_simulator(tokens=(token,), limits=False) as simulator,
        Redis.from_url(world.addresses.redis_url) as redis,
    ):
        yield Town(world, simulator, token, redis)


class BotInside:
    """The bot in this process."""

    def __init__(self, town: Town, **more: str) -> None:
        self._settings = BotSettings.model_validate(
            {name.lower(): value for name, value in town.settings(**more).items()}
        )
        self._stop = Stop()
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._tasks.create_task(serve(self._settings, self._stop))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.request("the test is over")
        await self._tasks.__aexit__(None, None, None)
        assert self._stop.failure is None


class BotProcess:
    """The bot as a process of its own, to be killed and started again."""

    def __init__(self, town: Town, folder: Path, port: int, **more: str) -> None:
        self.log = folder / "bot.log"
        self._url = f"http://127.0.0.1:{port}/ready"
        self._environment = {**os.environ, **town.settings(HEALTH_PORT=str(port), **more)}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it says that it can work."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "telegram_bot", env=self._environment, stdout=log, stderr=log
            )
        async with asyncio.timeout(READY_WITHIN), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):  # noqa: ASYNC110 - another process sends no signal
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    def freeze(self) -> None:
        """Let it stand still, with all its connections open, until `thaw`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        async with asyncio.timeout(30):
            return await self._process.wait()

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, self.log.read_text()[-4000:]
        try:
            async with session.get(self._url) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False
