"""Faults, the journal, the page, and a whole process with its state."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError

from integration.telegram_simulator.talking import make_bot
from telegram_simulator import Person, Simulator, running_simulator
from telegram_simulator.page.routes import MOST_PAGES


async def test_a_fault_strikes_as_often_as_it_was_armed(bot: Bot, simulator: Simulator, olga: Person):
    await simulator.fault("answer", method="sendMessage", times=2, code=429, retry_after=7)
    await bot.get_me()
    await bot.send_chat_action(olga.id, "typing")
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter) as refusal:
            await bot.send_message(olga.id, "hi")
        assert refusal.value.retry_after == 7
    await bot.send_message(olga.id, "hi")
    assert (await olga.look()).texts == ["/start", "hi"]


async def test_a_fault_strikes_each_third_call_and_leaves_the_others_to_the_next(
    bot: Bot, simulator: Simulator, olga: Person
):
    await simulator.fault("answer", method="sendMessage", times=0, every=3, code=429)
    await simulator.fault("answer", method="sendMessage", times=1, code=403)
    struck = []
    for _ in range(6):
        try:
            await bot.send_message(olga.id, "hi")
        except (TelegramRetryAfter, TelegramForbiddenError) as refusal:
            struck.append(type(refusal).__name__)
        else:
            struck.append("")
    assert struck == ["TelegramForbiddenError", "", "TelegramRetryAfter", "", "", "TelegramRetryAfter"]


async def test_a_fault_for_one_chat_leaves_the_others(bot: Bot, simulator: Simulator, olga: Person, david: Person):
    await simulator.fault("answer", chat_id=olga.id, times=0, code=403)
    await bot.send_message(david.id, "hi")
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(olga.id, "hi")
    assert await simulator.clear_faults() == 1
    await bot.send_message(olga.id, "hi")


async def test_lost_before_and_lost_after(bot: Bot, simulator: Simulator, olga: Person):
    for kind, arrived in (("drop_before", []), ("drop_after", ["drop_after"])):
        await simulator.fault(kind, method="sendMessage")
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(olga.id, kind)
        assert (await olga.look()).texts[1:] == arrived
    (entry,) = await simulator.journal(method="sendMessage")
    assert (entry.code, entry.fault, entry.params["text"]) == (200, "drop_after", "drop_after")


async def test_a_server_error_and_a_delay(bot: Bot, simulator: Simulator, olga: Person):
    await simulator.fault("answer", code=502)
    with pytest.raises(TelegramServerError, match="Bad Gateway"):
        await bot.send_message(olga.id, "hi")
    await simulator.fault("delay", seconds=30.0)
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await bot.send_message(olga.id, "slow", request_timeout=1)
    assert (await olga.look()).texts == ["/start"]


async def test_the_journal_keeps_what_was_true_then(bot: Bot, simulator: Simulator, olga: Person, david: Person):
    sent = await bot.send_message(olga.id, "one")
    await bot.send_message(david.id, "other")
    await bot.edit_message_text("two", chat_id=olga.id, message_id=sent.message_id)
    entries = await simulator.journal()
    assert [one.number for one in entries] == list(range(1, len(entries) + 1))
    assert [(one.method, one.result["text"]) for one in entries] == [
        ("sendMessage", "one"),
        ("sendMessage", "other"),
        ("editMessageText", "two"),
    ]
    assert [one.params["text"] for one in await simulator.journal(chat=olga.id)] == ["one", "two"]
    status = await simulator.status()
    assert status["accepted"] == {"sendMessage": 2, "editMessageText": 1}
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(simulator.journal(entries[-1].number, method="senddice", seconds=5))
        await bot.send_message(olga.id, "not this")
        await bot.send_dice(olga.id)
    assert [one.method for one in waiting.result()] == ["sendDice"]


async def test_the_page_is_whole_and_asks_nobody_else(simulator: Simulator):
    async with aiohttp.ClientSession() as session:
        async with session.get(simulator.url) as response:
            page = await response.text()
            policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'")
        assert "This is not Telegram" in page
        names = re.findall(r'(?:src|href)="(/[^"]+)"', page)
        assert len(names) == 3
        for name in [*names, "/page/column.js", "/page/message.js", "/page/composer.js", "/page/api.js"]:
            async with session.get(simulator.url + name) as response:
                assert response.status == 200, name
                assert "innerHTML" not in await response.text()
        async with session.get(simulator.url + "/page/..%2Froutes.py") as response:
            assert response.status == 404


async def test_files_of_bots_are_never_pages_of_ours(simulator: Simulator, olga: Person):
    said = await olga.say(kind="document", file="PHNjcmlwdD4=", file_name="page.html")
    address = f"{simulator.url}/page/file/{said.message['document']['file_id']}"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        assert await response.read() == b"<script>"
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment"


async def test_a_foreign_page_may_not_act(simulator: Simulator):
    async with aiohttp.ClientSession() as session:
        for origin, code in (("http://evil.example", 403), (simulator.url, 200)):
            asked = session.post(f"{simulator.url}/control/status", headers={"Origin": origin})
            async with asked as response:
                assert response.status == code


async def test_the_feed_tells_what_changed_and_is_bounded(simulator: Simulator, olga: Person, bot: Bot):
    async with aiohttp.ClientSession() as session, asyncio.timeout(10):
        feeds = [await session.get(f"{simulator.url}/page/live") for _ in range(MOST_PAGES)]
        async with session.get(f"{simulator.url}/page/live") as refused:
            assert refused.status == 503
        await bot.send_message(olga.id, "<script>")
        async for line in feeds[0].content:
            if line.startswith(b"data:"):
                assert b'"kind":"message"' in line
                assert f'"chat":"{bot.id}:{olga.id}"'.encode() in line
                break
        for feed in feeds:
            feed.close()


async def test_a_thousand_waits_and_writes_lose_nothing(simulator: Simulator, bot: Bot):
    people = [await simulator.person(f"P{number}") for number in range(50)]
    for person in people:
        await person.start()
    async with asyncio.TaskGroup() as tasks:
        waits = [tasks.create_task(person.wait_for("for you", seconds=30)) for person in people for _ in range(1)]
        for person in people:
            tasks.create_task(bot.send_message(person.id, f"for you, {person.id}"))
    assert [one.result().text for one in waits] == [f"for you, {person.id}" for person in people]


@asynccontextmanager
async def running_process(*arguments: str) -> AsyncIterator[str]:
    """Run the simulator as a process, give its address, and stop it as `make down` would."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "telegram_simulator", "--port", "0", *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().rsplit(" ", 1)[1].strip().rstrip("/")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_process_keeps_its_people_and_their_words(tmp_path: Path):
    state = str(tmp_path / "state.json")
    first = running_process("--state", state, "--person", "7001:Olga:ru:asks for help")
    async with first as url, Simulator(url) as simulator, make_bot(url) as bot:
        olga = await simulator.person("Olga", id=7001, label="asks for help")
        await olga.say("remember me")
        sent = await bot.send_message(olga.id, "I will")
        (update,) = await bot.get_updates()
    async with running_process("--state", state) as url, Simulator(url) as simulator, make_bot(url) as bot:
        (facts,) = await simulator.people()
        assert (facts.id, facts.label) == (7001, "asks for help")
        (again,) = await bot.get_updates()
        assert again.message is not None
        assert (again.update_id, again.message.text) == (update.update_id, "remember me")
        later = await bot.send_message(7001, "still here")
        assert later.message_id > sent.message_id


async def test_what_fails_inside_the_block_comes_out_as_itself():
    async def fail() -> None:
        async with running_simulator():
            raise LookupError

    with pytest.raises(LookupError):
        await fail()


async def refused_start(arguments: list[str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "telegram_simulator", "--port", "0", *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def test_a_process_says_what_is_wrong_with_its_arguments(tmp_path: Path):
    (tmp_path / "state.json").write_text("{}")
    wrong = (["--token", "x"], ["--person", "Olga"], ["--state", str(tmp_path / "state.json")])
    for code, errors in await asyncio.gather(*map(refused_start, wrong)):
        assert code == 2
        assert errors.startswith("telegram_simulator: ")
        assert "Traceback" not in errors
