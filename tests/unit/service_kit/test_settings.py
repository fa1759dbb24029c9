from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from service_kit.settings import Settings, SettingsError, load

CANARY = "canary-3f9a"


class Example(Settings):
    bot_token: SecretStr = Field(description="the token that BotFather gave")
    port: int = Field(default=8080, ge=1, le=65535, description="a TCP port, 1 to 65535")
    debug: bool = False
    mode: Literal["polling", "webhook"] = "polling"
    staff: tuple[int, ...] = ()
    note: str = "none"

    @field_validator("note")
    @classmethod
    def _is_polite(cls, value: str) -> str:
        if "canary" in value:
            raise ValueError(f"{value} is not polite")
        return value


class Prefixed(Settings):
    model_config = SettingsConfigDict(env_prefix="API_")
    port: int


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    for field in Example.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
        monkeypatch.delenv(f"{field.upper()}_FILE", raising=False)


def lines(**environment: str) -> tuple[str, ...]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with pytest.raises(SettingsError) as caught:
            load(Example)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines


def test_everything_wrong_is_told_at_once_in_order_and_without_values():
    assert lines(PORT=CANARY, DEBUG=CANARY, MODE=CANARY, STAFF=CANARY, NOTE=CANARY) == (
        "BOT_TOKEN: is missing; expected the token that BotFather gave",
        "PORT: should be a valid integer, unable to parse string as an integer; expected a TCP port, 1 to 65535",
        "DEBUG: should be a valid boolean, unable to interpret input; expected true or false",
        "MODE: should be 'polling' or 'webhook'; expected one of polling, webhook",
        "STAFF: should be a valid tuple; expected a JSON list of a whole number",
        "NOTE: <what was given> is not polite; expected a text",
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [("false", False), ("False", False), ("0", False), ("no", False), ("off", False), ("true", True), ("1", True)],
)
def test_false_means_false(monkeypatch: pytest.MonkeyPatch, written: str, meant: object):
    monkeypatch.setenv("BOT_TOKEN", "x")
    monkeypatch.setenv("DEBUG", written)
    assert load(Example).debug is meant


def test_a_slip_in_a_truth_value_is_refused():
    assert lines(BOT_TOKEN="x", DEBUG="fasle")[0].startswith("DEBUG: ")
    assert lines(BOT_TOKEN="x", DEBUG="")[0].startswith("DEBUG: ")


def test_a_bound_is_told():
    assert lines(BOT_TOKEN="x", PORT="70000") == (
        "PORT: should be less than or equal to 65535; expected a TCP port, 1 to 65535",
    )


def test_an_element_of_a_list_is_named():
    assert lines(BOT_TOKEN="x", STAFF='[1, "x"]')[0].startswith("STAFF[1]: ")


def test_a_secret_comes_from_a_file_without_its_line_break(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "token").write_text(f"{CANARY}\n")
    monkeypatch.setenv("BOT_TOKEN_FILE", str(tmp_path / "token"))
    settings = load(Example)
    assert settings.bot_token.get_secret_value() == CANARY
    assert CANARY not in repr(settings)


def test_a_file_can_be_named_in_the_env_file(tmp_path: Path):
    (tmp_path / "token").write_text(CANARY)
    (tmp_path / ".env").write_text(f"BOT_TOKEN_FILE={tmp_path}/token\nPORT=81\n")
    settings = load(Example)
    assert (settings.bot_token.get_secret_value(), settings.port) == (CANARY, 81)


def test_the_environment_is_stronger_than_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".env").write_text("BOT_TOKEN=x\nPORT=81\nUNKNOWN=1\n")
    monkeypatch.setenv("PORT", "82")
    assert load(Example).port == 82


def test_unusable_files_are_told_beside_the_other_errors(tmp_path: Path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    assert lines(BOT_TOKEN_FILE=str(tmp_path / "none"), PORT="x") == (
        "BOT_TOKEN_FILE: the file cannot be read: No such file or directory",
        "PORT: should be a valid integer, unable to parse string as an integer; expected a TCP port, 1 to 65535",
    )
    assert lines(BOT_TOKEN_FILE=str(tmp_path / "binary"))[0].startswith("BOT_TOKEN_FILE: the file is not text in UTF-8")
    assert lines(BOT_TOKEN_FILE=str(tmp_path / "large"))[0].startswith(
        "BOT_TOKEN_FILE: the file is larger than 65536 bytes"
    )


def test_a_variable_given_twice_is_refused(tmp_path: Path):
    (tmp_path / "token").write_text("x")
    assert lines(BOT_TOKEN=CANARY, BOT_TOKEN_FILE=str(tmp_path / "token")) == (
        "BOT_TOKEN: is given twice, by BOT_TOKEN and by BOT_TOKEN_FILE; expected one of them",
    )


def test_an_env_file_that_is_no_text_is_told(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"PORT=\xff\n")
    assert lines() == (".env: is not text in UTF-8",)


def test_a_prefix_is_part_of_the_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with pytest.raises(SettingsError, match=r"^API_PORT: is missing; expected a whole number$"):
        load(Prefixed)
    (tmp_path / "port").write_text("83\n")
    monkeypatch.setenv("API_PORT_FILE", str(tmp_path / "port"))
    assert load(Prefixed).port == 83


def test_settings_cannot_be_changed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BOT_TOKEN", "x")
    with pytest.raises(ValueError, match="frozen"):
        load(Example).port = 1
