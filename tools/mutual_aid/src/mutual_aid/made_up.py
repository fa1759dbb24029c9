"""Whether the ledger is one that was tried out with made-up people, before real ones write into it."""

import asyncpg

from mutual_aid.seed import CAST
from mutual_aid.trouble import Trouble

WITHIN = 10.0  # s
SERVING = """
    SELECT count(*) FROM identities i JOIN memberships m ON m.user_id = i.user_id AND m.state = 'live'
    WHERE i.channel = 'telegram' AND i.external_id = ANY($1)
"""
OURS = "Delete it with `make erase YES=1` (`mutual-aid erase --yes`) and start again, or take BOT_TOKEN away to go on trying it out."
THEIRS = "Name an empty database in POSTGRES_URL, or take BOT_TOKEN away to go on trying it out."
CONTAINERS = (
    "Delete it with `docker compose down --volumes --remove-orphans` and start again, or take BOT_TOKEN away to go on"
    " trying it out."
)


async def refuse(url: str, fix: str) -> None:
    """Raise Trouble, with this fix, when made-up people serve in the ledger; one without tables is well.

    Real people would be offered help by nobody, and whoever has a moderator's number at Telegram would be one.
    """
    try:
        connection = await asyncpg.connect(url, timeout=WITHIN)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = f"the ledger does not serve us ({type(error).__name__})"
        raise Trouble("postgres", why, "Start PostgreSQL, or correct POSTGRES_URL.") from error
    try:
        if await connection.fetchval("SELECT to_regclass('memberships') IS NULL"):
            return
        serving = await connection.fetchval(SERVING, [str(one.id) for one in CAST])
    finally:
        await connection.close(timeout=WITHIN)
    if serving:
        why = "it was tried out: made-up people serve in it, and nobody would help the real ones"
        raise Trouble("ledger", why, fix)
