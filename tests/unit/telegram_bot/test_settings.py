"""What the bot refuses to start with, and that it says why."""

import pytest

from service_kit.settings import SettingsError, load
from telegram_bot.settings import BotSettings

TOKEN = "123456789:" + "a" * 35


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    monkeypatch.setenv("BOT_TOKEN", TOKEN)


def test_a_token_is_enough() -> None:
    settings = load(BotSettings)
    assert settings.bot_mode == "polling"
    assert settings.bot_token.get_secret_value() == TOKEN


@pytest.mark.parametrize("token", ["", "12345", "abc:" + "a" * 35, "1:short"])
def test_what_is_no_token_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("BOT_TOKEN", token)
    with pytest.raises(SettingsError) as refused:
        load(BotSettings)
    assert refused.value.lines[0].startswith("BOT_TOKEN: ")
    assert not token or token not in str(refused.value)


@pytest.mark.parametrize("secret", ["", "has blanks", "ключ", "x" * 257])
def test_a_webhook_without_a_secret_is_refused(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("BOT_MODE", "webhook")
    monkeypatch.setenv("WEBHOOK_URL", "https://bot.example.org/telegram")
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    with pytest.raises(SettingsError, match="WEBHOOK_SECRET"):
        load(BotSettings)


def test_a_whole_webhook_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_MODE", "webhook")
    monkeypatch.setenv("WEBHOOK_URL", "https://bot.example.org/telegram")
    monkeypatch.setenv("WEBHOOK_SECRET", "s3cret-_")
    assert load(BotSettings).webhook_url.endswith("/telegram")
