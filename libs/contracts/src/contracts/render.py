"""The generated documents: what the tables say, for people and for tools that do not read Python."""

from itertools import groupby
from pathlib import Path
from typing import Any

from contracts.asyncapi import document, members_of, summary_of, yaml
from contracts.failures import ALWAYS, FAMILY
from contracts.kinds import ActorRule, Lane, Writes
from contracts.operations import OPERATIONS, Operation
from contracts.permissions import nats_users

OPENING = """# Operations

Written by `python -m contracts write` from the tables in `libs/contracts/src/contracts/operations`; change those.

A service asks on `api.v1.<caller>.<operation>` and the api answers the reply, or a failure. **Callers** are the services
that may ask; **actor** says whether they ask on somebody's behalf; **lane** is the bulkhead a call runs in; **within**
is how many seconds a caller waits, retries included; **writes** tells what a repeat under the same idempotency key
gets: the `stored` answer, or an answer made anew of an effect that happened once (`unstored`).
"""
HEAD = "| operation | what it does | callers | actor | lane | within | writes | reply | failures of its own |"
COLUMNS = HEAD.count("|") - 1


def operations() -> str:
    """docs/operations.md: a table per noun, the promised ones named, the failures explained."""
    parts = [OPENING]
    for noun, rows in groupby(OPERATIONS, key=lambda operation: operation.name.partition(".")[0]):
        parts.append(_noun(noun, list(rows)))
    parts.append(_failures())
    return "\n".join(parts)


def asyncapi() -> str:
    """docs/asyncapi.yaml: both tables as an AsyncAPI 3.0 document."""
    return "# Written by `python -m contracts write` from the contract's tables.\n" + yaml(document())


def permissions() -> str:
    """Every user of the broker with all it may do, as YAML."""
    return yaml(
        {user.name: {"publish": list(user.publish), "subscribe": list(user.subscribe)} for user in nats_users()}
    )


DOCUMENTS = {"operations.md": operations, "asyncapi.yaml": asyncapi}


def write(folder: Path) -> list[str]:
    """Write every document into a folder; the names of those that changed."""
    changed = stale(folder)
    for name in changed:
        (folder / name).write_text(DOCUMENTS[name](), encoding="utf-8")
    return changed


def stale(folder: Path) -> list[str]:
    """The names of documents in a folder that are missing or say anything else than the tables."""
    return [
        name
        for name, made in DOCUMENTS.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != made()
    ]


def _noun(noun: str, rows: list[Operation[Any, Any]]) -> str:
    lines = [f"## {noun}", ""]
    built = [row for row in rows if row.is_built]
    if built:
        lines += [HEAD, "|---" * COLUMNS + "|", *(_row(row) for row in built), ""]
    promised = [f"`{row.name}` ({_callers(row)})" for row in rows if not row.is_built]
    if promised:
        lines += [f"Promised, answering `NotAvailableYet` until built: {', '.join(promised)}.", ""]
    return "\n".join(lines)


def _row(row: Operation[Any, Any]) -> str:
    cells = (
        f"`{row.name}`",
        summary_of(row.request),
        _callers(row),
        "" if row.actor is ActorRule.NONE else row.actor,
        "" if row.lane is Lane.HOT else row.lane,
        f"{row.within:g} s",
        "" if row.writes is Writes.NO else row.writes,
        " or ".join(f"`{member.__name__}`" for member in members_of(row.reply)),
        ", ".join(f"`{failure.__name__}`" for failure in row.failures),
    )
    return "| " + " | ".join(cells) + " |"


def _callers(row: Operation[Any, Any]) -> str:
    return ", ".join(sorted(row.callers))


def _failures() -> str:
    lines = [
        "## Failures",
        "",
        "An empty actor is none, an empty lane `hot`, empty writes none. Failures marked * may end any call.",
        "",
        "| failure | status | meaning |",
        "|---|---|---|",
    ]
    for name, failure in FAMILY.items():
        mark = " *" if failure in ALWAYS else ""
        lines.append(f"| `{name}`{mark} | {failure.status} | {summary_of(failure)} |")
    return "\n".join(lines) + "\n"
