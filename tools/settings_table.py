"""The one table of settings and the .env to copy, written from the classes that read them.

python tools/settings_table.py write     write docs/settings.md and .env.example
python tools/settings_table.py check     exit code 1 when one says anything else than the classes
"""

import sys
from pathlib import Path

from api.settings import MigrateSettings, ServeSettings
from mutual_aid.settings import OperatorSettings
from service_kit.settings import Settings, described
from telegram_bot.settings import BotSettings

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "settings.md"
SAMPLE = ROOT / ".env.example"
OPENING = """# Settings

Written by `python tools/settings_table.py write` from the classes that read them; change those.

Every setting is an environment variable, or a line of `.env`. Each may instead name a file that holds it, as container
secrets do: `BOT_TOKEN_FILE=/run/secrets/bot_token`. A unit stands in the name. What is true or false is `true` or `false`.
A process with wrong settings does not start and lists all of them at once, without repeating what was given. `make up` sets
what it can by itself.
"""
PROCESSES: tuple[tuple[str, type[Settings]], ...] = (
    ("The api (`python -m api serve`)", ServeSettings),
    ("The schema and the streams (`python -m api migrate`)", MigrateSettings),
    ("The bot (`python -m telegram_bot`)", BotSettings),
    ("The operator's command (`mutual-aid`)", OperatorSettings),
)
SAMPLE_OPENING = """\
# What `make up` and `docker compose up` may be told. Nothing has to be: copy this to .env and take the # away from what you
# change. Written by `python tools/settings_table.py write`. Each may also be given as NAME_FILE, the path of a file that holds
# it (not in `docker compose up`, which has files of its own for what is secret).
"""
FOUND = "found and set by `make up` and `docker compose up` themselves; for servers of your own with `make up`"
COMPOSE: tuple[tuple[str, str, str], ...] = (
    ("VERSION", "the tag of the images that are built and run", "dev"),
    ("BASE", "the image they are built on: another Python, or one pinned by digest", "python:3.13-slim"),
)
# Keys that `make up` gives each of its processes out of NATS_SEEDS_DIR, and so do containers.
NOT_TOLD = {"NATS_SEED", "NATS_PUBLISHER_SEED", "NATS_MIGRATE_SEED"}
# With `docker compose up` the bot polls and the simulator has a place of its own; a webhook is deploy/example's.
NOT_COMPOSE = ("BOT_MODE", "WEBHOOK_", "SIMULATOR_URL")
SERVERS = ("POSTGRES_URL", "NATS_", "REDIS_URL", "HEALTH_")


def document() -> str:
    """docs/settings.md: a table for each process."""
    parts = [OPENING]
    for title, settings in PROCESSES:
        parts += [f"\n## {title}\n", "| variable | what | when nobody says |", "|---|---|---|"]
        parts += [
            f"| `{name}` | {meaning.replace('|', chr(92) + '|')} | {default} |"
            for name, meaning, default in described(settings)
        ]
    return "\n".join(parts) + "\n"


def sample() -> str:
    """.env.example: each variable once, with what it means and what it is when nobody says."""
    parts, seen = [SAMPLE_OPENING], set[str]()
    tables = [(title.partition(" (`")[0], described(settings)) for title, settings in PROCESSES]
    bot = next(table for table in tables if table[0] == "The bot")
    for title, rows in (bot, *tables, ("The containers (`docker compose` alone)", list(COMPOSE))):
        fresh = [row for row in rows if row[0] not in seen and not row[0].startswith(SERVERS)]
        seen |= {row[0] for row in fresh}
        parts += [f"\n# -- {title}\n", *_lines(fresh)] if fresh else []
    own = {row[0]: row for _, rows in tables for row in rows if row[0].startswith(SERVERS) and row[0] not in NOT_TOLD}
    return "\n".join([*parts, f"\n# -- {FOUND}\n", *_lines(list(own.values()))]) + "\n"


def _lines(rows: list[tuple[str, str, str]]) -> list[str]:
    return [
        f"# {meaning}{' (not in `docker compose up`)' if name.startswith(NOT_COMPOSE) else ''}\n#{name}={default if default not in {'none', 'needed'} else ''}"
        for name, meaning, default in rows
    ]


def main(arguments: list[str]) -> int:
    """The exit code: 0, 1 for a stale document, 2 for words this does not know."""
    match arguments:
        case ["write"]:
            FILE.write_text(document(), encoding="utf-8")
            SAMPLE.write_text(sample(), encoding="utf-8")
        case ["check"]:
            for file, wanted in ((FILE, document()), (SAMPLE, sample())):
                if not file.is_file() or file.read_text(encoding="utf-8") != wanted:
                    sys.stderr.write(f"{file.name} is stale: run `python tools/settings_table.py write`\n")
                    return 1
        case _:
            sys.stderr.write(f"usage: {__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
