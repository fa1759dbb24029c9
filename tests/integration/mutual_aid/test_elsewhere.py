"""The operator's command beside a stack it did not start: its servers named in the environment, as in containers."""

import asyncio
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from mutual_aid.seed import CAST
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack.backing import elsewhere
from mutual_aid.trouble import Trouble
from telegram_simulator import DEMO_TOKEN, running_simulator
from world import World

WITHIN = 60.0  # s


def told(world: World, folder: Path) -> dict[str, str]:
    """The environment of an operator's container: the ledger's address in a file, the rest as it is."""
    address = folder / "postgres_url"
    address.write_text(f"{world.settings.postgres_url}\n")
    return {
        "POSTGRES_URL_FILE": str(address),
        "NATS_URL": world.settings.nats_url,
        "NATS_SEEDS_DIR": str(world.broker.nats_seeds["operator"].parent),
        "REDIS_URL": str(world.settings.redis_url),
        "MUTUAL_AID_STATE": str(folder / "state"),
        "COLUMNS": "200",
    }


async def command(world: World, folder: Path, *words: str, **more: str) -> tuple[int, str]:
    """Exit code and words of the command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mutual_aid", *words, cwd=folder, env=told(world, folder) | more,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(WITHIN):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    return process.returncode or 0, said.decode()


async def test_what_waits_there_is_known(world: World, tmp_path: Path) -> None:
    await world.demand(await world.person("Olga"), await world.scenario("Riverside"))
    code, said = await command(world, tmp_path, "status", SIMULATOR_URL="http://simulator:8081/")
    assert (code, "demands 1 waiting" in said) == (0, True), said
    assert "http://simulator:8081/\n" in said


async def test_the_first_admin_is_made_there(world: World, tmp_path: Path) -> None:
    code, said = await command(world, tmp_path, "admin", "create")
    assert (code, "/start admin_" in said) == (0, True), said
    assert await world.ledger.fetchval("SELECT count(*) FROM bootstrap_tokens") == 1


async def test_what_was_put_aside_there_is_listed_and_nothing_is_killed(world: World, tmp_path: Path) -> None:
    code, said = await command(world, tmp_path, "parked", "list")
    assert (code, "Nothing is parked." in said) == (0, True), said
    code, said = await command(world, tmp_path, "demo", "--kill", SIMULATOR_URL="http://127.0.0.1:1")
    assert (code, "not ours to kill" in said) == (1, True), said


async def test_a_real_bot_does_not_begin_on_a_ledger_that_was_tried_out(world: World, tmp_path: Path) -> None:
    scenario = await world.scenario("Riverside")
    await world.assign(await world.person("Daniel", telegram_id=12345), scenario)
    real = {"BOT_TOKEN": DEMO_TOKEN}
    assert await command(world, tmp_path, "no-made-up-people") == (0, "No BOT_TOKEN: people are simulated.\n")
    assert await command(world, tmp_path, "no-made-up-people", **real) == (0, "Nobody in the ledger is made up.\n")

    early = {"POSTGRES_URL_FILE": str(tmp_path / "not-there-yet")}
    assert (await command(world, tmp_path, "no-made-up-people", **early))[0] == 0
    assert (await command(world, tmp_path, "no-made-up-people", **early, **real))[0] != 0

    await world.assign(await world.person("Marta", telegram_id=CAST[2].id), scenario, "moderator")
    code, said = await command(world, tmp_path, "no-made-up-people", **real)
    assert (code, "down --volumes --remove-orphans" in said) == (1, True), said
    assert (await command(world, tmp_path, "no-made-up-people"))[0] == 0
    async with running_simulator() as telegram:
        code, said = await command(world, tmp_path, "up", **real, BOT_API_URL=telegram.url)
        assert (code, "made-up people serve in it" in said, "POSTGRES_URL" in said) == (1, True, True), said
    assert not (tmp_path / "state" / "logs" / "bot.log").exists(), "it did not even begin"


def test_it_is_elsewhere_only_if_all_of_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POSTGRES_URL", "NATS_URL", "NATS_SEEDS_DIR", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    servers = {"postgres_url": SecretStr("postgresql://x"), "nats_url": "nats://x", "redis_url": SecretStr("redis://x")}
    found = elsewhere(OperatorSettings(**servers, nats_seeds_dir=tmp_path, simulator_url="http://simulator:8081/"))
    assert found is not None
    assert (found.page, found.phase, found.processes) == ("http://simulator:8081", "ready", [])
    token = OperatorSettings(**servers, nats_seeds_dir=tmp_path, simulator_url="http://x", bot_token=SecretStr("1:x"))
    real = elsewhere(token)
    assert real is not None
    assert real.page == "", "with a token nobody is simulated"
    for missing in servers:
        assert elsewhere(OperatorSettings(**{name: url for name, url in servers.items() if name != missing})) is None
    with pytest.raises(Trouble, match="NATS_SEEDS_DIR"):
        elsewhere(OperatorSettings(**servers))
