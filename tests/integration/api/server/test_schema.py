"""What every table has to be like, whoever adds the next one."""

from world import World

TIMES_WITHOUT_ZONE = """
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type IN ('timestamp without time zone', 'time without time zone')
"""
TIMES = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND data_type LIKE 'timestamp%'"
# Whoever removes a row looks for those that point to it, in the whole table unless an index knows them all: one that
# leaves some out, other than those that point nowhere, is of no use there.
UNINDEXED = """
    SELECT c.conrelid::regclass || '.' || a.attname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    CROSS JOIN LATERAL (SELECT '(' || a.attname || ' IS NOT NULL)' AS there) pointing
    WHERE c.contype = 'f' AND NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indisvalid
        AND coalesce(pg_get_expr(i.indpred, i.indrelid), there) = there)
    ORDER BY 1
"""
# Why nobody looks: what they point to stays for ever, and whoever wants these rows has another way to them.
NEVER_FOLLOWED = {
    "deliveries.deletes": "deliveries stay; only the first that takes one out of a chat is looked for by it",
    "deliveries.destination_id": "chats stay; what one is owed, and what did not reach it, have indexes",
    "deliveries.message_id": "messages stay; what put one before a chat, and its changes, have indexes",
    "deliveries.refers_to": "messages stay; only the word of a refusal is looked for by what it speaks of",
    "demand_versions.scenario_id": "scenarios stay; versions are read by their demand",
    "demands.closed_by": "people stay; linking two knows the demands of both",
    "memberships.scenario_id": "scenarios stay; of theirs only live ones are looked for",
    "messages.whispered_to": "people stay; linking two knows the demands of both",
}
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
    assert found == sorted(NEVER_FOLLOWED), found
