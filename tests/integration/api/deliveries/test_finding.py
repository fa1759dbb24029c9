"""What was owed for one demand is found among that of all others without going through it."""

import json
from datetime import timedelta

import asyncpg
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql import asyncpg as driver

from api.deliveries.search import searching
from api.demands.discard import FORGET
from api.demands.update import FILL_IN
from api.ledger import SESSION
from contracts.deliveries import SearchDeliveries
from contracts.demands import CreateDemand, UpdateDemand
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_UPDATE
from contracts.operations.messages import DELIVERIES_SEARCH
from integration.api.test_plans import CROWD, parts, read
from integration.api.town import Seated, receive, seated
from world import OPERATOR, World


async def run(connection: asyncpg.Connection, statement: TextClause, **values: object) -> list[asyncpg.Record]:
    """What a statement of the api selects, as the api's driver sends it."""
    compiled = statement.compile(dialect=driver.dialect())
    rows: list[asyncpg.Record] = await connection.fetch(str(compiled), *(values[name] for name in compiled.positiontup))
    return rows


async def changed(at: Seated) -> None:
    [version] = await at.world.ledger.fetchrow("SELECT version FROM demands WHERE id = $1", at.demand)
    request = UpdateDemand(demand=at.demand, version=version, description="Insulin, two boxes")
    await at.moderator.call(DEMANDS_UPDATE, request)


async def test_nothing_about_one_demand_reads_the_deliveries_of_all(world: World) -> None:
    at = await seated(world)
    await changed(at)
    draft = (
        await at.requester.call(DEMANDS_CREATE, CreateDemand(scenario=at.scenario.id, description="x", draft=True))
    ).id
    await world.ledger.execute(CROWD)
    await world.ledger.execute("ANALYZE")
    connection = await asyncpg.connect(world.settings.postgres_url.unicode_string(), server_settings=SESSION)
    look, values = searching(SearchDeliveries(demand=at.demand))
    steps = {
        "demands.update": [(FILL_IN, {"demand": at.demand, "data": "{}"})],
        "demands.discard": [(statement, {"demand": draft}) for statement in FORGET],
        "deliveries.search": [(look, values)],
        "users.erase_me": [],
    }
    read_whole = {}
    for name, statements in steps.items():
        before = (await read(connection))["deliveries"]
        for statement, given in statements:
            await run(connection, statement, **given)
        if not statements:
            await connection.execute("SELECT forget_words_v1($1)", at.requester.user)
        read_whole[name] = (await read(connection))["deliveries"] - before
    assert len(await run(connection, look, **values)) > 3
    await connection.close()
    assert not {name: rows for name, rows in read_whole.items() if rows > 500}, read_whole


LONG_AGO = """
    INSERT INTO deliveries (id, created_at, destination_id, recipient_id, notice, status, settled_at)
    SELECT uuidv7(- interval '2 days'), now() - interval '2 days', destination_id, recipient_id, 'x', 'sent', now()
    FROM (SELECT * FROM deliveries LIMIT 1) d, generate_series(1, 20000)
"""


async def test_what_was_owed_lately_is_found_without_all_that_was_owed_before(world: World) -> None:
    await seated(world)
    await world.ledger.execute(LONG_AGO)
    await world.ledger.execute("VACUUM ANALYZE deliveries")
    now = await world.ledger.fetchval("SELECT now()")
    look, values = searching(SearchDeliveries(since=now - timedelta(hours=1)))
    compiled = look.compile(dialect=driver.dialect())
    given = [values[name] for name in compiled.positiontup or []]
    found = await world.ledger.fetch(str(compiled), *given)
    owed = await world.ledger.fetchval("SELECT count(*) FROM deliveries WHERE created_at > now() - interval '1 hour'")
    assert len(found) == owed >= 3
    [plan] = json.loads(await world.ledger.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}", *given))
    looks = [part for part in parts(plan["Plan"]) if part.get("Relation Name") == "deliveries"]
    assert sum(part["Actual Rows"] + part.get("Rows Removed by Filter", 0) for part in looks) < 100
    # What is older than an hour by its own account is not shown, and what is exactly as old is.
    moment = await world.ledger.fetchval("SELECT max(created_at) FROM deliveries")
    for since, some in ((moment, True), (moment + timedelta(microseconds=1), False)):
        page = await world.operator.call(DELIVERIES_SEARCH, SearchDeliveries(since=since), actor=OPERATOR)
        assert bool(page.items) is some


async def test_only_the_change_told_now_says_what_the_demand_says_now(world: World) -> None:
    at = await seated(world)
    await receive(at.requester)
    await receive(at.provider)
    await changed(at)
    await at.world.ledger.execute("UPDATE deliveries SET data = '{}' WHERE notice = 'demand_updated'")
    await changed(at)
    for person in (at.requester, at.provider):
        told = [each.data for each in await receive(person) if each.notice == "demand_updated"]
        assert told == [{}, {"title": "", "description": "Insulin, two boxes"}]
