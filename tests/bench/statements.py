"""Where a hot call's time goes inside PostgreSQL: its functions run with a stopwatch around each statement.

The functions are read from the database, instrumented and put back, so that it is always the SQL of today that is measured.
What the stopwatch itself takes is not in its reading, but in that of whatever called the function.
"""

import re
from dataclasses import dataclass

import asyncpg

FUNCTIONS = """
    SELECT p.oid, p.proname, pg_get_functiondef(p.oid) AS whole, p.prosrc AS body FROM pg_proc p
    JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql' JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND p.prorettype <> 'trigger'::regtype AND p.proname LIKE '%\\_v_'
"""
STOPWATCH = """
    CREATE UNLOGGED TABLE bench_laps (label text NOT NULL, us double precision NOT NULL) WITH (autovacuum_enabled = off);
    CREATE FUNCTION bench_lap(label text, since timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE took interval := clock_timestamp() - since;
    BEGIN
      INSERT INTO bench_laps VALUES (label, 1e6 * extract(epoch FROM took));
      RETURN true;
    END $$;
"""
LAPS = """
    SELECT label, count(*) / $1::float AS times, sum(us) / $1::float AS us FROM bench_laps GROUP BY label ORDER BY sum(us) DESC
"""

# What may stand before a statement in the same piece of source: comments and the heads of blocks.
HEAD = re.compile(
    r"\s*(?:--[^\n]*\n\s*|(?:IF|ELSIF)\b.*?\bTHEN\b\s*|ELSE\b\s*|BEGIN\b\s*|FOR\b.*?\bLOOP\b\s*|LOOP\b\s*)*", re.DOTALL
)
STATEMENT = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|PERFORM|WITH)\b|(\w+)(?:\[.*?\])? := (?:\w+\()?\w+_v\d+\(")
CALLED = re.compile(r":= (?:\w+\()?(?:\w+, )?(\w+_v\d+)\(")
TARGET = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|FROM|PERFORM|SELECT)\s+(\w+)")
PIECES = re.compile(r"--[^\n]*|'(?:[^']|'')*'|[();]|[^'();-]+|-")


CALLS_OTHERS = " and what it calls"


@dataclass(frozen=True)
class Lap:
    """One statement of one function: how often it ran in a call, and its microseconds in a call, all it called included."""

    label: str
    times: float
    us: float


async def install(ledger: asyncpg.Connection) -> None:
    """Put a stopwatch around each statement of every function of ours; for a database that is thrown away."""
    await ledger.execute(STOPWATCH)
    for row in await ledger.fetch(FUNCTIONS):
        await ledger.execute(row["whole"].replace(row["body"], timed(row["proname"], row["body"])))


async def laps(ledger: asyncpg.Connection, calls: int) -> list[Lap]:
    """What ran since the last look, in so many calls, the slowest first."""
    found = [Lap(**row) for row in await ledger.fetch(LAPS, calls)]
    await ledger.execute("TRUNCATE bench_laps")
    return found


def timed(name: str, body: str) -> str:
    """The body of a PL/pgSQL function with the stopwatch in it."""
    declared, begin, rest = body.partition("BEGIN\n")
    seen: dict[str, int] = {}
    statements = []
    for piece in _statements(rest):
        head = HEAD.match(piece)
        at = head.end() if head else 0
        if not STATEMENT.match(piece, at):
            statements.append(piece)
            continue
        label = f"{name}: {_label(piece[at:])}"
        if re.search(r"_v\d+\(", piece[at:]):
            label += CALLS_OTHERS
        seen[label] = seen.get(label, 0) + 1
        if seen[label] > 1:
            label += f" ({seen[label]})"
        statements.append(
            f"{piece[:at]}bench_at := clock_timestamp(); {piece[at:]}; bench_ok := bench_lap('{label}', bench_at)"
        )
    declared = declared if "DECLARE" in declared else f"{declared}DECLARE "
    return f"{declared.rstrip()} bench_at timestamptz; bench_ok boolean;\n{begin}{';'.join(statements)}"


def _statements(source: str) -> list[str]:
    """The source cut at each semicolon that ends a statement."""
    found, depth = [""], 0
    for piece in PIECES.findall(source):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == ";" and depth == 0:
            found.append("")
        else:
            found[-1] += piece
    return found


def _label(statement: str) -> str:
    """What a statement does, in a few words: its verb, its table or function, its lock."""
    verb = statement.split(None, 1)[0]
    asks = verb in {"SELECT", "PERFORM"}
    target = (
        (re.search(r"\bFROM (\w+)", statement) if asks else None)
        or CALLED.search(statement)
        or TARGET.search(statement)
    )
    lock = re.search(r"\bFOR (NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)", statement)
    shown = "" if verb == "PERFORM" or ":=" in statement[:40] else f"{verb} "
    return f"{shown}{target[1] if target else ''}{f' {lock[0]}' if lock else ''}".strip()
