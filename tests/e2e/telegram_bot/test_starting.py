"""How the bot comes up: what it refuses, what it clears away, and that it keeps to Telegram's pace."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from e2e.telegram_bot.town import BotInside, Town
from ports import free_port
from service_kit.process import Stop
from telegram_bot.app import serve
from telegram_bot.settings import BotSettings
from telegram_bot.there import TokenRefused
from world import World


async def test_a_token_telegram_does_not_know_is_named_at_once(quiet_town: Town) -> None:
    wrong = quiet_town.settings(BOT_TOKEN="123456789:" + "w" * 35)
    settings = BotSettings.model_validate({name.lower(): value for name, value in wrong.items()})
    with pytest.raises(TokenRefused) as refused:
        async with asyncio.timeout(60):
            await serve(settings, Stop())
    assert "BotFather" in str(refused.value)
    assert "w" * 35 not in str(refused.value)


async def test_polling_clears_a_webhook_away_and_keeps_what_people_wrote_meanwhile(quiet_town: Town) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(quiet_town.simulator.url))
    await Bot(quiet_town.token, session=session).set_webhook(f"http://127.0.0.1:{free_port()}/nobody")
    await session.close()
    olga = await quiet_town.simulator.person("Olga", language_code="en")
    await olga.start()
    async with BotInside(quiet_town):
        await olga.wait_for("Hello!")


async def test_with_telegrams_own_limits_everything_still_arrives_in_order(quiet_town: Town, world: World) -> None:
    scenario = await world.scenario("Vake", "Food")
    await quiet_town.simulator.limits(on=True)
    async with BotInside(quiet_town, SENDS_PER_SECOND="30"):
        olga, nino = await quiet_town.person("Olga"), await quiet_town.person("Nino", provider=scenario)
        await quiet_town.asks(olga, scenario, "bread")
        await nino.say("/next")
        await nino.wait_for("You are helping now")
        for number in range(6):
            await olga.say(f"line {number}")
        await nino.wait_for("line 5", seconds=30)
    told = [text.split("\n")[1] for text in (await nino.look()).texts if text.startswith("Needs help")]
    assert told == [f"line {number}" for number in range(6)]
