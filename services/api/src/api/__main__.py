"""`python -m api serve | migrate | check | bootstrap-token`."""

import sys
from collections.abc import Awaitable, Callable
from typing import NoReturn

from api.app import serve
from api.migrate import is_later, migrate, newest, revision
from api.settings import DatabaseSettings, MigrateSettings, ServeSettings
from api.users.bootstrap_token import issue_bootstrap_token
from service_kit.logs import configure_logs
from service_kit.process import Stop, run
from service_kit.settings import load


async def serve_until_stopped(stop: Stop) -> None:
    """Serve calls."""
    settings = load(ServeSettings)
    configure_logs("api", format=settings.log_format, level=settings.log_level)
    await serve(settings, stop)


async def migrate_once(_: Stop) -> None:
    """Bring schema and streams up to date."""
    settings = load(MigrateSettings)
    configure_logs("migrate", format=settings.log_format, level=settings.log_level)
    await migrate(settings)


async def check_schema(stop: Stop) -> None:
    """Exit with 0 when the schema is one this version runs on, with 1 when it is not; change nothing."""
    settings = load(DatabaseSettings)
    configure_logs("migrate", format=settings.log_format, level=settings.log_level)
    found = await revision(str(settings.postgres_url))
    if is_later(found):
        print(f"the schema is a later release's: {found}")  # noqa: T201 - the answer to the command
    elif found != newest():
        stop.fail("the schema is not current: run `python -m api migrate`")


async def print_bootstrap_token(_: Stop) -> None:
    """Print a one-time token that makes whoever shows it to the bot an admin."""
    settings = load(DatabaseSettings)
    configure_logs("api", format=settings.log_format, level=settings.log_level)
    print(await issue_bootstrap_token(str(settings.postgres_url)))  # noqa: T201 - the answer to the command


COMMANDS: dict[str, Callable[[Stop], Awaitable[None]]] = {
    "serve": serve_until_stopped,
    "migrate": migrate_once,
    "check": check_schema,
    "bootstrap-token": print_bootstrap_token,
}


def main() -> NoReturn:
    """Run the command named on the command line; exit code 2 for any other."""
    match sys.argv[1:]:
        case [command] if command in COMMANDS:
            run(COMMANDS[command])
        case _:
            sys.exit(f"usage: python -m api {' | '.join(COMMANDS)}")


if __name__ == "__main__":
    main()
