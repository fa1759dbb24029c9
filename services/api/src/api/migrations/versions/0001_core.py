"""The core: people, scenarios, demands, conversations, deliveries, and the functions of the hot operations."""

from api.migrations.scripts import run_scripts

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the schema and install version 1 of every function."""
    run_scripts(
        "migrations/versions/0001_core.sql",
        "migrations/versions/0001/scenario_replies.sql",
        "memberships/replies.sql",
        "migrations/versions/0001/sight.sql",
        "migrations/versions/0001/demand_replies.sql",
        "migrations/versions/0001/user_replies.sql",
        "migrations/versions/0001/seats.sql",
        "migrations/versions/0001/enter.sql",
        "migrations/versions/0001/create.sql",
        "migrations/versions/0001/next.sql",
        "migrations/versions/0001/take.sql",
        "migrations/versions/0001/send.sql",
        "migrations/versions/0001/begin.sql",
        "migrations/versions/0001/settle.sql",
    )
