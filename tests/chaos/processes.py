"""Processes of the api, several of them, to be killed, asked to stop, and asked how they are."""

import asyncio
import json
import random
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos.nursery import Copy, copy

READY_WITHIN = 120.0  # s; starting takes two seconds of a processor, of which there may be a tenth
STOP_WITHIN = 25.0  # s; what an orchestrator gives it before it kills
ANSWER_WITHIN = 4.0  # s; its checks have one second
LOOK = 0.05  # s between looks: another process sends no signal


@dataclass(eq=False)
class Api:
    """One process of the api; what it wrote is in its log, from its first start on.

    `at_once`: it starts as a copy of one that has read the code, for those that are killed all the time.
    """

    name: str
    log: Path
    environment: Mapping[str, str]
    at_once: bool = False
    process: asyncio.subprocess.Process | Copy | None = None
    _begun: int = 0

    async def start(self) -> None:
        """Start it; it answers some time later, see `answers`."""
        assert not self.runs()
        self._begun = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            if self.at_once:
                self.process = await copy(self.environment, self.log)
                return
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "api", "serve", env=dict(self.environment), stdout=log, stderr=log, cwd="/"
            )

    def runs(self) -> bool:
        """Whether it lives, as far as anybody has looked."""
        return self.process is not None and self.process.returncode is None

    def said(self) -> str:
        """What it has written since its last start."""
        with self.log.open("rb") as log:
            log.seek(self._begun)
            return log.read().decode(errors="replace")

    def serves(self) -> bool:
        """Whether it has got as far as serving, as far as anybody has looked."""
        return self.runs() and "health_port" in self.said()

    async def answers(self, within: float = READY_WITHIN) -> None:
        """Wait until it is ready for work."""
        async with asyncio.timeout(within):
            while (await self.asked("/ready"))[0] != 200:
                assert self.runs(), self.said()[-4000:]
                await asyncio.sleep(LOOK)

    @property
    def health_port(self) -> int | None:
        """Where it tells how it is, once it has said so."""
        serving = re.search(r'"health_port": ?(\d+)', self.said())
        return None if serving is None else int(serving[1])

    async def asked(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and content of its health endpoint; 0 when nobody is there."""
        if self.health_port is None:
            return 0, {}
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.health_port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
                async with asyncio.timeout(ANSWER_WITHIN):
                    answer = await reader.read()
            finally:
                writer.transport.abort()
        except (OSError, TimeoutError):
            return 0, {}
        head, _, body = answer.partition(b"\r\n\r\n")
        return (int(head.split()[1]), json.loads(body)) if head else (0, {})

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None and self.runs():
            self.process.kill()
            await self.process.wait()

    def ask_to_stop(self) -> None:
        """Tell it that it is to end; `ended` waits for that."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    async def ended(self, within: float = STOP_WITHIN) -> int:
        """Its exit code; fails when it has not ended within so many seconds."""
        assert self.process is not None
        async with asyncio.timeout(within):
            return await self.process.wait()


@dataclass(eq=False)
class Herd:
    """Several processes of the api on one ledger and one broker; `codes` are the exits of those that ended by themselves."""

    apis: list[Api]
    kills: int = 0
    codes: list[int | None] = field(default_factory=list)
    _chance: random.Random = field(default_factory=random.Random)

    async def answer(self) -> None:
        """Wait until all are ready for work."""
        await asyncio.gather(*(api.answers() for api in self.apis))

    async def recover(self, within: float = READY_WITHIN) -> None:
        """Wait until all are ready for work, those that ended by themselves started again."""
        async with asyncio.timeout(within):
            while not all([(await api.asked("/ready"))[0] == 200 for api in self.apis]):
                await self.restart_ended()
                await asyncio.sleep(LOOK)

    async def kill_one(self) -> Api:
        """Kill one of those that run and start it again at once; which one."""
        await self.restart_ended()
        api = self._chance.choice(self.apis)
        await api.kill()
        self.kills += 1
        await api.start()
        return api

    async def keep_killing(self, every: float, most: int, is_due: Callable[[], bool] = lambda: True) -> None:
        """Kill one after another, `every` so many seconds, `most` in all, until cancelled; a dead one starts again at once.

        One that ended by itself, because what it needs was away when it started, is started again, too. Time in which
        none serves does not count, and it waits until a kill `is_due`: where starting takes longer than that, none would
        ever do anything.
        """
        while True:
            while not any(api.serves() for api in self.apis):
                await self.restart_ended()
                await asyncio.sleep(LOOK)
            until = asyncio.get_running_loop().time() + every * self._chance.uniform(0.5, 1.5)
            while asyncio.get_running_loop().time() < until or not is_due():
                await self.restart_ended()
                await asyncio.sleep(LOOK)
            if self.kills < most:
                await self.kill_one()

    async def restart_ended(self) -> None:
        """Start those that do not run, as an orchestrator does."""
        for api in self.apis:
            if not api.runs():
                self.codes.append(api.process.returncode if api.process else None)
                await api.start()


@asynccontextmanager
async def herd(
    environment: Mapping[str, str],
    folder: Path,
    many: int = 2,
    seed: int = 0,
    *,
    wait: bool = True,
    at_once: bool = False,
) -> AsyncIterator[Herd]:
    """So many processes of the api, ready for work, ended at the end; logs are kept in the folder."""
    apis = [Api(f"api-{number}", folder / f"api-{number}.log", environment, at_once) for number in range(many)]
    running = Herd(apis, _chance=random.Random(seed))  # noqa: S311 - breaks things, guards nothing
    try:
        await asyncio.gather(*(api.start() for api in apis))
        if wait:
            await running.answer()
        yield running
    finally:
        await asyncio.gather(*(api.kill() for api in apis))
