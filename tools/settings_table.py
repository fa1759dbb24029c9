"""The one table of settings, written from the classes that read them.

python tools/settings_table.py write     write docs/settings.md
python tools/settings_table.py check     exit code 1 when it says anything else than the classes
"""

import sys
from pathlib import Path

from api.settings import MigrateSettings, ServeSettings
from mutual_aid.settings import OperatorSettings
from service_kit.settings import Settings, described
from telegram_bot.settings import BotSettings

FILE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
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


def main(arguments: list[str]) -> int:
    """The exit code: 0, 1 for a stale document, 2 for words this does not know."""
    match arguments:
        case ["write"]:
            FILE.write_text(document(), encoding="utf-8")
        case ["check"]:
            if not FILE.is_file() or FILE.read_text(encoding="utf-8") != document():
                sys.stderr.write("docs/settings.md is stale: run `python tools/settings_table.py write`\n")
                return 1
        case _:
            sys.stderr.write(f"usage: {__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
