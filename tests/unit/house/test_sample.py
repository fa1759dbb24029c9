"""Each line of .env.example, alone with a value: what `make up` starts takes it, and holds it."""

import os
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import SecretStr

from api.settings import ServeSettings
from mutual_aid import place
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import programs, secrets
from mutual_aid.stack.backing import Backing
from mutual_aid.stack.child import handed_on
from service_kit.settings import Settings, load
from telegram_bot.settings import BotSettings
from telegram_simulator import DEMO_TOKEN

ROOT = Path(__file__).resolve().parents[3]
NAMES = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
TOKEN = f"1111111111:{'x' * 35}"
VALUES = {
    "BOT_TOKEN": TOKEN,
    "EMERGENCY_NUMBER": "911",
    "EMERGENCY_NUMBERS": "ru=103",
    "PHONE_REGION": "UA",
    "TOTP_KEYS": "dGhlIGtleSBvZiBldmVyeSB0ZXN0IG9mIG91cnMgIC4=",
    "TELEGRAM_LOGIN_ISSUER": "https://login.example.org",
    "BOT_API_URL": "https://telegram.example.org",
    "POSTGRES_URL": "postgresql://u:p@db.example.org:5432/ledger",
    "NATS_URL": "nats://nats.example.org:4222",
    "REDIS_URL": "redis://:p@redis.example.org:6379/0",
    "HEALTH_HOST": "127.0.0.2",
}
# `make up` says these itself, by what is set or found.
FOUND = {"HEALTH_PORT", "POSTGRES_URL", "NATS_URL", "REDIS_URL", "NATS_SEEDS_DIR"}
WEBHOOK = {"BOT_MODE": "webhook", "WEBHOOK_URL": "https://bot.example.org/", "WEBHOOK_SECRET": "a-secret"}


def example(name: str) -> str:
    """A value that is not the one it has when nobody says."""
    if name in VALUES | WEBHOOK:
        return (VALUES | WEBHOOK)[name]
    for settings in (BotSettings, ServeSettings, OperatorSettings):
        if (field := settings.model_fields.get(name.lower())) is None:
            continue
        if get_origin(field.annotation) is Literal:
            return str(next(word for word in get_args(field.annotation) if word != field.default))
        if field.annotation in {int, float}:
            return str(field.default + 1)
        return "8099" if "port" in name.lower() else "something"
    return "something"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without settings, in an environment without any."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name in NAMES or name.removesuffix("_FILE") in NAMES:
            monkeypatch.delenv(name)
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for user in ("api", "publisher", "telegram"):
        (seeds / f"{user}.nk").write_text(f"SU-{user}")
    return tmp_path


def told(folder: Path, lines: dict[str, str]) -> None:
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))


def child(environment: dict[str, str], settings: type[Settings]) -> Settings:
    """What a process reads that `make up` starts with this environment."""
    with pytest.MonkeyPatch.context() as process:
        for name, value in environment.items():
            process.setenv(name, value)
        return load(settings)


def started(folder: Path, *, simulated: bool) -> tuple[Settings, Settings]:
    """What the bot and the api of a `make up` read."""
    own = load(OperatorSettings)
    servers = {
        "POSTGRES_URL": own.postgres_url.get_secret_value() if own.postgres_url else "postgresql://u:p@127.0.0.1:1/x",
        "NATS_URL": own.nats_url or "nats://127.0.0.1:2",
        "REDIS_URL": own.redis_url.get_secret_value() if own.redis_url else "redis://127.0.0.1:3/0",
        "NATS_SEEDS_DIR": str(folder / "seeds"),
    }
    below = Backing(servers, None)
    bot = programs.bot(below, 4, "http://127.0.0.1:5" if simulated else "", limits=False)
    api = programs.api(below, 6, secrets.sealing(place.make(folder), own))
    return child(handed_on(bot.environment), BotSettings), child(handed_on(api.environment), ServeSettings)


def plain(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


@pytest.mark.parametrize("way", ["line", "file"])
@pytest.mark.parametrize("name", NAMES)
def test_a_line_of_the_sample_is_taken_and_held(name: str, way: str, bare: Path) -> None:
    value = example(name)
    webhook = name.startswith("WEBHOOK_") or name == "BOT_MODE"
    real = webhook or name in {"BOT_TOKEN", "BOT_API_URL"}
    lines = ({"BOT_TOKEN": TOKEN} if real else {}) | (WEBHOOK if webhook else {}) | {name: value}
    if way == "file":
        del lines[name]
        lines[f"{name}_FILE"] = str(bare / "value")
        (bare / "value").write_text(f"{value}\n")
    told(bare, lines)
    for settings in started(bare, simulated=not real):
        if name.lower() in type(settings).model_fields and name not in FOUND:
            assert plain(getattr(settings, name.lower())) == value


@pytest.mark.parametrize(
    "name", ["BOT_TOKEN", "TOTP_KEYS", "ERASED_DIGEST_KEY", "POSTGRES_URL", "NATS_URL", "REDIS_URL"]
)
def test_one_that_is_empty_is_as_if_it_were_not_there(name: str, bare: Path) -> None:
    told(bare, {name: ""})
    assert load(OperatorSettings).uses_simulator
    bot, api = started(bare, simulated=True)
    assert plain(bot.bot_token) == DEMO_TOKEN  # type: ignore[attr-defined]
    assert plain(api.totp_keys) == secrets.totp_key(place.make(bare))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["NATS_SEED", "NATS_PUBLISHER_SEED", "NATS_MIGRATE_SEED"])
def test_a_seed_of_another_installation_in_env_is_in_nobody_s_way(name: str, bare: Path) -> None:
    told(bare, {name: "SU-another"})
    bot, api = started(bare, simulated=True)
    assert plain(bot.nats_seed) == "SU-telegram"  # type: ignore[attr-defined]
    assert plain(api.nats_publisher_seed) == "SU-publisher"  # type: ignore[attr-defined]
