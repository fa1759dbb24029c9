"""The core made whole: signing in, staff's decisions, the whole life of demands, messages that change, reports."""

from api.migrations.scripts import run_scripts

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Lay what is new beside what the last release knows, and install the present functions."""
    run_scripts(
        "migrations/versions/0002/dumping.sql",
        "standing.sql",
        "demands/sight.sql",
        "migrations/versions/0002/people.sql",
        "migrations/versions/0002/staff.sql",
        "users/link_finish.sql",
        "users/people.sql",
        "users/replies.sql",
        "users/me.sql",
        "users/enter.sql",
        "users/erasing.sql",
        "deliveries/hiding.sql",
        "migrations/versions/0002/scenarios.sql",
        "scenarios/replies.sql",
        "migrations/versions/0002/demands.sql",
        "demands/searching.sql",
        "demands/replies.sql",
        "demands/queue.sql",
        "demands/create.sql",
        "demands/next.sql",
        "demands/take.sql",
        "demands/life.sql",
        "reports/replies.sql",
        "migrations/versions/0002/messages.sql",
        "messages/lines.sql",
        "messages/send.sql",
        "migrations/versions/0002/speed.sql",
        "migrations/versions/0002/outbox.sql",
        "migrations/versions/0002/bots.sql",
        "migrations/versions/0002/chats.sql",
        "chats/replies.sql",
        "chats/topics.sql",
        "chats/cards.sql",
        "demands/seats.sql",
        "deliveries/changes.sql",
        "deliveries/begin.sql",
        "deliveries/settle.sql",
        "demands/offers.sql",
        "memberships/telling.sql",
    )
