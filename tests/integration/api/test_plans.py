"""A hot call is as quick in a full ledger as in an empty one."""

import json
import re
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from api.leaving import CONCERNS
from api.ledger import HOT_SESSION
from contracts.operations.demands import PARTICIPANTS_ADD
from contracts.participants import AddParticipant
from integration.api.town import chat_of, receive, seated
from world import World

# The statement of demands_next_v1 that finds the head of each queue, with the person's id in place of the variable.
HEADS = """
    SELECT m.scenario_id, w.rank, w.submitted_at, w.id
    FROM memberships m JOIN scenarios s ON s.id = m.scenario_id AND s.retired_at IS NULL
    CROSS JOIN LATERAL (
      SELECT d.rank, d.submitted_at, d.id FROM demands d
      WHERE d.status = 'waiting' AND d.scenario_id = m.scenario_id AND d.requester_id <> $1
        AND d.id NOT IN (SELECT p.demand_id FROM participants p WHERE p.user_id = $1 AND p.skips)
      ORDER BY d.rank, d.submitted_at, d.id LIMIT 1) w
    WHERE m.user_id = $1 AND m.kind = 'provider' AND m.state = 'live'
      AND (m.paused_until IS NULL OR m.paused_until <= now())
    ORDER BY w.rank, w.submitted_at, w.id
"""
FILL = """
    WITH people AS (INSERT INTO users (display_name) SELECT 'x' FROM generate_series(1, 2000) RETURNING id),
      numbered AS (SELECT id, row_number() OVER () AS place FROM people)
    INSERT INTO demands (number, scenario_id, requester_id, status, title, description, channel, submitted_at)
    SELECT '0' || n, (ARRAY[$1::uuid, $2::uuid])[1 + n % 2], p.id, 'waiting', '', 'x', 'telegram', now() - n * interval '1 s'
    FROM generate_series(1, 20000) n JOIN numbered p ON p.place = 1 + n % 2000
"""


def parts(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(each for child in plan.get("Plans", []) for each in parts(child))]


async def test_the_next_demand_is_found_by_the_index_of_those_waiting(world: World) -> None:
    assert " ".join(HEADS.split()).partition("ORDER BY d.rank")[0].replace("$1", "who.id") in " ".join(
        str(await world.ledger.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'demands_next_v1'")).split()
    ), "the statement below is the one that runs"
    one, two = await world.scenario(), await world.scenario()
    helper = await world.member(one)
    await world.assign(helper, two)
    async with world.ledger.acquire() as connection:
        await connection.execute(FILL, one.id, two.id)
        await connection.execute("ANALYZE")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE heads(uuid) AS {HEADS}")
        told = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE heads('{helper.user}')")
    [plan] = json.loads(told)
    looks = [part for part in parts(plan["Plan"]) if part.get("Relation Name") == "demands"]
    assert [(look["Node Type"], look["Index Name"]) for look in looks] in (
        [("Index Scan", "demands_waiting")],
        [("Index Only Scan", "demands_waiting")],
    )
    assert looks[0]["Actual Rows"] <= 2, "one row for each queue, not the queue"
    assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 60


SIT = "INSERT INTO participants (demand_id, user_id, role, alias) SELECT id, requester_id, 'requester', 'A' FROM demands WHERE number LIKE '0%'"
EVERYTHING, SCENARIO_ONLY = ("{provider,requester,moderator}", "NULL"), ("{provider,moderator}", "'{scenario}'")


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
async def test_taking_somebody_out_reads_the_demands_that_concern_them_and_no_others(world: World, plans: str) -> None:
    at, other = await seated(world), await world.scenario()
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    names: list[str] = []
    statement = re.sub(r"(?<![:\w]):(\w+)", lambda found: f"${place_of(found[1], names)}", CONCERNS.text)
    async with world.ledger.acquire() as connection:
        await connection.execute(FILL, at.scenario.id, other.id)
        await connection.execute(SIT)
        await connection.execute("ANALYZE")
        await connection.execute(f"SET plan_cache_mode = {plans}")
        await connection.execute(f"PREPARE concerns AS {statement}")
        for person, role in ((at.provider, "provider"), (at.requester, "requester"), (at.moderator, "moderator")):
            for roles, scenario in (EVERYTHING, SCENARIO_ONLY):
                given = {"user": f"'{person.user}'", "roles": f"'{roles}'", "drafts": "true"}
                given["scenario"] = scenario.format(scenario=at.scenario.id)
                execute = f"EXECUTE concerns({', '.join(given[name] for name in names)})"
                found = [json.loads(row[0])["as_role"] for row in await connection.fetch(execute)]
                assert found == [role] * (role in roles)
                [plan] = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}"))
                looks = [part for part in parts(plan["Plan"]) if "Relation Name" in part]
                assert not [look for look in looks if look["Node Type"] == "Seq Scan"], looks
                assert sum(look["Actual Rows"] + look.get("Rows Removed by Filter", 0) for look in looks) <= 3
                assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 60


def place_of(name: str, names: list[str]) -> int:
    """Which parameter of a statement a name is, counted from one; a new name comes last."""
    if name not in names:
        names.append(name)
    return names.index(name) + 1


