"""Drafts are their writer's alone; a change is told, and what was said before is kept."""

import pytest

from contracts.demands import (
    CloseDemand,
    CountDemands,
    CreateDemand,
    DiscardDemand,
    GetDemand,
    NextDemand,
    SearchDemands,
    SubmitDemand,
    TakeDemand,
    UpdateDemand,
)
from contracts.failures import (
    AlreadyClosed,
    Forbidden,
    InvalidRequest,
    NotFound,
    TooManyOpen,
    VersionConflict,
    WrongStatus,
)
from contracts.kinds import DemandStatus, Urgency
from contracts.messages import SendMessage
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_COUNT,
    DEMANDS_CREATE,
    DEMANDS_DISCARD,
    DEMANDS_GET,
    DEMANDS_NEXT,
    DEMANDS_SEARCH,
    DEMANDS_SUBMIT,
    DEMANDS_TAKE,
    DEMANDS_UPDATE,
)
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.scenarios import SCENARIOS_RETIRE
from contracts.operations.users import USERS_ME
from contracts.scenarios import RetireScenario
from contracts.shapes import DemandId
from contracts.users import GetMe
from integration.api.town import receive, seated, words
from world import OPERATOR, Person, World

ROWS = """
    SELECT (SELECT count(*) FROM demands WHERE id = $1) + (SELECT count(*) FROM participants WHERE demand_id = $1)
      + (SELECT count(*) FROM conversations WHERE demand_id = $1) + (SELECT count(*) FROM demand_versions WHERE demand_id = $1)
"""


async def drafted(world: World, **more: object) -> tuple[Person, DemandId]:
    made, person = await world.scenario(), await world.person()
    request = CreateDemand(scenario=made.id, description="Insulin", draft=True, **more)  # type: ignore[arg-type]
    return person, (await person.call(DEMANDS_CREATE, request)).id


async def test_a_draft_is_seen_by_nobody_else_and_owed_to_nobody(world: World) -> None:
    person, demand = await drafted(world)
    scenario = (await person.call(DEMANDS_GET, GetDemand(demand=demand))).scenario
    admin = await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    helper, moderator = await world.person(), await world.person()
    for one, kind in ((helper, "provider"), (moderator, "moderator")):
        await world.ledger.execute(
            "INSERT INTO memberships (user_id, scenario_id, kind, state) VALUES ($1, $2, $3, 'live')",
            one.user,
            scenario,
            kind,
        )
    for one in (admin, helper, moderator):
        for operation, request in (
            (DEMANDS_GET, GetDemand(demand=demand)),
            (DEMANDS_SUBMIT, SubmitDemand(demand=demand)),
        ):
            with pytest.raises(NotFound):
                await one.call(operation, request)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await world.operator.call(DEMANDS_GET, GetDemand(demand=demand), actor=OPERATOR)
    for one in (admin, moderator):
        assert (await one.call(DEMANDS_SEARCH, SearchDemands(is_active=None))).items == []
        assert (await one.call(DEMANDS_COUNT, CountDemands(is_active=None))).count == 0
    with pytest.raises(NotFound):
        await helper.call(DEMANDS_TAKE, TakeDemand(demand=demand))
    assert type(await helper.call(DEMANDS_NEXT, NextDemand())).__name__ == "NothingWaiting"
    with pytest.raises(WrongStatus):
        await person.call(MESSAGES_SEND, SendMessage(demand=demand, text="Hello?"))
    for one in (admin, helper, moderator):
        with pytest.raises(NotFound):
            await one.call(MESSAGES_SEND, SendMessage(demand=demand, text="Hello?"))
    mine = await person.call(DEMANDS_SEARCH, SearchDemands(mine=True, is_active=None, status=DemandStatus.DRAFT))
    assert [line.id for line in mine.items] == [demand]
    assert (await person.call(USERS_ME, GetMe())).demands == []
    assert await receive(person) == []


