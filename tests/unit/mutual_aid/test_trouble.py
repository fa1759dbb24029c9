from datetime import UTC, datetime
from pathlib import Path

import pytest

from mutual_aid import place
from mutual_aid.doctor.people import clock
from mutual_aid.stack import record
from mutual_aid.stack.deaths import MOST, Deaths
from mutual_aid.trouble import Trouble, among, of_process


@pytest.mark.parametrize(
    ("log", "fix"),
    [
        ("the settings are wrong, nothing was started:\nBOT_TOKEN: is missing", "Correct the settings"),
        ("TelegramUnauthorizedError: Unauthorized", "BotFather"),
        ("OSError: [Errno 28] No space left on device", "Free some disk space"),
        ("OSError: [Errno 98] Address already in use", "took the port"),
        ("nats: 'Authorization Violation'", "NATS does not know"),
        ("something nobody ever saw", "the whole log is"),
    ],
)
def test_the_end_of_a_log_names_its_fix(tmp_path: Path, log: str, fix: str) -> None:
    file = tmp_path / "bot.log"
    file.write_text(log)
    trouble = of_process("bot", "ended with status 1", file)
    assert fix in trouble.fix
    assert log.splitlines()[-1] in str(trouble)


def test_trouble_is_found_among_other_errors() -> None:
    trouble = Trouble("nats", "gone", "Start it.")
    nested = BaseExceptionGroup("", [OSError(), BaseExceptionGroup("", [ValueError(), trouble])])
    assert among(nested) is trouble
    assert among(BaseExceptionGroup("", [OSError()])) is None


def test_three_quick_deaths_in_a_row_are_too_many() -> None:
    deaths = Deaths()
    pauses = [deaths.note(1.0) for _ in range(MOST)]
    assert deaths.too_many
    assert pauses[0] < 0.3
    assert pauses[-1] <= 15
    deaths.note(3600)
    assert not deaths.too_many


def test_only_one_holds_a_state_folder_and_others_read_what_runs(tmp_path: Path) -> None:
    here = place.make(tmp_path / "мой stack")
    assert record.running(here) is None
    lock = record.hold(here)
    record.write(here, record.Record(pid=4711, page="http://127.0.0.1:8081"))
    assert record.is_held(here)
    assert (found := record.running(here)) is not None
    assert found.pid == 4711
    assert here.record.stat().st_mode & 0o777 == 0o600
    with pytest.raises(record.Running) as taken:
        record.hold(here)
    assert taken.value.record == found
    record.release(lock)
    assert record.running(here) is None
    assert not record.is_held(here)


def test_a_damaged_record_is_no_record(tmp_path: Path) -> None:
    here = place.make(tmp_path)
    lock = record.hold(here)
    here.record.write_text('{"pid": "x"')
    assert record.running(here) is None
    record.release(lock)


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble) as trouble:
        place.make(tmp_path / "file" / "state")
    assert "--state" in trouble.value.fix


def test_a_clock_that_is_off_is_named() -> None:
    now = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    assert clock("Sun, 01 Mar 2026 12:00:03 GMT", now).ok
    off = clock("Sun, 01 Mar 2026 12:01:00 GMT", now)
    assert off.ok is False
    assert "60 s off" in off.says
    assert "time synchronisation" in off.fix
    assert clock("nonsense", now).ok