CROWD = """
    SET session_replication_role = replica;
    WITH people AS (INSERT INTO users (display_name) SELECT 'x' FROM generate_series(1, 3000) RETURNING id),
      known AS (INSERT INTO identities (user_id, channel, external_id) SELECT id, 'telegram', 'x' || id FROM people RETURNING *),
      chats AS (INSERT INTO destinations (channel, address, identity_id) SELECT 'telegram', external_id, id FROM known),
      asked AS (
        INSERT INTO demands (number, scenario_id, requester_id, status, title, description, channel)
        SELECT '0' || row_number() OVER (), (SELECT id FROM scenarios LIMIT 1), id, 'waiting', '', 'x', 'telegram' FROM people
        RETURNING *),
      talks AS (INSERT INTO conversations (demand_id, seats, last_seq) SELECT id, ARRAY[requester_id], 1 FROM asked),
      seats AS (INSERT INTO participants (demand_id, user_id, role, alias) SELECT id, requester_id, 'requester', 'A' FROM asked),
      said AS (INSERT INTO messages (demand_id, seq, kind, author_id) SELECT id, 1, 'message', requester_id FROM asked RETURNING *),
      kept AS (INSERT INTO idempotency (actor, operation, key, body_hash, reply) SELECT id::text, 'x', id::text, 1, '' FROM asked),
      owed AS (
        INSERT INTO deliveries (destination_id, recipient_id, demand_id, message_id, status, settled_at)
        SELECT uuidv7(), author_id, demand_id, id, 'sent', now() FROM said RETURNING *)
    INSERT INTO delivery_parts (delivery_id, part, destination_id, channel_message_id) SELECT id, 1, destination_id, '1' FROM owed;
    SET session_replication_role = origin
"""
READ = """
    SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE relname IN ('users', 'identities', 'destinations', 'demands',
      'participants', 'conversations', 'messages', 'deliveries', 'delivery_parts', 'idempotency', 'memberships')
"""
CALLS = """
    SELECT failure, body FROM demands_create_v2('telegram', {requester}, '{key}', 1, '', {scenario}, '', 'x', '{{}}', 'normal', false, 9)
    SELECT failure, body FROM demands_next_v1('telegram', {helper}, '{key}', 1, '', NULL)
    SELECT failure, body FROM messages_send_v2('telegram', {requester}, '{key}', 1, '', {demand}, 'x', '[]', NULL, {answered}, NULL, NULL)
    SELECT failure, body FROM deliveries_begin_v2(ARRAY[{chat}]::uuid[], 'bot', 10)
    SELECT failure, body FROM deliveries_settle_v1({settled})
    SELECT NULL, owe_change_v1(m, 'react', ARRAY[{provider}]::uuid[], '') FROM messages m WHERE m.demand_id = {demand} AND m.text = 'x'
    SELECT failure, body FROM deliveries_begin_v2(ARRAY[{chat}]::uuid[], 'bot', 10)
    SELECT failure, body FROM deliveries_settle_v1({settled})
"""


async def test_no_hot_call_reads_a_whole_table(world: World) -> None:
    hot = await hot_calls(world)
    await world.ledger.execute(CROWD)
    await world.ledger.execute("ANALYZE")
    await hot.make("k")
    await hot.connection.close()


async def test_a_session_that_planned_on_empty_tables_reads_no_whole_one_later(world: World) -> None:
    """Until the server counts the rows of a table again, a session goes on with the plan it made when there were none."""
    hot = await hot_calls(world)
    await world.ledger.execute("VACUUM ANALYZE")
    await hot.make("early")
    await world.ledger.execute(CROWD)
    await hot.make("late")
    await hot.connection.close()


@dataclass
class HotCalls:
    """Every hot call, made in one session, with the people and things they are about."""

    connection: asyncpg.Connection
    values: dict[str, str]

    async def make(self, key: str) -> None:
        """Make each of them under this key; AssertionError when one reads more than a few rows by going through a table."""
        for call in CALLS.strip().splitlines():
            before = await read(self.connection)
            failure, body = await self.connection.fetchrow(call.format(key=key, **self.values))
            assert failure is None, call
            if "begin" in call:
                [item] = json.loads(body)["items"]
                done = {"delivery": item["id"], "attempt": item["attempt"], "outcome": "sent", "parts": ["1"]}
                self.values["settled"] = f"'{json.dumps([done])}'"
            after = await read(self.connection)
            read_whole = {table: rows - before[table] for table, rows in after.items() if rows - before[table] > 500}
            assert not read_whole, f"{call}: {read_whole}"


async def hot_calls(world: World) -> HotCalls:
    at = await seated(world)
    await receive(at.provider)
    helper = await world.member(at.scenario)
    await world.ledger.execute("UPDATE users SET capacity = 5 WHERE id = $1", helper.user)
    connection = await asyncpg.connect(world.settings.postgres_url.unicode_string(), server_settings=HOT_SESSION)
    answered = await world.ledger.fetchval("SELECT id FROM messages WHERE demand_id = $1 LIMIT 1", at.demand)
    return HotCalls(connection, {
        "requester": f"'{at.requester.telegram_id}'",
        "helper": f"'{helper.telegram_id}'",
        "provider": f"'{at.provider.user}'",
        "scenario": f"'{at.scenario.id}'",
        "demand": f"'{at.demand}'",
        "answered": f"'{answered}'",
        "chat": f"'{await chat_of(at.provider)}'",
        "settled": "'[]'",
    })  # fmt: skip


async def read(connection: asyncpg.Connection) -> dict[str, int]:
    """How many rows were read by going through whole tables so far."""
    await connection.execute("SELECT pg_stat_force_next_flush()")
    return dict(await connection.fetch(READ))
