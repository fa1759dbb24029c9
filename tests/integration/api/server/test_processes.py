"""The api as a process: it starts or says why not, and stops without dropping a call."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

import asyncpg

from api.migrate import is_current, migrate_schema
from contracts.failures import Busy, DeadlineExceeded
from contracts.messages import SendMessage, Sent
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.system import SYSTEM_HEALTH
from contracts.system import GetHealth
from integration.api.town import seated
from local_servers import Addresses, Servers, cloned_database, template_database
from service_kit.broker import drain
from world import World, connection_of, made_world, until


async def api(*words: str, **variables: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", *words, env=variables, stdout=PIPE, stderr=PIPE, cwd="/"
    )


async def ended(process: Process, within: float = 30) -> tuple[int, str, str]:
    async with asyncio.timeout(within):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_wrong_settings_are_listed_as_a_whole_and_nothing_starts(world: World) -> None:
    told = world.environment(POSTGRES_URL="mysql://secret-word@x", HEALTH_PORT="70000", OPEN_DEMANDS_PER_USER="many")
    del told["NATS_SEED"], told["REDIS_URL"]
    code, _, said = await ended(await api("serve", **told))
    assert code == 2
    wrong = {"POSTGRES_URL", "HEALTH_PORT", "OPEN_DEMANDS_PER_USER", "NATS_SEED", "REDIS_URL"}
    assert {line.partition(":")[0] for line in said.splitlines()[1:]} == wrong
    assert "is missing" in said
    assert "secret-word" not in said
    assert "Traceback" not in said


async def test_an_unknown_command_says_how_it_is_used() -> None:
    code, _, said = await ended(await api("serv", PATH=os.environ["PATH"]))
    assert code != 0
    assert "usage: python -m api serve" in said


async def test_a_database_that_is_down_is_named_in_a_readable_line(world: World) -> None:
    away = "postgresql://somebody:hidden-word@127.0.0.1:9/nowhere"
    code, _, said = await ended(await api("migrate", **world.environment(POSTGRES_URL=away)))
    assert code == 1
    assert "PostgreSQL" in said, said[-2000:]
    assert "127.0.0.1:9" in said
    assert "hidden-word" not in said
    assert "Traceback" not in said, said[-2000:]


async def test_two_who_migrate_at_once_and_again_leave_one_schema(servers: Addresses) -> None:
    async def nothing(_: str) -> None:
        """An empty database."""

    empty = await template_database(servers.postgres_url, "empty", version="1", build=nothing)
    async with cloned_database(servers.postgres_url, empty) as url:
        assert not await is_current(url)
        await asyncio.gather(*(migrate_schema(url) for _ in range(3)))
        await migrate_schema(url)
        assert await is_current(url)
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT count(*) FROM alembic_version") == 1
        await connection.close()


async def test_a_schema_that_is_not_current_is_told_by_check(world: World) -> None:
    assert await is_current(str(world.settings.postgres_url))
    await world.ledger.execute("UPDATE alembic_version SET version_num = '0000'")
    code, _, said = await ended(await api("check", **world.environment()))
    assert code == 1
    assert "migrate" in said


async def test_a_later_release_s_schema_and_streams_are_well_and_left_alone(world: World) -> None:
    """After a rollback: every release runs on what the next one made."""
    await world.ledger.execute("UPDATE alembic_version SET version_num = '9999'")
    connection = await connection_of(world.broker, "migrate")
    jetstream = connection.jetstream(timeout=5)
    changed = (await jetstream.stream_info("EVENTS")).config
    changed.max_age = 3600.0
    await jetstream.update_stream(changed)
    await jetstream.delete_stream("PARKED")
    code, said, log = await ended(await api("check", **world.environment()))
    assert (code, said) == (0, "the schema is a later release's: 9999\n"), log
    code, _, log = await ended(await api("migrate", **world.environment()))
    assert code == 0, log
    assert "schema.later" in log
    assert (await jetstream.stream_info("EVENTS")).config.max_age == 3600.0
    assert await jetstream.stream_info("PARKED"), "what is not there is made all the same"
    await drain(connection)


async def test_asked_to_stop_under_load_it_answers_every_call_it_took(servers: Addresses, broker: Servers) -> None:
    async with made_world(servers, broker, serve=False) as world:
        process = await api("serve", **world.environment())
        try:
            await until(lambda: _answers(world), within=30)
            at = await seated(world)
            stopping = asyncio.Event()

            async def send(number: int) -> Any:
                if number == 150:
                    stopping.set()
                    process.send_signal(signal.SIGTERM)
                request = SendMessage(demand=at.demand, text=f"{number}")
                try:
                    return await at.requester.call(MESSAGES_SEND, request, key=f"{number}")
                except (Busy, DeadlineExceeded) as failure:
                    return failure

            limit = asyncio.Semaphore(40)

            async def bounded(number: int) -> Any:
                async with limit:
                    return await send(number)

            got = await asyncio.gather(*(bounded(number) for number in range(190)))
            code, _, said = await ended(process)
            assert code == 0, said[-2000:]
            kept = {row[0] for row in await world.ledger.fetch("SELECT text FROM messages WHERE kind = 'message'")}
            answered = {str(number) for number, each in enumerate(got) if isinstance(each, Sent)}
            unknown = {str(number) for number, each in enumerate(got) if isinstance(each, DeadlineExceeded)}
            assert answered <= kept <= answered | unknown, (
                "what was answered took effect, and Busy means that nothing did"
            )
            assert 110 <= len(kept) < 190
            assert "Traceback" not in said, said[-2000:]
            assert not re.search(r'"level": "(error|critical)"', said), said[-2000:]
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _answers(world: World) -> bool:
    try:
        return bool((await world.bot.call(SYSTEM_HEALTH, GetHealth())).version)
    except (Busy, DeadlineExceeded):
        return False
