"""What every table has to be like, whoever adds the next one."""

from world import World

TIMES_WITHOUT_ZONE = """
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type IN ('timestamp without time zone', 'time without time zone')
"""
TIMES = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND data_type LIKE 'timestamp%'"
# Whoever removes or changes a row looks for those that point to it.
UNINDEXED = """
    SELECT c.conrelid::regclass || '.' || a.attname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indisvalid)
    ORDER BY 1
"""
# Those they point to stay for ever, and whoever wants these has the demand, the message or the user already.
NEVER_FOLLOWED = [
    "demand_versions.scenario_id",
    "demands.closed_by",
    "erased_identities.user_id",
    "messages.whispered_to",
]
POINTERS = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
WITHOUT_A_KEY = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    WHERE c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
"""


async def test_every_moment_is_kept_with_its_zone(world: World) -> None:
    assert await world.ledger.fetchval(TIMES) > 10
    assert [row[0] for row in await world.ledger.fetch(TIMES_WITHOUT_ZONE)] == []


async def test_every_row_has_a_key(world: World) -> None:
    assert [row[0] for row in await world.ledger.fetch(WITHOUT_A_KEY)] == []


async def test_every_pointer_can_be_followed_back(world: World) -> None:
    assert await world.ledger.fetchval(POINTERS) > 10
    found = [row[0] for row in await world.ledger.fetch(UNINDEXED)]
    assert found == NEVER_FOLLOWED, found
