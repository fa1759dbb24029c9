"""Planted faults: doctor names each, and what to do about it."""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from api.migrate import migrate_schema, newest
from local_servers import Addresses, cloned_database, template_database
from mutual_aid import place
from mutual_aid.doctor import machine, people, servers
from mutual_aid.doctor.examine import look
from mutual_aid.doctor.finding import Finding
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import ports
from mutual_aid.trouble import Trouble
from ports import free_port
from telegram_simulator import DEMO_TOKEN, Simulator, running_simulator

OTHER_TOKEN = "1111111111:" + "x" * 35


def settings(**given: object) -> OperatorSettings:
    return OperatorSettings.model_validate({"_env_file": None, **given})


def named(findings: list[Finding], name: str) -> Finding:
    return next(one for one in findings if one.name == name)


@pytest.fixture
def environment(servers: Addresses) -> dict[str, str]:
    return servers.environment()


async def test_an_empty_database_needs_migrations_and_a_lax_one_is_named(servers: Addresses, tmp_path: Path) -> None:
    async def nothing(_: str) -> None:
        return None

    template = await template_database(servers.postgres_url, "doctor", version="1", build=nothing)
    async with cloned_database(servers.postgres_url, template) as url:
        name = urlsplit(url).path[1:]
        connection = await asyncpg.connect(url)
        await connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        await connection.close()
        found = await servers_postgres(url, tmp_path)
    assert named(found, "postgres").ok
    lax = named(found, "postgres keeps")
    assert lax.ok is False
    assert "synchronous_commit = on" in lax.fix
    missing = named(found, "migrations")
    assert missing.ok is False
    assert "mutual-aid migrate" in missing.fix


async def test_a_later_release_s_schema_is_well(servers: Addresses, tmp_path: Path) -> None:
    """As after a rollback."""
    template = await template_database(servers.postgres_url, "migrated", version=newest() or "", build=migrate_schema)
    async with cloned_database(servers.postgres_url, template) as url:
        connection = await asyncpg.connect(url)
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        await connection.close()
        found = named(await servers_postgres(url, tmp_path), "migrations")
    assert (found.ok, found.says) == (True, "the schema is a later release's: 9999")


async def servers_postgres(url: str, folder: Path) -> list[Finding]:
    return await servers.postgres({"POSTGRES_URL": url}, place.make(folder))


async def test_dead_servers_are_named_without_their_passwords(environment: dict[str, str], tmp_path: Path) -> None:
    dead = free_port()
    gone = environment | {
        "POSTGRES_URL": f"postgresql://u:hidden@127.0.0.1:{dead}/x",
        "NATS_URL": f"nats://127.0.0.1:{dead}",
        "REDIS_URL": f"redis://:hidden@127.0.0.1:{dead}/0",
    }
    found = [
        *await servers.postgres(gone, place.make(tmp_path)),
        *await servers.broker_server(gone, settings(), None),
        *await servers.store(gone),
    ]
    assert [one.ok for one in found] == [False, False, False]
    for one, variable in zip(found, ("POSTGRES_URL", "NATS_URL", "REDIS_URL"), strict=True):
        assert variable in one.fix
        assert str(dead) in one.says
        assert "hidden" not in one.says


async def test_servers_that_answer_and_a_wrong_password(environment: dict[str, str], tmp_path: Path) -> None:
    assert [one.ok for one in await servers.store(environment)] == [True]
    assert named(await servers.broker_server(environment, settings(), None), "nats").ok
    parts = urlsplit(environment["POSTGRES_URL"])
    wrong = {"POSTGRES_URL": f"postgresql://{parts.username}:nonsense@{parts.hostname}:{parts.port}/postgres"}
    (found,) = await servers.postgres(wrong, place.make(tmp_path))
    assert found.ok is False
    assert "password" in found.fix


async def test_a_wrong_token_a_stranger_and_a_foreign_webhook_are_named() -> None:
    async with running_simulator() as simulator:
        well = await examined(simulator, DEMO_TOKEN)
        assert all(one.ok for one in well)
        assert {one.name for one in well} == {"telegram", "updates", "clock"}

        (wrong,) = await examined(simulator, OTHER_TOKEN)
        assert wrong.ok is False
        assert "BotFather" in wrong.fix
        assert OTHER_TOKEN not in f"{wrong.says} {wrong.fix}"

        await set_webhook(simulator, "https://elsewhere.example/hook")
        foreign = named(await examined(simulator, DEMO_TOKEN), "updates")
        assert foreign.ok is False
        assert "webhook" in foreign.fix
    (away,) = await examined(simulator, DEMO_TOKEN)
    assert away.ok is False
    assert "network" in away.fix
    assert DEMO_TOKEN not in away.says


