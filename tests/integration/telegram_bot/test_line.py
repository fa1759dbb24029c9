"""One connection to Redis for many: answers in order, refusals to whoever they are for, and a new line when one breaks."""

import asyncio

import pytest
import redis.exceptions
from redis.asyncio import Redis

from chaos.proxy import proxy
from local_servers import Addresses
from telegram_bot import line as lines
from telegram_bot.line import Incomplete, Line, leads, packed, read

ECHO = "if ARGV[1] == 'fail' then return redis.error_reply('ERR as told') end return {ARGV[1], 7, false, {KEYS[1]}}"


async def test_many_at_once_get_their_own_answers_and_refusals(servers: Addresses) -> None:
    line = Line(servers.redis_url)
    echo = line.script(ECHO)
    words = ["fail" if number % 7 == 3 else f"wörd\r\n{number}" for number in range(200)]
    answers = await asyncio.gather(
        *(echo(keys=[str(number)], args=[word]) for number, word in enumerate(words)), return_exceptions=True
    )
    for number, (word, answer) in enumerate(zip(words, answers, strict=True)):
        if word == "fail":
            assert isinstance(answer, redis.exceptions.ResponseError)
        else:
            assert answer == [word.encode(), 7, None, [str(number).encode()]]
    line.close()


def test_it_works_on_the_loop_a_process_runs_on(servers: Addresses) -> None:
    async def once() -> object:
        line = Line(servers.redis_url)
        try:
            return await line.script(ECHO)(keys=["k"], args=["x"])
        finally:
            line.close()

    assert pytest.importorskip("uvloop").run(once()) == [b"x", 7, None, [b"k"]]


async def test_it_is_the_database_of_the_address_and_scripts_come_back_after_a_flush(servers: Addresses) -> None:
    url = servers.redis_url.rpartition("/")[0] + "/3"
    line = Line(url)
    put = line.script("return redis.call('SET', KEYS[1], ARGV[1], 'EX', 60)")
    async with Redis.from_url(url) as known:
        assert await put(keys=["line-test"], args=["x"]) == b"OK"
        assert await known.get("line-test") == b"x"
        await known.script_flush()
        assert await put(keys=["line-test"], args=["y"]) == b"OK"
        assert await known.get("line-test") == b"y"
    line.close()


async def test_a_caller_that_is_cancelled_shifts_nobodys_answer(servers: Addresses) -> None:
    line = Line(servers.redis_url)
    echo = line.script(ECHO)
    await echo(keys=["k"], args=["first"])
    async with asyncio.TaskGroup() as group:
        gone = group.create_task(echo(keys=["k"], args=["gone"]))
        stays = group.create_task(echo(keys=["k"], args=["stays"]))
        await asyncio.sleep(0)
        gone.cancel()
    assert (await stays)[0] == b"stays"
    line.close()


async def test_a_cut_line_is_an_error_to_who_waits_and_is_made_anew(servers: Addresses) -> None:
    async with proxy(servers.redis_url) as way:
        line = Line(way.url)
        echo = line.script(ECHO)
        await echo(keys=["k"], args=["before"])
        way.lose_answer(b"lost")
        with pytest.raises(redis.exceptions.ConnectionError):
            await echo(keys=["k"], args=["lost"])
        assert (await echo(keys=["k"], args=["after"]))[0] == b"after"
        await way.leave()
        with pytest.raises(redis.exceptions.ConnectionError):
            await echo(keys=["k"], args=["away"])
        await way.come_back()
        assert (await echo(keys=["k"], args=["back"]))[0] == b"back"
        line.close()


async def test_silence_ends_with_a_time_out_for_all(servers: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "ANSWERED_WITHIN", 2.0)
    async with proxy(servers.redis_url) as way:
        line = Line(way.url)
        echo = line.script(ECHO)
        await echo(keys=["k"], args=["before"])
        way.fall_silent()
        found = await asyncio.gather(*(echo(keys=["k"], args=["x"]) for _ in range(3)), return_exceptions=True)
        assert [type(one) for one in found] == [redis.exceptions.TimeoutError] * 3
        monkeypatch.undo()
        way.heal()
        assert (await echo(keys=["k"], args=["after"]))[0] == b"after"
        line.close()


@pytest.mark.parametrize(
    ("came", "answer"),
    [
        (b"$-1\r\n", None), (b"*-1\r\n", None), (b"*0\r\n", []), (b"$0\r\n\r\n", b""), (b":-12\r\n", -12),
        (b"*2\r\n$3\r\na\r\n\r\n*1\r\n+OK\r\n", [b"a\r\n", [b"OK"]]),
    ],
)  # fmt: skip
def test_answers_are_read_however_they_are_torn(came: bytes, answer: object) -> None:
    for cut in range(len(came)):
        with pytest.raises(Incomplete):
            read(came[:cut], 0)
    assert read(came + b":1\r\n", 0) == (answer, len(came))


def test_commands_are_counted_in_bytes() -> None:
    assert (
        packed(["GET", "é", b"\r\n", 5, 0.5])
        == b"*5\r\n$3\r\nGET\r\n$2\r\n\xc3\xa9\r\n$2\r\n\r\n\r\n$1\r\n5\r\n$3\r\n0.5\r\n"
    )


@pytest.mark.parametrize(
    ("url", "does"),
    [
        ("redis://127.0.0.1:6379/0", True),
        ("redis://somebody:secret@host/1", True),
        ("unix:///run/redis.sock?db=2", True),
        ("rediss://host/0", False),
        ("redis://host/0?protocol=3", False),
    ],
)
def test_what_it_cannot_do_is_left_to_redis_py(url: str, does: bool) -> None:  # noqa: FBT001 - a parameter
    assert leads(url) is does
