"""How the operator's command speaks: work that runs once, trouble as sentences, exit codes."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import typer
from rich.console import Console

from mutual_aid.trouble import Trouble, among
from service_kit.settings import SettingsError

T = TypeVar("T")

out = Console()
err = Console(stderr=True)


def run_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of work in a loop of its own."""
    return asyncio.run(work)


def finish(*, well: bool) -> None:
    """End with exit code 0, or 1 when it was not well."""
    raise typer.Exit(0 if well else 1)


@contextmanager
def told() -> Iterator[None]:
    """Trouble as sentences and an exit code: 1, or 2 for wrong settings."""
    try:
        yield
    except Trouble as trouble:
        err.print(str(trouble), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except BaseExceptionGroup as group:
        if (found := among(group)) is None:
            raise
        err.print(str(found), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except SettingsError as error:
        err.print(f"the settings are wrong, nothing was done:\n{error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
