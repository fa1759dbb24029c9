"""A disk that is full ends nothing that runs, and what died meanwhile comes back."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.permissions import nats_users
from local_servers import erase, process, start
from mutual_aid import place
from mutual_aid.stack import record
from mutual_aid.stack.backing import Backing
from mutual_aid.stack.life import Stack

WITHIN = 60.0  # s


async def until(stack: Stack, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not true():
            stack.changed.clear()
            await stack.changed.wait()


async def test_nats_killed_while_nothing_can_be_written_is_up_again(small_disk: Path, tmp_path: Path) -> None:
    stack = Stack(place.make(small_disk / "state"), record.Record(pid=os.getpid()))
    stack.tell()
    assert record.read(stack.place) == stack.record
    state = tmp_path / "servers"
    servers = await start(state, nats_users(), durable=False, only=("nats",))
    try:
        line = record.ProcessLine(name="nats", state="up", pid=servers.processes()["nats"])
        stack.record.processes = [line]
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(b"x" * 2**21)
        logs = state / "logs"
        logs.rename(state / "elsewhere")  # nor can the server's own log be written
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(Backing({}, servers, {"nats": line}).watch(stack.tell, stack.warn))
            os.kill(line.pid or 0, 9)
            await until(stack, lambda: "No such file" in line.why)
            (state / "elsewhere").rename(logs)
            await until(stack, lambda: line.state == "up")
            assert line.restarts >= 2
            watching.cancel()
        assert [told for told in stack.record.trouble if "up.json cannot be written" in told]
        assert record.read(stack.place) != stack.record
        filler.unlink()
        stack.tell()
        assert record.read(stack.place) == stack.record
    finally:
        await servers.stop()
        await erase(state)


def test_a_log_is_cut_also_where_its_copy_finds_no_room_and_may_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LOG_LIMIT", 10)
    log = tmp_path / "nats.log"
    log.write_text("a line that is longer than that\n")
    process.bound(log)
    assert (log.read_text(), log.with_suffix(".log.1").read_text()) == ("", "than that\n")
    log.write_text("another line that is too long\n")
    log.with_suffix(".log.1").unlink()
    log.with_suffix(".log.1").mkdir()
    process.bound(log)
    assert log.read_text() == ""
    log.unlink()
    process.bound(log)
    assert not log.exists()


def test_a_glance_at_the_lock_keeps_nobody_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place.make(tmp_path)
    record.release(record.hold(here))
    glance = os.open(here.lock, os.O_RDONLY)
    assert record.locked(glance, record.fcntl.LOCK_SH)
    monkeypatch.setattr(record.time, "sleep", lambda _: os.close(glance))
    held = record.hold(here)
    assert record.is_held(here)
    with monkeypatch.context() as patience:
        patience.setattr(record, "LOCK_PATIENCE", 0.0)
        patience.setattr(record.time, "sleep", lambda _: None)
        with pytest.raises(record.Running):
            record.hold(here)
    record.release(held)