@pytest.mark.parametrize(
    ("ago", "waiting", "ok"),
    [(10, 3, False), (10, 0, True), (3600, 3, True), (2 * 86400, 0, True)],
)
def test_a_failed_post_counts_only_while_something_waits_because_of_it(ago: int, waiting: int, *, ok: bool) -> None:
    now = datetime.now(UTC)
    said = {
        "url": "https://bot.example.org/telegram", "pending_update_count": waiting,
        "last_error_message": "Connection refused", "last_error_date": int(now.timestamp()) - ago,
    }  # fmt: skip
    found = people.updates(settings(bot_mode="webhook"), said, now)
    assert found.ok is ok
    assert "Connection refused" in found.says, "it is told all the same"


async def examined(simulator: Simulator, token: str) -> list[Finding]:
    return await people.examine(settings(bot_token=token, bot_api_url=simulator.url))


async def set_webhook(simulator: Simulator, url: str) -> None:
    import aiohttp  # noqa: PLC0415 - this step only

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{simulator.url}/bot{DEMO_TOKEN}/setWebhook", json={"url": url}) as answer,
    ):
        assert answer.status == 200


def test_a_taken_port_is_named_with_who_has_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = machine.page_port(settings(simulator_port=port), None)
        assert found.ok is False
        assert str(os.getpid()) in found.says
        assert "SIMULATOR_PORT" in found.fix
        with pytest.raises(Trouble, match="is taken by"):
            ports.choose(place.make(tmp_path), port)
    assert machine.page_port(settings(simulator_port=port), None).ok


def test_ports_stay_the_same_while_they_are_free(tmp_path: Path) -> None:
    here = place.make(tmp_path)
    first = ports.choose(here, None)
    assert ports.choose(here, None) == first
    with socket.create_server(("127.0.0.1", first["api"])):
        second = ports.choose(here, None)
    assert second["api"] != first["api"]
    assert second["bot"] == first["bot"]


@pytest.fixture
def full_disk(small_disk: Path) -> Path:
    """A file system of one mebibyte that is full."""
    (small_disk / "filler").write_bytes(b"x" * 2**20)
    return small_disk


async def test_a_full_disk_is_named(full_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # With every server elsewhere nothing would lie on this disk.
    monkeypatch.delenv("POSTGRES_URL")
    found = await look(full_disk / "state", settings())
    assert named(found, "disk").ok is False
    assert "Free some disk space" in named(found, "disk").fix
    assert named(found, "state folder").ok is False
    with pytest.raises(Trouble, match="Free some disk space"):
        place.make(full_disk / "state")


async def test_a_full_disk_under_the_containers_is_named(
    environment: dict[str, str], full_disk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With every server elsewhere the state folder holds nothing; the root lies where the volumes lie."""
    there = settings(
        postgres_url=environment["POSTGRES_URL"], nats_url=environment["NATS_URL"], redis_url=environment["REDIS_URL"],
        nats_seeds_dir=environment["NATS_SEEDS_DIR"],
    )  # fmt: skip
    monkeypatch.setattr(machine, "ROOT", full_disk)
    found = named(await look(tmp_path / "state", there), "disk")
    assert found.ok is False
    assert "Free some disk space" in found.fix


async def test_nothing_is_wrong_where_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POSTGRES_URL", "NATS_URL", "REDIS_URL", "BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    found = await look(tmp_path / "state", settings())
    assert not [one for one in found if one.ok is False]
    assert "not running" in named(found, "postgres").says


def test_secrets_that_others_can_read_are_named(tmp_path: Path) -> None:
    told = tmp_path / ".env"
    assert machine.told(told) == []
    told.write_text("# BOT_TOKEN=none\nSIMULATOR_PORT=8090\n")
    told.chmod(0o644)
    assert machine.told(told) == []
    told.write_text(f"BOT_TOKEN={DEMO_TOKEN}\n")
    (found,) = machine.told(told)
    assert found.ok is False
    assert found.fix == "chmod 600 .env"
    assert DEMO_TOKEN not in found.says
    told.chmod(0o600)
    assert machine.told(told) == []
