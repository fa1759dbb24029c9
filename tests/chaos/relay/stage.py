"""The whole road as processes of their own: simulator, bot, broker, apis and ledger, each to be killed."""

import contextlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import nats.errors

from api.migrate import migrate_streams
from chaos.ground import broken_world
from chaos.processes import Herd, herd
from chaos.relay.books import MARK, Arrival, Line, Owed
from e2e.telegram_bot.town import BotProcess, Town, made_town
from local_servers import Servers
from ports import free_port
from service_kit.broker import drain
from world import World, connection_of, until

LEASE = 3  # s after which a begun delivery's sender counts as dead

LINES = """
    SELECT m.demand_id::text AS talk, m.seq, m.text, i.external_id AS author
    FROM messages m JOIN identities i ON i.user_id = m.author_id WHERE m.kind = 'message'
"""
OWED = """
    SELECT m.text, t.address, d.status, upper(right(d.id::text, 4)) AS reference, d.doubts
    FROM deliveries d JOIN messages m ON m.id = d.message_id JOIN destinations t ON t.id = d.destination_id
    WHERE m.kind = 'message'
"""
UNFINISHED = "SELECT count(*) FROM deliveries WHERE status IN ('pending', 'sending')"
UNPUBLISHED = "SELECT count(*) FROM outbox"


@dataclass
class Stage:
    """Everything that runs, when the bot died, and when anything else was broken."""

    world: World
    town: Town
    apis: Herd
    bot: BotProcess
    servers: Servers
    deaths: list[float] = field(default_factory=list)
    troubles: list[float] = field(default_factory=list)

    async def break_api(self) -> None:
        """Kill an api; another one is there, and the dead one comes back."""
        await (await self.apis.kill_one()).answers()

    async def break_bot(self) -> None:
        """Kill the bot and start it again."""
        await self.bot.kill()
        self.deaths.append(time.time())
        await self.bot.start()

    async def break_nats(self) -> None:
        """Kill NATS and start it again on what it kept."""
        await self.servers.kill("nats")
        await self.servers.restart("nats")

    async def break_postgres(self) -> None:
        """Crash PostgreSQL and start it again."""
        await self.servers.kill("postgres")
        await self.servers.restart("postgres")

    async def erase_jetstream(self) -> None:
        """Lose everything JetStream keeps; then what an operator does: `migrate`."""
        await self.servers.erase_jetstream()
        migrator = await connection_of(self.servers, "migrate")
        try:
            await migrate_streams(migrator.jetstream(timeout=5))
        finally:
            await drain(migrator, within=2)

    async def finished(self, within: float) -> None:
        """Wait until nothing is on its way any more: no update, no signal to be published, nothing owed.

        What is not finished by then is for the books to say.
        """
        with contextlib.suppress(TimeoutError):
            await until(self._is_finished, within=within)

    async def _is_finished(self) -> bool:
        status = await self.town.simulator.status()
        if any(bot["pending_updates"] for bot in status["bots"]):
            return False
        # A second copy means: taken from Telegram and not handled, whatever the stream holds.
        if await self._stored("INTAKE") or await self.town.redis.zcard(f"telegram:{self.town.bot_id}:copies"):
            return False
        try:
            return not await self.world.ledger.fetchval(UNPUBLISHED) + await self.world.ledger.fetchval(UNFINISHED)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False

    async def _stored(self, stream: str) -> int:
        migrator = await connection_of(self.servers, "migrate")
        try:
            return (await migrator.jetstream(timeout=5).stream_info(stream)).state.messages
        except (TimeoutError, nats.errors.Error):
            return 1
        finally:
            await drain(migrator, within=2)

    async def lines(self) -> list[Line]:
        """What the ledger keeps of what was said."""
        rows = await self.world.ledger.fetch(LINES)
        return [Line(row["talk"], row["seq"], mark(row["text"]), int(row["author"])) for row in rows]

    async def owed(self) -> list[Owed]:
        """Every delivery of it."""
        rows = await self.world.ledger.fetch(OWED)
        return [
            Owed(mark(row["text"]), int(row["address"]), row["status"], row["reference"], row["doubts"]) for row in rows
        ]

    async def arrivals(self) -> list[Arrival]:
        """Everything Telegram took from the bot."""
        found: list[Arrival] = []
        last = 0
        while entries := await self.town.simulator.journal(last, method="sendMessage"):
            last = entries[-1].number
            found += [
                Arrival(
                    one.number, one.at, int(one.params["chat_id"]), str(one.params["text"]), one.fault == "drop_after"
                )
                for one in entries
                if one.code == 200
            ]
        return found


def mark(text: str) -> str:
    """The mark in a text; the text itself when it has none."""
    found = re.search(MARK, text)
    return found[0] if found else text


@asynccontextmanager
async def staged(breakable: Servers, folder: Path, *, apis: int, seed: int) -> AsyncIterator[Stage]:
    """A town with its bot and apis as processes, on servers that may be killed."""
    async with broken_world(breakable) as world, made_town(world) as town:
        environment = world.environment(DELIVERY_LEASE_SECONDS=str(LEASE))
        bot = BotProcess(town, folder, free_port())
        async with herd(environment, folder, apis, seed) as running:
            await bot.start()
            stopped = None
            try:
                yield Stage(world, town, running, bot, breakable)
                stopped = await bot.stop()
            finally:
                if stopped is None:
                    await bot.kill()
            assert stopped == 0, bot.log.read_text()[-4000:]
