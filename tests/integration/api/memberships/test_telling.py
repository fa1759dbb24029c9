"""Whoever is let into several scenarios in one breath hears of them in one message."""

import asyncio
from typing import Any

from contracts.deliveries import Delivery
from contracts.kinds import DeliveryKind, SendOutcome
from contracts.memberships import ApplyMembership, ApproveMembership
from contracts.operations.scenarios import MEMBERSHIPS_APPLY, MEMBERSHIPS_APPROVE
from contracts.scenarios import Scenario
from integration.api.town import begin, receive, seated, settle, words
from world import World


def named(delivery: Delivery) -> list[str]:
    """The kinds of help a message names."""
    more: list[dict[str, Any]] = delivery.data["more"]
    return [delivery.data["resource"], *(one["resource"] for one in more)]


def resources(scenarios: list[Scenario]) -> list[str]:
    return [scenario.resource for scenario in scenarios]


async def test_six_assignments_become_one_message(world: World) -> None:
    person = await world.person()
    scenarios = [await world.scenario() for _ in range(6)]
    for scenario in scenarios:
        await world.assign(person, scenario)
    [told] = await receive(person)
    assert named(told) == resources(scenarios)


async def test_assignments_of_one_instant_are_all_named(world: World) -> None:
    person = await world.person()
    scenarios = [await world.scenario() for _ in range(6)]
    await asyncio.gather(*(world.assign(person, scenario) for scenario in scenarios))
    [told] = await receive(person)
    assert sorted(named(told)) == sorted(resources(scenarios))


async def test_what_comes_while_the_message_is_on_its_way_is_written_into_it(world: World) -> None:
    person = await world.person()
    scenarios = [await world.scenario() for _ in range(4)]
    await world.assign(person, scenarios[0])
    first = await begin(person)
    assert first is not None
    for scenario in scenarios[1:]:
        await world.assign(person, scenario)
    await settle(world, first, parts=["5"])
    [rest] = await receive(person)
    assert rest.kind == DeliveryKind.CARD
    assert [target.channel_message_id for target in rest.targets] == ["5"]
    assert named(rest) == resources(scenarios)


async def test_what_never_arrived_is_said_anew_and_later_news_is_news(world: World) -> None:
    person = await world.person()
    scenarios = [await world.scenario() for _ in range(3)]
    await world.assign(person, scenarios[0])
    first = await begin(person)
    assert first is not None
    await world.assign(person, scenarios[1])
    await settle(world, first, SendOutcome.REFUSED)
    [anew] = await receive(person)
    assert anew.targets == []
    assert named(anew) == resources(scenarios[:2])
    await world.ledger.execute(
        "UPDATE deliveries SET settled_at = settled_at - interval '31 s' WHERE settled_at IS NOT NULL"
    )
    await world.assign(person, scenarios[2])
    [later] = await receive(person)
    assert (later.kind, named(later)) == (DeliveryKind.SEND, [scenarios[2].resource])


async def test_nothing_is_said_before_what_was_owed_in_between(world: World) -> None:
    at = await seated(world)
    await world.assign(at.provider, await world.scenario())
    assert words(await receive(at.provider)) == ["membership_changed", "you_took_it", "membership_changed"]


async def test_approvals_join_and_a_coordinator_is_told_apart(world: World) -> None:
    person = await world.person()
    scenarios = [await world.scenario() for _ in range(2)]
    moderator = await world.person("Moderator")
    for scenario in scenarios:
        await world.assign(moderator, scenario, "moderator")
    [both] = await receive(moderator)
    assert named(both) == resources(scenarios)
    for scenario in scenarios:
        await person.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))
    for scenario in scenarios:
        await moderator.call(MEMBERSHIPS_APPROVE, ApproveMembership(user=person.user, scenario=scenario.id))
    await world.assign(person, scenarios[0], "moderator")
    approved, named_moderator = await receive(person)
    assert (approved.notice, named(approved)) == ("membership_approved", resources(scenarios))
    assert (named_moderator.data["kind"], named(named_moderator)) == ("moderator", [scenarios[0].resource])
