"""A ledger to oneself: what a migration needs of everybody else who is at work in it, and how long it makes them wait."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

# Calls queue behind a migration that waits for a reader. Their own patience is 0.5 s four times over; and only after 1 s
# does PostgreSQL send an automatic VACUUM away. In the pause after it they are served.
HOLD_UP_SECONDS = 2
# lock_not_available, deadlock_detected, query_canceled: another time, then.
NOT_NOW = frozenset({"55P03", "40P01", "57014"})
# A machine that dies in the middle leaves every table locked, until PostgreSQL hears of it. Between two statements of a
# migration nothing is waited for.
SESSION = {
    "application_name": "migrate",
    "idle_in_transaction_session_timeout": "20s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
}
OURS = """
    c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
"""
TABLES = text(f"SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) FROM pg_class c WHERE {OURS}")  # noqa: S608 - a constant of ours
# Who has been at one of them for longest, for the operator: what is waited for, most likely.
OLDEST = text(f"""
    SELECT coalesce(nullif(a.application_name, ''), 'a program without a name') FROM pg_stat_activity a
    WHERE a.pid <> pg_backend_pid() AND EXISTS (
      SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_database b ON b.oid = l.database
      WHERE l.pid = a.pid AND l.granted AND b.datname = current_database() AND {OURS})
    ORDER BY a.xact_start LIMIT 1
""")  # noqa: S608 - a constant of ours


class LedgerOccupied(Exception):
    """Somebody reads or changes the ledger without end, so that the schema cannot be changed; nothing was."""

    safe_to_log = True

    def __init__(self, whom: str, seconds: float) -> None:
        super().__init__(
            f"the schema is as it was: for {seconds:.0f} seconds the ledger was in use by {whom};"
            " migrate again when that is over"
        )


async def have_to_itself(connection: AsyncConnection) -> None:
    """Every table there is, at once, before anything is changed: what a reader stops stops here and costs nothing."""
    tables = (await connection.execute(TABLES)).scalar()
    if tables is None:
        return
    oldest = (await connection.execute(OLDEST)).scalar()
    # Whoever comes meanwhile queues behind this: all of it together, not each table, has to be over soon.
    await connection.execute(text(f"SET LOCAL statement_timeout = '{HOLD_UP_SECONDS}s'"))
    with waiting(oldest or "calls under way"):
        await connection.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
    await connection.execute(text("SET LOCAL statement_timeout = 0"))


@contextlib.contextmanager
def waiting(whom: str) -> Iterator[None]:
    """A block that takes locks; raises `Waits` with who has them, as far as one knows, where it gets none in time."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in NOT_NOW:
            raise Waits(whom) from None
        raise


class Waits(Exception):
    """Somebody else had what the migration needs; nothing was changed."""

    def __init__(self, whom: str) -> None:
        super().__init__(whom)
        self.whom = whom
