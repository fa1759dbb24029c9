"""Settings: one table that is true, and names that say their unit."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from api.settings import ServeSettings
from service_kit.settings import Settings, described
from telegram_bot.settings import BotSettings

TOOL = Path(__file__).resolve().parents[3] / "tools" / "settings_table.py"
# A number is a time, a size or a rate with its unit in the name, or it counts something.
UNIT = re.compile(r"_(days|minutes|seconds|ms|kib|per_second|per_minute)$")
COUNTS = frozenset({
    "postgres_pool_size", "health_port", "webhook_port", "open_demands_per_user", "report_evidence_lines",
    "password_passes", "password_hashes_at_once", "password_hashes_waiting", "password_tries", "code_tries",
    "password_tries_everywhere", "newcomers",
})  # fmt: skip


def table() -> dict[str, Any]:
    return runpy.run_path(str(TOOL))


def test_the_table_in_docs_says_what_the_classes_say():
    assert table()["main"](["check"]) == 0


def test_a_stale_table_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    stale = tmp_path / "settings.md"
    tool = table()
    monkeypatch.setitem(tool["main"].__globals__, "FILE", stale)
    monkeypatch.setitem(tool["main"].__globals__, "SAMPLE", tmp_path / ".env.example")
    assert tool["main"](["check"]) == 1
    assert tool["main"](["write"]) == 0
    stale.write_text(stale.read_text().replace("`REOPEN_DAYS`", "`REOPEN`"))
    assert tool["main"](["check"]) == 1
    assert "settings.md is stale" in capsys.readouterr().err
    assert tool["main"](["write"]) == 0
    assert tool["main"](["check"]) == 0
    with (tmp_path / ".env.example").open("a") as file:
        file.write("#UNHEARD_OF=1\n")
    assert tool["main"](["check"]) == 1
    assert ".env.example is stale" in capsys.readouterr().err
    assert tool["main"](["else"]) == 2


@pytest.mark.parametrize("settings", [ServeSettings, BotSettings])
def test_a_number_says_its_unit_or_counts_something(settings: type[Settings]):
    numbers = {name for name, field in settings.model_fields.items() if field.annotation in {int, float}}
    numbers |= {name for name in settings.model_fields if name.endswith("_port")}
    assert len(numbers) > 2
    assert {name for name in numbers if not UNIT.search(name)} <= COUNTS


def test_a_secret_default_and_what_is_needed_are_told():
    told = {name: default for name, _, default in described(ServeSettings)}
    assert (told["POSTGRES_URL"], told["ERASED_DIGEST_KEY"], told["STATEMENT_TIMEOUT_MS"]) == ("needed", "none", "3000")