async def test_a_submitted_draft_waits_like_any_other(world: World) -> None:
    person, demand = await drafted(world)
    scenario = (await person.call(DEMANDS_GET, GetDemand(demand=demand))).scenario
    other = await world.person()
    await other.call(DEMANDS_CREATE, CreateDemand(scenario=scenario, description="Bread"))
    made = await person.call(DEMANDS_SUBMIT, SubmitDemand(demand=demand))
    assert (made.status, made.ahead, made.similar) == ("waiting", 1, None)
    assert words(await receive(person)) == ["received"]
    with pytest.raises(WrongStatus) as refusal:
        await person.call(DEMANDS_SUBMIT, SubmitDemand(demand=demand))
    assert refusal.value.status_now == "waiting"
    await person.call(MESSAGES_SEND, SendMessage(demand=demand, text="Here"))
    with pytest.raises(WrongStatus):
        await person.call(DEMANDS_DISCARD, DiscardDemand(demand=demand))


async def test_a_discarded_draft_leaves_nothing(world: World) -> None:
    person, demand = await drafted(world)
    await person.call(DEMANDS_UPDATE, UpdateDemand(demand=demand, version=1, title="Soon"))
    await person.call(DEMANDS_DISCARD, DiscardDemand(demand=demand))
    assert await world.ledger.fetchval(ROWS, demand) == 0
    with pytest.raises(NotFound):
        await person.call(DEMANDS_GET, GetDemand(demand=demand))


async def test_drafts_count_among_what_is_open(world: World) -> None:
    person, _ = await drafted(world)
    made = await world.scenario()
    request = CreateDemand(scenario=made.id, description="x", draft=True)
    for _ in range(4):
        await person.call(DEMANDS_CREATE, request)
    for draft in (True, False):
        with pytest.raises(TooManyOpen):
            await person.call(DEMANDS_CREATE, CreateDemand(scenario=made.id, description="x", draft=draft))


async def test_a_draft_of_a_scenario_out_of_use_or_of_somebody_restricted_stays_one(world: World) -> None:
    person, demand = await drafted(world)
    scenario = (await person.call(DEMANDS_GET, GetDemand(demand=demand))).scenario
    await world.ledger.execute("UPDATE users SET restricted_until = 'infinity' WHERE id = $1", person.user)
    with pytest.raises(Forbidden):
        await person.call(DEMANDS_SUBMIT, SubmitDemand(demand=demand))
    with pytest.raises(Forbidden):
        await person.call(DEMANDS_CREATE, CreateDemand(scenario=scenario, description="More"))
    await world.ledger.execute("UPDATE users SET restricted_until = now() WHERE id = $1", person.user)
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=scenario), actor=OPERATOR)
    with pytest.raises(NotFound):
        await person.call(DEMANDS_SUBMIT, SubmitDemand(demand=demand))
    another = await world.scenario()
    await person.call(DEMANDS_UPDATE, UpdateDemand(demand=demand, version=1, scenario=another.id))
    assert (await person.call(DEMANDS_SUBMIT, SubmitDemand(demand=demand))).status == "waiting"


async def test_somebody_restricted_takes_nothing(world: World) -> None:
    scenario = await world.scenario()
    helper = await world.member(scenario)
    demand = await world.demand(await world.person(), scenario)
    await world.ledger.execute("UPDATE users SET restricted_until = 'infinity' WHERE id = $1", helper.user)
    for operation, request in ((DEMANDS_NEXT, NextDemand()), (DEMANDS_TAKE, TakeDemand(demand=demand.id))):
        with pytest.raises(Forbidden):
            await helper.call(operation, request)  # type: ignore[arg-type]


