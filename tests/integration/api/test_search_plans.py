"""A search is as quick in a full ledger as in an empty one."""

import itertools
import json
import re

from api.demands.matching import ACTIVE, MINE, MODERATED, PLAN_FOR_THESE, SUBMITTED, Meant
from integration.api.test_plans import parts
from world import World

FILL_ALL = """
    WITH people AS (INSERT INTO users (display_name) SELECT 'x' FROM generate_series(1, 2000) RETURNING id),
      numbered AS (SELECT id, row_number() OVER () AS place FROM people)
    INSERT INTO demands (number, scenario_id, requester_id, status, title, description, channel, submitted_at, closed_at, close_reason)
    SELECT '0' || n, ($1::uuid[])[1 + n % cardinality($1::uuid[])], p.id,
      CASE WHEN n <= 5000 THEN 'waiting' ELSE 'closed' END, 'Help ' || n % 5000, 'Please bring ' || md5(n::text), 'telegram',
      now() - n * interval '1 s', CASE WHEN n <= 5000 THEN NULL ELSE now() END,
      CASE WHEN n <= 5000 THEN NULL ELSE 'fulfilled' END
    FROM generate_series(1, 100000) n JOIN numbered p ON p.place = 1 + n % 2000
"""
LOOKS: dict[str, Meant] = {
    "all that goes on": Meant((SUBMITTED, ACTIVE), by_words=False, values={}),
    "all there ever was": Meant((SUBMITTED,), by_words=False, values={}),
    "those of a moderator": Meant((SUBMITTED, MODERATED, ACTIVE), by_words=False, values={"me": None}),
    "one's own": Meant((MINE,), by_words=False, values={"me": None}),
    "a rare word": Meant((SUBMITTED,), by_words=True, values={"query": "help 4321"}),
    "a word of a scenario and one of the text": Meant(
        (SUBMITTED,), by_words=True, values={"query": "seventh help 4321"}
    ),
    "words for a moderator": Meant((SUBMITTED, MODERATED), by_words=True, values={"me": None, "query": "help 4321"}),
    "a kind of help": Meant((SUBMITTED, "d.scenario_id = :scenario"), by_words=False, values={"scenario": None}),
}


async def test_no_search_reads_a_hundred_thousand_demands_to_find_a_page(world: World) -> None:
    scenarios = [await world.scenario("Seventh street" if n == 7 else "Riverside", f"Kind {n}") for n in range(50)]
    moderator = await world.member(scenarios[3], "moderator")
    async with world.ledger.acquire() as connection:
        await connection.execute(FILL_ALL, [one.id for one in scenarios])
        await connection.execute("VACUUM ANALYZE demands, scenarios, memberships, participants")
        await connection.execute("SET jit = off")
        bad, told = list[tuple[str, bool]](), list[str]()
        await connection.execute(PLAN_FOR_THESE.text.replace("LOCAL", ""))
        for (name, meant), counting in itertools.product(LOOKS.items(), (False, True)):
            given = {
                **meant.values,
                "me": moderator.user,
                "scenario": scenarios[3].id,
                "viewer": None,
                "limit": 20,
                "offset": 0,
            }
            statement, names = (meant.counting() if counting else meant.searching()).text, list[str]()

            def numbered(found: re.Match[str], names: list[str] = names) -> str:
                if found[1] not in names:
                    names.append(found[1])
                return f"${names.index(found[1]) + 1}"

            statement = re.sub(r"(?<![:\w]):(\w+)", numbered, statement)
            values = ", ".join("NULL" if given[each] is None else f"'{given[each]}'" for each in names)
            await connection.execute(f"PREPARE look AS {statement}")
            execute = f"EXECUTE look({values})" if names else "EXECUTE look"
            [plan] = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {execute}"))
            await connection.execute("DEALLOCATE look")
            told.append(f"{name}, counting {counting}: {plan['Execution Time']:.1f} ms")
            bad += [
                (name, counting)
                for part in parts(plan["Plan"])
                if part.get("Relation Name") == "demands"
                and (part["Node Type"] == "Seq Scan" or part.get("Rows Removed by Filter", 0) > 10_000)
            ]
    # Counting everything there ever was is reading everything there ever was.
    assert set(bad) <= {("all there ever was", True)}, told
