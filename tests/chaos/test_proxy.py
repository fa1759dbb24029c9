"""The breaking equipment breaks what it says, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chaos.ground import broken_world
from chaos.processes import herd
from chaos.proxy import Proxy, proxy
from contracts.operations.system import SYSTEM_HEALTH
from contracts.system import GetHealth
from local_servers import Servers

pytestmark = pytest.mark.chaos


@asynccontextmanager
async def echo() -> AsyncIterator[Proxy]:
    """A way to somebody who repeats each word."""

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(repeat, "127.0.0.1", 0)
    async with proxy(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", seed=1) as way:
        yield way
    server.close()


@asynccontextmanager
async def talking(way: Proxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
    yield reader, writer
    writer.transport.abort()


async def test_left_alone_it_passes_everything_both_ways() -> None:
    words = bytes(range(256)) * 4000
    async with echo() as way, talking(way) as (reader, writer):
        heard: list[bytes] = []
        way.heard = heard.append
        writer.write(words)
        assert await reader.readexactly(len(words)) == words
        assert b"".join(heard) == words
        writer.write_eof()
        assert await reader.read() == b""
        assert way.cuts == 0


async def test_a_line_is_cut_at_the_byte_that_was_drawn() -> None:
    async with echo() as way:
        way.cut_after(10, 10)
        async with talking(way) as (reader, writer):
            writer.write(b"123456789")
            assert await reader.readexactly(1) == b"1"
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(8)
        assert way.cuts == 1
        way.heal()
        async with talking(way) as (reader, writer):
            writer.write(b"123456789")
            assert await reader.readexactly(9) == b"123456789"


async def test_the_answer_to_chosen_words_is_lost_and_no_other() -> None:
    async with echo() as way, talking(way) as (other, to_other), talking(way) as (reader, writer):
        way.lose_answer(b"commit")
        writer.write(b"begin")
        assert await reader.readexactly(5) == b"begin"
        writer.write(b"com")
        assert await reader.readexactly(3) == b"com"
        writer.write(b"mit")
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(3)
        to_other.write(b"commit")
        assert await other.readexactly(6) == b"commit"
        assert (way.cuts, way.lost) == (1, 1)


async def test_silence_breaks_nothing_and_absence_everything() -> None:
    async with echo() as way, talking(way) as (reader, writer):
        way.fall_silent()
        writer.write(b"still there?")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        way.heal()
        assert await reader.readexactly(12) == b"still there?"
        await way.leave()
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", way.port)
        port = way.port
        await way.come_back()
        assert way.port == port
        async with talking(way) as (again, to_again):
            to_again.write(b"x")
            assert await again.readexactly(1) == b"x"


async def test_a_herd_works_through_proxies_and_comes_back_after_each_loss(breakable: Servers, tmp_path: Path) -> None:
    async with (
        proxy(breakable.postgres_url) as to_postgres,
        proxy(breakable.nats_url) as to_nats,
        broken_world(breakable, postgres=to_postgres, callers=to_nats) as world,
        herd(world.environment(), tmp_path) as apis,
    ):
        assert to_postgres.lines
        person = await world.person()
        killed = await apis.kill_one()
        assert (await world.bot.call(SYSTEM_HEALTH, GetHealth())).version
        await killed.answers()
        await breakable.kill("postgres")
        await breakable.restart("postgres")
        assert await world.ledger.fetchval("SELECT count(*) FROM users WHERE id = $1", person.user) == 1
        assert to_postgres.cut() >= 0
        await apis.answer()
        assert apis.kills == 1
