"""Finding demands: which words match, in what order, and that counting agrees with paging."""

import itertools
from typing import Any

import pytest

from contracts.demands import CloseDemand, CountDemands, DemandLine, SearchDemands, TakeDemand
from contracts.failures import Forbidden
from contracts.kinds import DemandStatus
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_COUNT, DEMANDS_SEARCH, DEMANDS_TAKE
from contracts.operations.scenarios import SCENARIOS_SEARCH
from contracts.scenarios import Scenario, SearchScenarios
from contracts.shapes import DemandId
from world import OPERATOR, World


async def found(world: World, query: str, **more: Any) -> list[DemandId]:
    page = await world.operator.call(DEMANDS_SEARCH, SearchDemands(query=query, **more), actor=OPERATOR)
    counted = {name: value for name, value in more.items() if name not in ("limit", "offset")}
    count = await world.operator.call(DEMANDS_COUNT, CountDemands(query=query, **counted), actor=OPERATOR)
    assert count.count == len(page.items), "counting and searching mean the same"
    return [line.id for line in page.items]


# What is asked for, what is looked for, and whether the one finds the other.
FINDS = [
    ("Нужна Ёлка", "елк", True), ("Нужна елка", "ЁЛКА", True), ("ЛОКАЦИЯ", "локация", True), ("Хлеб", "Локация", False),
    ("Food for two", "food", True), ("Food for two", "ood", False), ("vitamin B12", "b12", True), ("B 12", "b12", False),
    ("საჭიროა ინსულინი", "ინსულ", True), ("צריך אינסולין", "אינס", True), ("يحتاج أنسولين", "أنسو", True),
    ("Straße", "STRASSE", True), ("café", "cafe\u0301", True), ("药品和食物", "药品和", True), ("दवाई चाहिए", "चाहिए", True),
    ("100% cotton", "100%", True), ("I am 100% sure", "100%", True), ("paid (100%)", "100%", True), ("1000 pills", "1%0", False),
    ("1000 pills", "10%0", False), ("1000 pills", "%000", False), ("1000 pills", "100_", True), ("1000 pills", "1__0", False),
    ("50% glucose", "50 %", True), ("50% glucose", "glucose 50%", True), ("5 glucose", "50% glucose", True),
    ("snake_case", "snake_case", True), ("snake_case", "case", True), ("snakeXcase", "snake_case", False),
    ("Insulin", "%_%", False), ("Insulin", "ins%", True), ("Insulin", "ins_lin", False), ("apple", "a_ple", False), ("apple pie", "%pie", True), ("apple pie", "%ple", False), ("snake_case", "snake", True),
    ("Insulin", "%", False), ("Insulin", "_", False), ("Insulin", "!?—", False), ("Insulin", "💉", False),
    ("Insulin", " ", True), ("Insulin", "", True), ("Insulin today", "insulin today now", False),
    ("We go on", "go", True), ("We go on", "go home", False), ("go home", "go home", True), ("home", "go home", True),
    ("it's for o'neil", "o'neil", True), ("back\\slash 'quoted'", "'quoted':* & x", True), ("ab", "ab", True),
]  # fmt: skip


async def test_what_a_word_finds(world: World) -> None:
    wrong = []
    for number, (description, query, hit) in enumerate(FINDS):
        scenario = await world.scenario("Riverside", f"Things {number}")
        made = await world.demand(await world.person(), scenario, description)
        if await found(world, query, scenario=scenario.id) != ([made.id] if hit else []):
            wrong.append((description, query, hit))
    assert wrong == []


async def test_words_may_be_in_the_scenario_the_title_the_text_and_the_number(world: World) -> None:
    bread = await world.scenario("Tbilisi, Saburtalo", "Bread")
    milk = await world.scenario("Tbilisi, Vake", "Milk", description="Warm and fresh")
    person = await world.person()
    one = await world.demand(person, bread, "Three loaves of bread", title="Breakfast")
    two = await world.demand(person, milk, "Three litres of bread drink")
    assert await found(world, "saburtalo loaves break") == [one.id]
    assert await found(world, "vake three") == [two.id]
    assert await found(world, "tbilisi three") == [one.id, two.id]
    assert await found(world, "bread") == [one.id, two.id]
    assert await found(world, "warm") == [two.id]
    assert await found(world, "saburtalo litres") == []
    assert await found(world, f"{two.number} milk") == [two.id]
    assert await found(world, two.number.lower()) == [two.id]


