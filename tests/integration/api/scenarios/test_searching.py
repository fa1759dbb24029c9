"""Searching finds what people mean, by the beginnings of words, and counts what it pages."""

from typing import Any
from uuid import uuid4

import pytest

from contracts.demands import CloseDemand, SearchDemands
from contracts.failures import (
    AlreadyExists,
    Forbidden,
    InvalidRequest,
    NotFound,
    VersionConflict,
)
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_SEARCH
from contracts.operations.scenarios import (
    SCENARIOS_COUNT,
    SCENARIOS_CREATE,
    SCENARIOS_GET,
    SCENARIOS_RESTORE,
    SCENARIOS_RETIRE,
    SCENARIOS_SEARCH,
    SCENARIOS_UPDATE,
)
from contracts.scenarios import (
    CountScenarios,
    CreateScenario,
    GetScenario,
    RestoreScenario,
    RetireScenario,
    Scenario,
    SearchScenarios,
    UpdateScenario,
)
from contracts.shapes import ScenarioId
from integration.api.town import seated
from world import OPERATOR, World

KNOWN = {
    "med": ("Тбилиси, Сабуртало", "Лекарства", "инсулин и ёлки"),
    "bread": ("Tbilisi", "Bread 100%", "daily bread_and_butter"),
    "school": ("თბილისი", "სკოლა", ""),
    "greek": ("ΑΘΉΝΑ", "Φάρμακα", "straße"),
    "it": ("Rome", "IT", "help with it"),
}
FOUND = [
    ("", set(KNOWN)),
    ("   ", set(KNOWN)),
    ("лекарст", {"med"}),
    ("ЛЕКАРСТВА сабур", {"med"}),
    ("елки", {"med"}),
    ("ЁЛКИ", {"med"}),
    ("карства", set()),
    ("лекарства tbilisi", set()),
    ("tbil", {"bread"}),
    ("თბილ", {"school"}),
    ("αθήνα", {"greek"}),
    ("STRASSE", {"greek"}),
    ("it", {"it"}),
    ("IT", {"it"}),
    ("xx bread", {"bread"}),
    ("bread_and", {"bread"}),
    ("100%", {"bread"}),
    ("%", set()),
    ("_", set()),
    ("'", set()),
    ("💉", set()),
    ("bread & | ! ( ) : * <-> '", {"bread"}),
    ("b%y", set()),
    ("\\", set()),
]


async def test_words_are_found_as_people_write_them(world: World) -> None:
    made = {
        (await world.scenario(place, resource, description=description)).id: name
        for name, (place, resource, description) in KNOWN.items()
    }
    for query, expected in FOUND:
        page = await world.operator.call(SCENARIOS_SEARCH, SearchScenarios(query=query), actor=OPERATOR)
        assert {made[one.id] for one in page.items} == expected, query
        counted = await world.operator.call(SCENARIOS_COUNT, CountScenarios(query=query), actor=OPERATOR)
        assert counted.count == len(expected), query


async def test_pages_hold_each_scenario_once_and_as_many_as_counted(world: World) -> None:
    person = await world.person()
    for number in range(23):
        await world.scenario(f"Town {number % 3}", f"Kind {number:02}")
    seen: list[Scenario] = []
    more = True
    while more:
        page = await person.call(SCENARIOS_SEARCH, SearchScenarios(query="town", limit=5, offset=len(seen)))
        seen += page.items
        more = page.more
    assert len(seen) == len({one.id for one in seen}) == 23
    assert seen == sorted(seen, key=lambda one: (one.place, one.resource))
    assert (await person.call(SCENARIOS_COUNT, CountScenarios(query="town"))).count == 23
    assert (await person.call(SCENARIOS_COUNT, CountScenarios(place="TOWN  1"))).count == 8


async def test_a_scenario_is_found_by_its_place_its_resource_and_its_id_also_out_of_use(world: World) -> None:
    bread = await world.scenario("Tbilisi", "Bread")
    milk = await world.scenario("Tbilisi", "Milk")
    elsewhere = await world.scenario("Batumi", "Bread")

    async def named(**by: Any) -> list[ScenarioId]:
        page = await world.operator.call(SCENARIOS_SEARCH, SearchScenarios(**by), actor=OPERATOR)
        counted = await world.operator.call(SCENARIOS_COUNT, CountScenarios(**by), actor=OPERATOR)
        assert counted.count == len(page.items), by
        return [one.id for one in page.items]

    assert await named(resource="BREAD!") == [elsewhere.id, bread.id]
    assert await named(resource="Brea") == []
    assert await named(place="tbilisi", resource="milk") == [milk.id]
    assert await named(id=milk.id) == [milk.id]
    assert await named(id=milk.id, resource="bread") == []
    assert await named(id=uuid4()) == []
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=milk.id), actor=OPERATOR)
    assert await named(id=milk.id) == []
    assert await named(id=milk.id, retired=True) == [milk.id]


