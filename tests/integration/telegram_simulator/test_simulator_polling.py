"""getUpdates: what is confirmed, what comes again, who conflicts with whom."""

import asyncio

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError, TelegramUnauthorizedError

from integration.telegram_simulator.talking import Fresh, make_bot
from telegram_simulator import ControlError, Person, Simulator


async def test_an_update_comes_until_its_offset_is_passed(bot: Bot, olga: Person):
    first = await bot.get_updates()
    assert [one.message.text for one in first] == ["/start"]
    await olga.say("two")
    again = await bot.get_updates()
    assert [one.message.text for one in again] == ["/start", "two"]
    assert again[1].update_id == again[0].update_id + 1
    rest = await bot.get_updates(offset=again[1].update_id)
    assert [one.message.text for one in rest] == ["two"]
    assert await bot.get_updates(offset=again[1].update_id + 1) == []
    assert await bot.get_updates() == []


async def test_a_long_poll_returns_when_somebody_writes(olga: Person, fresh: Fresh):
    async with asyncio.timeout(3), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(fresh())
        await olga.say("hello")
    assert [one.message.text for one in waiting.result()] == ["hello"]


@pytest.mark.usefixtures("olga")
async def test_the_second_poller_ends_the_first(simulator: Simulator, bot: Bot):
    offset = (await bot.get_updates())[-1].update_id + 1
    async with make_bot(simulator.url) as twin, asyncio.TaskGroup() as tasks:

        async def expect_conflict() -> None:
            with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
                await bot.get_updates(offset=offset, timeout=20)

        first = tasks.create_task(expect_conflict())
        while not first.done():
            assert await twin.get_updates(offset=offset) == []


async def test_the_poller_that_ended_another_hears_at_once(simulator: Simulator, bot: Bot, olga: Person):
    offset = (await bot.get_updates())[-1].update_id + 1

    async def first() -> None:
        with pytest.raises(TelegramConflictError):
            await bot.get_updates(offset=offset, timeout=20)

    async with make_bot(simulator.url) as twin, asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(first())
        await asyncio.sleep(0.1)  # until it is being held open; nobody outside can see that
        waiting = tasks.create_task(twin.get_updates(offset=offset, timeout=20))
        await ended
        await olga.say("hello")
    assert [one.message.text for one in waiting.result()] == ["hello"]


@pytest.mark.usefixtures("olga")
async def test_no_polling_beside_a_webhook(bot: Bot):
    await bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("http://127.0.0.1:9/hook", 1)
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_reactions_only_when_asked_for(bot: Bot, olga: Person):
    message = await bot.send_message(olga.id, "hi")
    await olga.react(message.message_id, "👍")
    assert [one.event_type for one in await bot.get_updates()] == ["message"]
    offset = (await bot.get_updates(allowed_updates=["message", "message_reaction"]))[-1].update_id + 1
    await olga.react(message.message_id, "❤")
    found = await bot.get_updates(offset=offset, timeout=5)
    assert found[0].message_reaction.new_reaction[0].emoji == "❤"
    assert found[0].message_reaction.old_reaction[0].emoji == "👍"
    await olga.react(message.message_id)
    found = await bot.get_updates(offset=found[0].update_id + 1, timeout=5)
    assert found[0].message_reaction.new_reaction == []


async def test_a_confirmed_update_repeats_on_demand(bot: Bot, olga: Person, simulator: Simulator, fresh: Fresh):
    await olga.say("once")
    (update,) = await fresh()
    assert await fresh_ids(bot, update.update_id + 1) == []
    assert await simulator.repeat_update() == update.update_id
    assert await fresh_ids(bot, update.update_id + 1) == [update.update_id]
    assert await fresh_ids(bot, update.update_id + 1) == []
    with pytest.raises(ControlError, match="no such update"):
        await simulator.repeat_update(1)


async def fresh_ids(bot: Bot, offset: int) -> list[int]:
    return [one.update_id for one in await bot.get_updates(offset=offset)]


async def test_a_poison_update_can_be_injected(bot: Bot, simulator: Simulator):
    update_id = await simulator.inject_update("callback_query", {"id": "1"})
    session = await bot.session.create_session()
    async with session.get(bot.session.api.api_url(bot.token, "getUpdates")) as response:
        body = await response.json()
    assert body["result"][-1] == {"update_id": update_id, "callback_query": {"id": "1"}}


async def test_tokens(simulator: Simulator):
    async with make_bot(simulator.url, "1:" + "a" * 35) as stranger:
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()
        await simulator.bot(stranger.token, username="second_bot")
        assert (await stranger.get_me()).username == "second_bot"


async def test_names_are_read_in_any_case_and_unknown_ones_are_404(bot: Bot, simulator: Simulator):
    session = await bot.session.create_session()
    for name, code in (("GETme", 200), ("getNothing", 404)):
        async with session.get(f"{simulator.url}/bot{bot.token}/{name}") as response:
            assert response.status == code
            assert (await response.json())["ok"] is (code == 200)
    async with session.get(f"{simulator.url}/bot{bot.token}/getNothing") as response:
        assert (await response.json())["description"] == "Not Found: method not found"


@pytest.mark.parametrize("way", ["query", "form", "json", "multipart"])
async def test_parameters_come_in_four_ways(way: str, bot: Bot, simulator: Simulator, olga: Person):
    values = {"chat_id": str(olga.id), "text": "привет & <b>", "disable_notification": "true"}
    session = await bot.session.create_session()
    url = f"{simulator.url}/bot{bot.token}/sendMessage"
    if way == "multipart":
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in values.items():
            form.add_field(name, value)
        asked = {"data": form}
    else:
        asked = {{"query": "params", "form": "data", "json": "json"}[way]: values}
    async with session.post(url, **asked) as response:
        assert (await response.json())["result"]["text"] == "привет & <b>"
    assert (await olga.wait_for("привет")).text == "привет & <b>"
