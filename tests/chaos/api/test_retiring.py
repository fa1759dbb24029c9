"""Asking for help, or to help, in the instant a kind of help goes out of use."""

import asyncio

import pytest

from chaos.api.crowd import outcome
from chaos.api.test_sends import blocked, held_still
from contracts.demands import CreateDemand
from contracts.failures import NotFound
from contracts.memberships import ApplyMembership
from contracts.operations.demands import DEMANDS_CREATE
from contracts.operations.scenarios import MEMBERSHIPS_APPLY
from world import World

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("patient_locks")]

RETIRE = "UPDATE scenarios SET retired_at = now() WHERE id = $1"


async def test_nothing_begins_in_a_scenario_that_is_just_being_retired(world: World) -> None:
    scenario, person = await world.scenario(), await world.person()
    async with asyncio.TaskGroup() as group, held_still(world, RETIRE, scenario.id):
        asked = group.create_task(
            outcome(person.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="x")))
        )
        applied = group.create_task(outcome(person.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))))
        await blocked(world, 2)
    assert asked.result() == NotFound()
    assert applied.result() == NotFound()
    assert await world.ledger.fetchval("SELECT count(*) FROM demands") == 0