async def test_a_name_is_unique_among_those_in_use(world: World) -> None:
    first = await world.scenario("Riverside", "Ёлка")
    for place, resource in (("riverside", "елка"), (" RIVERSIDE! ", "«Ёлка»")):
        with pytest.raises(AlreadyExists):
            await world.scenario(place, resource)
    second = await world.scenario("Riverside", "Tree")
    clash = UpdateScenario(id=second.id, version=1, resource="ЁЛКА")
    with pytest.raises(AlreadyExists):
        await world.operator.call(SCENARIOS_UPDATE, clash, actor=OPERATOR)
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=first.id), actor=OPERATOR)
    anew = await world.scenario("Riverside", "Ёлка")
    with pytest.raises(AlreadyExists):
        await world.operator.call(SCENARIOS_RESTORE, RestoreScenario(id=first.id), actor=OPERATOR)
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=anew.id), actor=OPERATOR)
    restored = await world.operator.call(SCENARIOS_RESTORE, RestoreScenario(id=first.id), actor=OPERATOR)
    assert not restored.retired
    assert (restored.id, restored.version) == (first.id, 3)


async def test_retired_twice_or_changed_or_unknown_is_not_found(world: World) -> None:
    made = await world.scenario("Riverside", "Bread")
    retired = await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=made.id), actor=OPERATOR)
    assert retired.retired
    assert (await world.operator.call(SCENARIOS_GET, GetScenario(id=made.id), actor=OPERATOR)).retired
    unknown = uuid4()
    for id_ in (made.id, unknown):
        with pytest.raises(NotFound):
            await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=id_), actor=OPERATOR)  # type: ignore[arg-type]
        update = UpdateScenario(id=id_, version=2, description="x")  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await world.operator.call(SCENARIOS_UPDATE, update, actor=OPERATOR)
    with pytest.raises(NotFound):
        await world.operator.call(SCENARIOS_GET, GetScenario(id=unknown), actor=OPERATOR)  # type: ignore[arg-type]
    page = await world.operator.call(SCENARIOS_SEARCH, SearchScenarios(), actor=OPERATOR)
    gone = await world.operator.call(SCENARIOS_SEARCH, SearchScenarios(retired=True), actor=OPERATOR)
    assert ([one.id for one in page.items], [one.id for one in gone.items]) == ([], [made.id])


async def test_an_update_changes_what_it_names_and_nothing_else(world: World) -> None:
    made = await world.scenario("Riverside", "Bread", description="Old", payload={"a": {"b": 1}})
    change = UpdateScenario(id=made.id, version=1, payload={"c": 2})
    changed = await world.operator.call(SCENARIOS_UPDATE, change, actor=OPERATOR)
    assert (changed.payload, changed.description, changed.version) == ({"c": 2}, "Old", 2)
    with pytest.raises(VersionConflict) as conflict:
        await world.operator.call(SCENARIOS_UPDATE, change, actor=OPERATOR)
    assert conflict.value.version == 2
    with pytest.raises(InvalidRequest):
        await world.operator.call(SCENARIOS_UPDATE, UpdateScenario(id=made.id, version=2), actor=OPERATOR)
    emptied = await world.operator.call(
        SCENARIOS_UPDATE, UpdateScenario(id=made.id, version=2, description=""), actor=OPERATOR
    )
    assert emptied.description == ""
    for place, resource in (("💉", "Bread"), ("Riverside", "—")):
        with pytest.raises(InvalidRequest):
            await world.operator.call(SCENARIOS_CREATE, CreateScenario(place=place, resource=resource), actor=OPERATOR)


async def test_demands_are_found_by_those_who_answer_for_them(world: World) -> None:
    at = await seated(world)
    elsewhere = await seated(world)
    needle = await world.demand(at.requester, at.scenario, "Нужна Ёлка, срочно", title="100%")
    staff = SearchDemands(query="елк")
    assert [one.id for one in (await at.moderator.call(DEMANDS_SEARCH, staff)).items] == [needle.id]
    assert (await elsewhere.moderator.call(DEMANDS_SEARCH, staff)).items == []
    mine = await at.requester.call(DEMANDS_SEARCH, SearchDemands(mine=True))
    assert [(one.id, one.role) for one in mine.items] == [(at.demand, "requester"), (needle.id, "requester")]
    numbered = SearchDemands(mine=True, query=at.number.lower())
    assert [one.id for one in (await at.requester.call(DEMANDS_SEARCH, numbered)).items] == [at.demand]
    assert (await at.requester.call(DEMANDS_SEARCH, SearchDemands(mine=True, query="%"))).items == []
    for mine_ in (None, False):
        with pytest.raises(Forbidden):
            await at.provider.call(DEMANDS_SEARCH, SearchDemands(mine=mine_))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=needle.id))
    active = await at.requester.call(DEMANDS_SEARCH, SearchDemands(mine=True))
    every = await at.requester.call(DEMANDS_SEARCH, SearchDemands(mine=True, is_active=None))
    assert [len(active.items), len(every.items)] == [1, 2]
    everything = await world.operator.call(DEMANDS_SEARCH, SearchDemands(is_active=None), actor=OPERATOR)
    assert len(everything.items) == 3
    others = await at.moderator.call(DEMANDS_SEARCH, SearchDemands(mine=False, requester=at.requester.user))
    assert [one.id for one in others.items] == [at.demand]
