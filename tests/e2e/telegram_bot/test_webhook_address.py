"""Telling Telegram where to post: waited for, once for all processes, and again when something of it has changed."""

import ssl
from pathlib import Path

import aiohttp
import pytest

from e2e.telegram_bot.front import behind, front
from e2e.telegram_bot.town import BotInside, Town
from mutual_aid import certificate
from ports import free_port
from world import until


async def told(town: Town) -> int:
    """How often Telegram was told where to post."""
    return len(await town.simulator.journal(method="setWebhook"))


async def ready(port: int) -> tuple[int, dict[str, dict[str, object]]]:
    """Status and checks of a bot's readiness; 0 while nobody is there."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/ready") as answer:
            return answer.status, (await answer.json())["checks"]
    except aiohttp.ClientError:
        return 0, {}


@pytest.mark.parametrize(("code", "why"), [(502, "does not answer"), (400, "WEBHOOK_URL: Bad Request: bad webhook")])
async def test_a_bot_that_cannot_say_where_waits_unready_and_tries_again(quiet_town: Town, code: int, why: str) -> None:
    port, health = free_port(), free_port()
    fault = await quiet_town.simulator.fault(
        "answer", method="setWebhook", code=code, description="Bad Request: bad webhook" if code == 400 else "", times=0
    )
    async with front(port) as proxy, BotInside(quiet_town, HEALTH_PORT=str(health), **behind(proxy, port)):

        async def says_why() -> bool:
            status, checks = await ready(health)
            return status == 503 and why in str(checks.get("webhook", {}).get("why"))

        await until(says_why, within=30)
        await until(lambda: _tried_again(quiet_town), within=30)
        await quiet_town.simulator.do("clear_faults", int, id=fault.id)
        olga = await quiet_town.simulator.person("Olga", language_code="en")
        await olga.start()
        await olga.wait_for("Hello!", seconds=30)
        assert (await ready(health))[0] == 200


async def _tried_again(town: Town) -> bool:
    return await told(town) >= 2


async def test_of_several_that_start_at_once_one_tells_telegram(quiet_town: Town) -> None:
    first, second, *health = free_port(), free_port(), free_port(), free_port()
    async with (
        front(first, second) as proxy,
        BotInside(quiet_town, HEALTH_PORT=str(health[0]), **behind(proxy, first)),
        BotInside(quiet_town, HEALTH_PORT=str(health[1]), **behind(proxy, second)),
    ):
        for port in health:
            await until(lambda port=port: _is_ready(port), within=30)
        assert await told(quiet_town) == 1


async def _is_ready(port: int) -> bool:
    return (await ready(port))[0] == 200


async def test_it_is_told_again_only_when_something_of_it_has_changed(quiet_town: Town) -> None:
    port, olga = free_port(), await quiet_town.simulator.person("Olga", language_code="en")
    async with front(port) as proxy:
        for secret, times in (("one", 1), ("one", 1), ("two", 2)):
            async with BotInside(quiet_town, **behind(proxy, port, secret)):
                await olga.start()
                await olga.wait_for("Hello!", seconds=30)
                assert await told(quiet_town) == times


async def complaint(town: Town) -> str:
    """What Telegram says of its last post."""
    bot = town.simulator.url + f"/bot{town.token}/getWebhookInfo"
    async with aiohttp.ClientSession() as session, session.get(bot) as answer:
        return str((await answer.json())["result"].get("last_error_message", ""))


async def test_a_certificate_that_signed_itself_is_handed_to_telegram_which_trusts_no_other(
    quiet_town: Town, tmp_path: Path
) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    ours, theirs = (certificate.pair(tmp_path / name, "127.0.0.1") for name in ("ours", "theirs"))
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(tmp_path / "ours" / "certificate.pem", tmp_path / "ours" / "key.pem")
    port, olga = free_port(), await quiet_town.simulator.person("Olga", language_code="en")
    async with front(port, tls=shown) as proxy:
        wrong = {"WEBHOOK_CERTIFICATE": theirs["webhook_certificate"]}
        async with BotInside(quiet_town, **behind(proxy, port), **wrong):
            await olga.start()
            await until(lambda: _complains(quiet_town), within=30)
        right = {"WEBHOOK_CERTIFICATE": ours["webhook_certificate"]}
        async with BotInside(quiet_town, **behind(proxy, port), **right):
            await olga.wait_for("Hello!", seconds=30)
            assert await told(quiet_town) == 2
            assert await complaint(quiet_town) == ""


async def _complains(town: Town) -> bool:
    return "certificate verify failed" in await complaint(town)
