"""People before demands, also where a demand changes hands between looking and locking."""

import asyncio

import asyncpg
import pytest

from chaos.api.test_sends import blocked, held_still
from contracts.demand_life import SetUrgency
from contracts.kinds import Decision, ReportStatus, Urgency
from contracts.operations.demands import DEMANDS_REPORT, DEMANDS_SET_URGENCY, REPORTS_RESOLVE
from contracts.reports import ReportDemand, ResolveReport
from integration.api.town import seated
from world import OPERATOR, World, until

pytestmark = [pytest.mark.chaos, pytest.mark.usefixtures("patient_locks")]

# Without its triggers, which would lock both people's rows.
HANDED_ON = "UPDATE demands SET provider_id = $2 WHERE id = $1"


async def test_nobody_is_kept_locked_while_the_present_holder_is_waited_for(world: World) -> None:
    at = await seated(world)
    other = await world.member(at.scenario)
    async with (
        asyncio.TaskGroup() as group,
        held_still(world, "SELECT FROM users WHERE id = $1 FOR UPDATE", other.user),
    ):
        async with world.ledger.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(HANDED_ON, at.demand, other.user)
            request = SetUrgency(demand=at.demand, urgency=Urgency.URGENT)
            group.create_task(world.operator.call(DEMANDS_SET_URGENCY, request, actor=OPERATOR))
            await blocked(world, 1)  # at the demand, with the former holder's row
        # While it waits for the present holder; when it gives up waiting, later, everything is free in any case.
        await until(lambda: free(world, at.provider.user), within=1.5)


async def test_a_report_is_decided_about_after_whatever_is_being_done_to_its_demand(world: World) -> None:
    at = await seated(world)
    made = await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="He wants money"))
    resolve = ResolveReport(report=made.id, decision=Decision.ACTED)
    busy = "SELECT FROM demands WHERE id = $1 FOR NO KEY UPDATE"
    async with asyncio.TaskGroup() as group, held_still(world, busy, at.demand):
        resolved = group.create_task(at.moderator.call(REPORTS_RESOLVE, resolve))
        await blocked(world, 1)
        # Who waits for the demand does not keep the report from whoever has the demand.
        await world.ledger.execute("SELECT FROM reports WHERE id = $1 FOR UPDATE NOWAIT", made.id)
    assert resolved.result().status is ReportStatus.RESOLVED


async def free(world: World, user: object) -> bool:
    try:
        await world.ledger.execute("SELECT FROM users WHERE id = $1 FOR UPDATE NOWAIT", user)
    except asyncpg.LockNotAvailableError:
        return False
    return True
