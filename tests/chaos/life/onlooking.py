"""What somebody who looks in must see, and all of it: through the api, compared with the model."""

from typing import Any

from chaos.api.crowd import outcome
from chaos.life import talking
from chaos.life.model import Model
from contracts import wire
from contracts.deliveries import Delivery
from contracts.demands import CountDemands, SearchDemands
from contracts.failures import Banned
from contracts.kinds import Order
from contracts.messages import SearchMessages
from contracts.operations.demands import DEMANDS_COUNT, DEMANDS_SEARCH, PARTICIPANTS_LIST
from contracts.operations.messages import MESSAGES_SEARCH
from contracts.operations.scenarios import SCENARIOS_COUNT, SCENARIOS_SEARCH
from contracts.participants import ListParticipants
from contracts.scenarios import CountScenarios, SearchScenarios
from contracts.shapes import DemandId, ScenarioId
from world import Person

PHONE = "+99555522233"  # and the person's number


async def look_around(
    town: Model, who: int, person: Person, scenarios: list[ScenarioId], demands: list[DemandId]
) -> None:
    """Somebody lists demands and scenarios: each once on all pages together, and as many as are counted (I20, I21)."""
    if who in town.banned:
        search: Any
        for operation, search in ((DEMANDS_SEARCH, SearchDemands(mine=True)), (SCENARIOS_SEARCH, SearchScenarios())):
            assert isinstance(await outcome(person.call(operation, search)), Banned), f"I16 {operation.name}"
        return
    filters = [(True, [d for d in town.in_order() if who in town.demands[d].seats])]
    if any((who, scenario) in town.moderators for scenario in range(town.scenarios)):
        theirs = [d for d in town.in_order() if town.is_staff(who, town.demands[d]) and town.demands[d].submitted]
        filters += [(None, theirs), (False, [d for d in theirs if who not in town.demands[d].seats])]
    for mine, expected in filters:
        seen: list[DemandId] = []
        more = True
        while more:
            asked = SearchDemands(mine=mine, is_active=None, limit=3, offset=len(seen))
            page = await person.call(DEMANDS_SEARCH, asked)
            seen += [line.id for line in page.items]
            more = page.more
        assert seen == [demands[number] for number in expected], "I20 pages"
        counted = await person.call(DEMANDS_COUNT, CountDemands(mine=mine, is_active=None))
        assert counted.count == len(seen), "I20 count"
    found = await person.call(SCENARIOS_SEARCH, SearchScenarios())
    assert {line.id for line in found.items} == {scenarios[number] for number in town.in_use}, "I21"
    assert (await person.call(SCENARIOS_COUNT, CountScenarios())).count == len(found.items), "I20 scenarios"


async def look_into(town: Model, who: int, person: Person, number: int, demand: DemandId) -> None:
    """Somebody reads a demand: those who may all of it, each line once, both ways; others nothing (I9, I13, I14, I17)."""
    expected = talking.read(town, who, number)
    lines = talking.visible_to(town, who, number)
    if expected != "MessagePage":
        for operation, request in (
            (MESSAGES_SEARCH, SearchMessages(demand=demand)), (PARTICIPANTS_LIST, ListParticipants(demand=demand)),
        ):  # fmt: skip
            refused = await outcome(person.call(operation, request))  # type: ignore[arg-type]
            assert type(refused).__name__ == expected, f"I13 {operation.name}: {refused} instead of {expected}"
        return
    assert await _paged(person, demand, Order.OLDEST_FIRST, 1 + len(lines) // 3) == lines, "I9 forwards"
    assert await _paged(person, demand, Order.NEWEST_FIRST, 1 + len(lines) // 2) == lines[::-1], "I9 backwards"
    present = await person.call(PARTICIPANTS_LIST, ListParticipants(demand=demand))
    seats = town.demands[number].seats
    assert sorted(each.role for each in present.items if each.left_at is None) == sorted(seats.values()), "I13 seats"
    if not town.is_staff(who, town.demands[number]):
        assert all(each.user is None and each.left_at is None for each in present.items), "I14 what is for staff"
    nothing_leaks(town, who, present)


async def _paged(person: Person, demand: DemandId, order: Order, limit: int) -> list[str]:
    seen: list[Any] = []
    more = True
    while more:
        cursor = {} if not seen else {"after" if order is Order.OLDEST_FIRST else "before": seen[-1].id}
        asked = SearchMessages(demand=demand, order=order, limit=limit, **cursor)
        page = await person.call(MESSAGES_SEARCH, asked)
        assert page.items or not page.more, "I9 a page that promises more has something to go on from"
        seen += page.items
        more = page.more
    return [line.notice or line.text for line in seen]


def nothing_leaks(town: Model, who: int, answer: Any) -> None:
    """No phone is in an answer to somebody else whose owner has not shared it (I17)."""
    told = wire.encode(answer).decode() if hasattr(answer, "__struct_fields__") else str(answer)
    for owner in town.has_phone - {who}:
        shared = any(owner in demand.shared for demand in town.demands)
        assert shared or f"{PHONE}{owner}" not in told, f"I17 {owner}'s phone shown to {who}: {type(answer).__name__}"


def done_by(delivery: Delivery) -> str:
    """What a delivery has a chat do, in the model's words."""
    if delivery.kind == "react":
        return f"react {delivery.emoji}"
    says = delivery.notice or delivery.text
    return says if delivery.kind in {"send", "card"} else f"{delivery.kind} {says}"


async def look(
    town: Model, step: int, people: list[Person], scenarios: list[ScenarioId], demands: list[DemandId]
) -> None:
    """After each step somebody else looks, in turn around and into some demand."""
    who = step // 2 % len(people)
    there = town.there()
    if step % 2 and there:
        number = there[step // (2 * len(people)) % len(there)]
        await look_into(town, who, people[who], number, demands[number])
    else:
        await look_around(town, who, people[who], scenarios, demands)
