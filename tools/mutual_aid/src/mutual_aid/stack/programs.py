"""The programs of a stack: how each is started, and with what environment."""

from pathlib import Path

from mutual_aid.stack.backing import Backing
from mutual_aid.stack.child import Program
from service_kit.settings import Settings, given
from telegram_simulator.people import DEMO_TOKEN

# Telegram's limits are of no use to one person with a page; whoever sets these decides otherwise.
UNHURRIED = {"SENDS_PER_SECOND": "0", "CHAT_SENDS_PER_SECOND": "100", "PERSON_UPDATES_PER_SECOND": "0"}


class Pace(Settings):
    """What the bot may be told of its pace, read here only for whether somebody did."""

    sends_per_second: str = ""
    chat_sends_per_second: str = ""
    person_updates_per_second: str = ""


def simulator(port: int, memory: Path | None, *, limits: bool) -> Program:
    """The simulated Telegram with its page; memory is the file that keeps its people and chats, None for none."""
    flags = ["--port", str(port), "--token", DEMO_TOKEN]
    flags += ["--real-limits"] if limits else []
    flags += ["--state", str(memory)] if memory else []
    return Program("simulator", ("telegram_simulator", *flags), {}, port, "/", "/")


def api(backing: Backing, port: int, totp_key: str) -> Program:
    """The api, which keeps the ledger; totp_key seals second factors, "" for the keys of the environment."""
    environment = {
        **_servers(backing, "api"),
        "POSTGRES_URL": backing.environment["POSTGRES_URL"],
        "NATS_PUBLISHER_SEED_FILE": str(backing.seed("publisher")),
        "HEALTH_PORT": str(port),
    }
    if totp_key:
        # An empty TOTP_KEYS_FILE hides one in .env: naming both would be an error.
        environment |= {"TOTP_KEYS": totp_key, "TOTP_KEYS_FILE": ""}
    return Program("api", ("api", "serve"), environment, port, "/ready", "/live")


def migrate(backing: Backing) -> dict[str, str]:
    """The environment in which the schema and the streams are brought up to date."""
    return {
        "POSTGRES_URL": backing.environment["POSTGRES_URL"],
        "NATS_URL": backing.environment["NATS_URL"],
        "NATS_MIGRATE_SEED_FILE": str(backing.seed("migrate")),
    }


def bot(backing: Backing, port: int, simulated_at: str, *, limits: bool) -> Program:
    """The bot; simulated_at is the simulator's address, "" for real Telegram with the token of the environment."""
    environment = {**_servers(backing, "telegram"), "HEALTH_PORT": str(port)}
    if simulated_at:
        # An empty BOT_TOKEN_FILE hides one in .env: naming both would be an error.
        environment |= {"BOT_TOKEN": DEMO_TOKEN, "BOT_TOKEN_FILE": "", "BOT_API_URL": simulated_at}
        environment |= {"BOT_MODE": "polling"}
        if not limits:
            said = given(Pace)
            environment |= {name: value for name, value in UNHURRIED.items() if name not in said}
    return Program("bot", ("telegram_bot",), environment, port, "/ready", "/live")


def _servers(backing: Backing, user: str) -> dict[str, str]:
    """Where NATS and Redis are, and who speaks."""
    known = backing.environment
    return {
        "NATS_URL": known["NATS_URL"],
        "NATS_SEED_FILE": str(backing.seed(user)),
        "REDIS_URL": known["REDIS_URL"],
    }