async def test_matches_come_ranked_and_then_oldest_first(world: World) -> None:
    scenario = await world.scenario("Riverside", "Things")
    person, other = await world.person(), await world.person()
    prefix = await world.demand(person, scenario, "insulins")
    plain = await world.demand(person, scenario, "insulin")
    newer = await world.demand(other, scenario, "insulin")
    short = await world.demand(other, scenario, "insulin up to 12")
    assert await found(world, "insulin") == [plain.id, newer.id, short.id, prefix.id]
    assert await found(world, "insulin 12") == [short.id, plain.id, newer.id, prefix.id]
    assert await found(world, "") == [prefix.id, plain.id, newer.id, short.id]


async def test_what_is_asked_for_with_a_sign_comes_before_what_only_begins_like_it(world: World) -> None:
    scenario, person = await world.scenario("Riverside", "Things"), await world.person()
    more = await world.demand(person, scenario, "1000 pills")
    exact = await world.demand(person, scenario, "100% cotton")
    assert await found(world, "100%") == [exact.id, more.id]


async def test_scenarios_are_ranked_likewise(world: World) -> None:
    wide = await world.scenario("Avenue", "Medicines")
    exact = await world.scenario("Zoo", "Medicine", description="to go")
    more = await world.scenario("Bay", "Medicine")

    async def named(query: str) -> list[Scenario]:
        return (await world.operator.call(SCENARIOS_SEARCH, SearchScenarios(query=query), actor=OPERATOR)).items

    assert [one.id for one in await named("medicine")] == [more.id, exact.id, wide.id]
    assert [one.id for one in await named("medicine go")] == [exact.id, more.id, wide.id]
    assert [one.id for one in await named("")] == [wide.id, more.id, exact.id]


async def test_every_filter_counts_what_its_pages_hold(world: World) -> None:
    scenarios = [await world.scenario("Riverside", f"Thing {n}") for n in range(2)]
    people = [await world.person() for _ in range(3)]
    helper, moderator = await world.member(scenarios[0]), await world.member(scenarios[0], "moderator")
    await world.capacity(helper, 3)
    made = [await world.demand(people[n % 3], scenarios[n % 2], f"Insulin {n}") for n in range(9)]
    await world.demand(moderator, scenarios[0], "Insulin too")
    for n in (0, 2, 4):
        await helper.call(DEMANDS_TAKE, TakeDemand(demand=made[n].id))
    for n in (0, 1):
        await people[n % 3].call(DEMANDS_CLOSE, CloseDemand(demand=made[n].id))
    filters = itertools.product(
        ("", "insulin", "riverside insul"), (None, True, False), (None, scenarios[0].id), (None, people[0].user),
        (None, *DemandStatus), (None, True, False),
    )  # fmt: skip
    seen = 0
    for one in (*made, await world.demand(people[0], scenarios[1])):
        by_id: dict[str, Any] = {"id": one.id, "is_active": None}
        page = await moderator.call(DEMANDS_SEARCH, SearchDemands(**by_id))
        assert [line.id for line in page.items] == [one.id for line in made[::2] if line.id == one.id], (
            "their scenario's"
        )
        assert (await moderator.call(DEMANDS_COUNT, CountDemands(**by_id))).count == len(page.items)
        assert (await moderator.call(DEMANDS_COUNT, CountDemands(**by_id, query="bread"))).count == 0
    for query, mine, scenario, requester, status, is_active in filters:
        same: dict[str, Any] = {
            "query": query, "mine": mine, "scenario": scenario, "requester": requester, "status": status,
            "is_active": is_active,
        }  # fmt: skip
        if query and (scenario is not None or status is not None):
            continue
        lines: list[DemandLine] = []
        while True:
            page = await moderator.call(DEMANDS_SEARCH, SearchDemands(limit=2, offset=len(lines), **same))
            lines += page.items
            if not page.more:
                break
        assert (await moderator.call(DEMANDS_COUNT, CountDemands(**same))).count == len({line.id for line in lines})
        assert len({line.id for line in lines}) == len(lines)
        assert all(line.scenario == scenarios[0].id for line in lines)
        assert all((line.role is not None) == mine for line in lines if mine is not None)
        assert [line.submitted_at for line in lines] == sorted(line.submitted_at for line in lines)
        seen += len(lines)
    assert seen > 100
    for count in (None, False):
        with pytest.raises(Forbidden):
            await helper.call(DEMANDS_COUNT, CountDemands(mine=count))
    assert (await helper.call(DEMANDS_COUNT, CountDemands(mine=True, is_active=None))).count == 3
