"""A ledger is of one bot: neither another one, nor the simulator, nor made-up people come into it."""

from pathlib import Path

import pytest

from mutual_aid import place, whose
from mutual_aid.seed import CAST
from mutual_aid.settings import OperatorSettings
from mutual_aid.trouble import Trouble
from operating import command
from telegram_simulator import DEMO_TOKEN, running_simulator
from telegram_simulator.actions.accounts import CreatePerson, create_person
from telegram_simulator.people import bot_from_token
from telegram_simulator.persistence import save
from telegram_simulator.world import World as Telegram
from world import World

SIMULATOR = DEMO_TOKEN.partition(":")[0]
REAL = f"1111111111:{'x' * 35}"
OTHER = f"2222222222:{'x' * 35}"
OWED = "SELECT id, status, attempts FROM deliveries ORDER BY id"


async def refused(world: World, folder: Path, *words: str, **told: str) -> str:
    code, said = await command(world, folder, *words, **told)
    assert code == 1, said
    return said


async def begun(world: World) -> str | None:
    owner: str | None = await world.ledger.fetchval("SELECT external_id FROM bots")
    return owner


def told(world: World, token: str) -> tuple[str, OperatorSettings]:
    return str(world.settings.postgres_url), OperatorSettings.model_validate({"_env_file": None, "bot_token": token})


async def test_a_real_bot_does_not_begin_on_a_ledger_that_was_tried_out(world: World, tmp_path: Path) -> None:
    scenario = await world.scenario("Riverside")
    await world.assign(await world.person("Marta", telegram_id=CAST[2].id), scenario, "moderator")
    with pytest.raises(Trouble, match="made-up people serve in it") as refusal:
        await whose.settle(*told(world, REAL))
    assert "down --volumes --remove-orphans" in refusal.value.fix
    async with running_simulator(tokens=(REAL,)) as telegram:
        said = await refused(world, tmp_path, "up", BOT_TOKEN=REAL, BOT_API_URL=telegram.url)
    assert "made-up people serve in it" in said
    assert "POSTGRES_URL" in said
    assert not (tmp_path / "state" / "logs" / "bot.log").exists(), "it did not even begin"
    assert await begun(world) is None

    assert await command(world, tmp_path, "no-made-up-people") == (0, "No BOT_TOKEN: people are simulated.\n")
    assert await begun(world) == SIMULATOR
    await world.ledger.execute("DELETE FROM memberships")
    with pytest.raises(Trouble, match="tried out"):  # it is still that one's
        await whose.settle(*told(world, REAL))


async def test_a_token_that_is_lost_or_another_one_s_touches_nothing_that_is_owed(world: World, tmp_path: Path) -> None:
    await world.demand(await world.person("Olga"), scenario := await world.scenario("Riverside"))
    await world.assign(await world.person("Daniel"), scenario)
    owed = await world.ledger.fetch(OWED)
    assert owed
    with pytest.raises(Trouble, match="whom no simulator knows"):  # a ledger of before bots were written down
        await whose.settle(*told(world, ""))
    assert "whom no simulator knows" in await refused(world, tmp_path, "up", BOT_TOKEN="")
    assert await begun(world) is None

    await whose.settle(*told(world, REAL))
    assert await begun(world) == "1111111111"
    with pytest.raises(Trouble, match="belongs to the bot 1111111111, and there is no BOT_TOKEN") as refusal:
        await whose.settle(*told(world, ""))
    assert "Put its token back" in refusal.value.fix
    with pytest.raises(Trouble, match="belongs to the bot 1111111111, and BOT_TOKEN is that of the bot 2222222222"):
        await whose.settle(*told(world, OTHER))
    await whose.settle(*told(world, REAL))
    assert "belongs to the bot 1111111111" in await refused(world, tmp_path, "no-made-up-people", BOT_TOKEN="")
    assert await world.ledger.fetch(OWED) == owed
    assert not (tmp_path / "state" / "logs" / "bot.log").exists()


async def test_the_simulator_goes_on_with_those_it_knows(world: World, tmp_path: Path) -> None:
    here = place.make(tmp_path / "state")
    telegram = Telegram((bot_from_token(DEMO_TOKEN),))
    tried = create_person(telegram, CreatePerson(first_name="Somebody who tried it out"))
    save(telegram, here.simulator)
    await world.person("Somebody who tried it out", telegram_id=tried.id)
    url = str(world.settings.postgres_url)
    with pytest.raises(Trouble, match="1 people wrote in it"):
        await whose.check(url, SIMULATOR, simulated=True, known=(), anew=whose.OURS)
    known = whose.simulated_people(here)
    await whose.check(url, SIMULATOR, simulated=True, known=known, anew=whose.OURS)
    await whose.mark(url, SIMULATOR, simulated=True, anew=whose.OURS)
    here.simulator.unlink()
    assert whose.simulated_people(here) == set()
    await whose.check(url, SIMULATOR, simulated=True, known=(), anew=whose.OURS)
    with pytest.raises(Trouble, match="tried out"):
        await whose.mark(url, "1111111111", simulated=False, anew=whose.OURS)
