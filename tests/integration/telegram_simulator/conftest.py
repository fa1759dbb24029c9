"""A fresh simulator for each test, and a real aiogram bot which talks to it."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.types import Update

from integration.telegram_simulator.talking import Fresh, make_bot
from telegram_simulator import Person, Simulator, running_simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with running_simulator() as running:
        yield running


@pytest.fixture
async def bot(simulator: Simulator) -> AsyncIterator[Bot]:
    async with make_bot(simulator.url) as made:
        yield made


@pytest.fixture
async def olga(simulator: Simulator) -> Person:
    person = await simulator.person("Olga", id=7001, username="olga_k", language_code="ru")
    await person.start()
    return person


@pytest.fixture
async def david(simulator: Simulator) -> Person:
    person = await simulator.person("David", id=(1 << 52) - 1, language_code="en")
    await person.start()
    return person


@pytest.fixture
async def fresh(bot: Bot, olga: Person) -> Fresh:
    """Give a function that returns the updates since the last call, all decoded by aiogram."""
    assert (await olga.look()).texts == ["/start"]
    seen = (await bot.get_updates(offset=-1))[-1].update_id

    async def updates() -> list[Update]:
        nonlocal seen
        found = await bot.get_updates(offset=seen + 1, timeout=5, allowed_updates=None)
        if found:
            seen = found[-1].update_id
        return found

    return updates