async def test_a_change_is_told_to_the_others_and_kept_as_it_was(world: World) -> None:
    at = await seated(world)
    for person in (at.requester, at.provider):
        await receive(person)
    change = UpdateDemand(demand=at.demand, version=2, description="Insulin, two pens", payload={"pens": 2})
    changed = await at.requester.call(DEMANDS_UPDATE, change)
    assert (changed.version, changed.description, changed.title, changed.payload) == (
        3,
        "Insulin, two pens",
        "",
        {"pens": 2},
    )
    assert await receive(at.requester) == []
    [told] = await receive(at.provider)
    assert (told.notice, told.data) == ("demand_updated", {"title": "", "description": "Insulin, two pens"})
    line = await world.ledger.fetchval("SELECT data::text FROM messages WHERE notice = 'demand_updated'")
    assert "pens" not in line, "the line outlives an erasure of the words"
    kept = await world.ledger.fetchrow("SELECT version, description, payload FROM demand_versions")
    assert (kept["version"], kept["description"], kept["payload"]) == (2, "Insulin", "{}")
    with pytest.raises(VersionConflict) as conflict:
        await at.requester.call(DEMANDS_UPDATE, change)
    assert conflict.value.version == 3


async def test_what_cannot_be_a_change_is_refused(world: World) -> None:
    at = await seated(world)
    with pytest.raises(InvalidRequest):
        await at.requester.call(DEMANDS_UPDATE, UpdateDemand(demand=at.demand, version=2))
    for field in ("title", "description", "payload", "scenario", "urgency"):
        body = f'{{"demand":"{at.demand}","version":2,"{field}":null}}'.encode()
        headers = {"Actor": at.requester.actor, "Idempotency-Key": field}
        answer = await world.connections["telegram"].request("api.v1.telegram.demands.update", body, 5, headers=headers)
        assert (answer.headers or {})["Nats-Service-Error-Code"] == "400", field
    with pytest.raises(Forbidden):
        await at.provider.call(DEMANDS_UPDATE, UpdateDemand(demand=at.demand, version=2, title="Mine"))
    another = await world.scenario()
    with pytest.raises(WrongStatus):
        await at.requester.call(DEMANDS_UPDATE, UpdateDemand(demand=at.demand, version=2, scenario=another.id))
    await world.ledger.execute("UPDATE demands SET urgency = 'critical' WHERE id = $1", at.demand)
    with pytest.raises(Forbidden):
        await at.requester.call(DEMANDS_UPDATE, UpdateDemand(demand=at.demand, version=2, urgency="normal"))
    await at.moderator.call(DEMANDS_UPDATE, UpdateDemand(demand=at.demand, version=2, urgency="urgent"))
    assert await world.ledger.fetchval("SELECT count(*) FROM audit WHERE operation = 'demands.update'") == 1
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    with pytest.raises(AlreadyClosed):
        await at.requester.call(DEMANDS_UPDATE, UpdateDemand(demand=at.demand, version=4, title="Late"))


async def test_a_waiting_demand_moves_to_another_scenario_with_its_age(world: World) -> None:
    one, two = await world.scenario(), await world.scenario()
    first, second = await world.person(), await world.person()
    old = await world.demand(first, one)
    young = await world.demand(second, two)
    moved = await first.call(DEMANDS_UPDATE, UpdateDemand(demand=old.id, version=1, scenario=two.id, urgency="urgent"))
    assert (moved.scenario, moved.urgency) == (two.id, Urgency.URGENT)
    helper = await world.member(two)
    taken = await helper.call(DEMANDS_NEXT, NextDemand())
    assert taken.id == old.id  # type: ignore[union-attr]
    assert young.id != old.id


@pytest.mark.parametrize(
    ("before", "after", "alike"),
    [
        ("Insulin for my mother", "insulin for Mother, please", True), ("Insulin", "Bread and milk", False),
        ("Нужна ёлка", "елка нужна", True), ("💉", "💉", True), ("💉", "🍞", False), ("da", "da net", False),
    ],
)  # fmt: skip
async def test_a_similar_open_demand_is_pointed_out_and_no_obstacle(
    world: World, before: str, after: str, *, alike: bool
) -> None:
    scenario, elsewhere = await world.scenario(), await world.scenario()
    person, other = await world.person(), await world.person()
    await world.demand(other, scenario, after)
    await world.demand(person, elsewhere, after)
    first = await world.demand(person, scenario, before)
    assert first.similar is None
    again = await world.demand(person, scenario, after)
    assert (None if again.similar is None else again.similar.id) == (first.id if alike else None)
