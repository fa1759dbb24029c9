"""`make bench`: every comparison in one run; prints the table and writes docs/benchmarks.md with the date.

python tests/bench/run.py [--quick]    --quick leaves out the million and writes nothing
"""

import datetime as dt
import os
import platform
import sys
import tempfile
from pathlib import Path

import uvloop
from chat import chat
from measures import Row, claims, echo, writes
from rig import rigged
from where import Share, where
from where import table as shares_table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

`make bench` measures ours beside the bare thing in one run, on one machine, in turn, and takes the median ratio of three
rounds: absolute figures change with the machine, the ratios much less. The load generator, the api, PostgreSQL (on disk,
fsync on) and NATS share the machine's cores.
"""


async def measure(*, quick: bool) -> tuple[list[Row], list[Share]]:
    """All rows of the table, and where the time of each hot call goes."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with rigged(Path(folder) / "state") as rig:
            rows += await echo(rig)
            few, at_few = await claims(rig, 20_000 if quick else 1_000)
            rows += few
            if not quick:
                many, at_many = await claims(rig, 1_000_000)
                rows += [*many, Row("demands.next, 1M beside 1k waiting", "", "", at_many / at_few, 1 / 1.5)]
            rows += await writes(rig)
        # A rig of its own: the first one's ledger is full of people who have no chat.
        async with rigged(Path(folder) / "chat") as rig:
            rows += await chat(rig)
        # The last, because it leaves stopwatches in the functions.
        async with rigged(Path(folder) / "where") as rig:
            return rows, await where(rig)


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| what | ours | beside | ratio | budget |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        budget = "" if row.budget is None else f">= {row.budget:.2f}"
        lines.append(f"| {row.what} | {row.ours} | {row.beside} | {ratio} | {budget} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    quick = "--quick" in sys.argv[1:]
    rows, shares = uvloop.run(measure(quick=quick))
    page = f"{table(rows)}\n\n{shares_table(shares)}"
    print(page)  # noqa: T201 - the answer to the command
    if not quick:
        when = dt.datetime.now(tz=dt.UTC).date().isoformat()
        machine = (
            f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        )
        PAGE.write_text(f"{HEAD}\nMeasured on {when}: {machine}.\n\n{page}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
