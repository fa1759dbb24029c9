"""The operator's command beside a stack it did not start: its servers named in the environment, as in containers."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from mutual_aid.settings import OperatorSettings
from mutual_aid.stack.backing import elsewhere
from mutual_aid.trouble import Trouble
from operating import command
from world import World


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
