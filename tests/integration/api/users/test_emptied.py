"""A user who became another is nobody any more: no decision of staff lands on the emptied one and misses the person."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.demand_life import AssignDemand
from contracts.failures import NotFound
from contracts.kinds import MembershipKind
from contracts.memberships import AssignMembership
from contracts.operations import Operation
from contracts.operations.demands import DEMANDS_ASSIGN
from contracts.operations.scenarios import MEMBERSHIPS_ASSIGN
from contracts.operations.users import USERS_BAN, USERS_GET, USERS_RESTRICT, USERS_SET_ADMIN, USERS_SET_CAPACITY
from contracts.people import BanUser, GetUser, RestrictUser, SetAdmin, SetCapacity
from contracts.shapes import UserId
from integration.api.town import receive, seated, words
from world import OPERATOR, World

DECISIONS: tuple[tuple[Operation[Any, Any], Callable[[UserId], Any]], ...] = (
    (USERS_GET, lambda user: GetUser(user=user)),
    (USERS_BAN, lambda user: BanUser(user=user, reason="threats")),
    (USERS_RESTRICT, lambda user: RestrictUser(user=user, until=datetime.now(UTC) + timedelta(days=1), reason="x")),
    (USERS_SET_ADMIN, lambda user: SetAdmin(user=user, is_admin=True)),
    (USERS_SET_CAPACITY, lambda user: SetCapacity(user=user, capacity=3)),
)


async def test_nothing_is_given_to_an_emptied_user_and_nothing_decided_about_it(world: World) -> None:
    at = await seated(world)
    gone, kept = await world.person(), await world.person()
    async with world.ledger.acquire() as connection:
        await connection.execute("SELECT users_merge_v1($1, $2)", gone.user, kept.user)
    for kind in MembershipKind:
        request = AssignMembership(user=gone.user, scenario=at.scenario.id, kind=kind)
        with pytest.raises(NotFound):
            await world.operator.call(MEMBERSHIPS_ASSIGN, request, actor=OPERATOR)
    # As an earlier release let it be.
    row = "INSERT INTO memberships (user_id, scenario_id, kind, state) VALUES ($1, $2, 'provider', 'live')"
    await world.ledger.execute(row, gone.user, at.scenario.id)
    with pytest.raises(NotFound):
        await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=gone.user))
    for operation, request_of in DECISIONS:
        with pytest.raises(NotFound):
            await world.operator.call(operation, request_of(gone.user), actor=OPERATOR)
    await world.assign(kept, at.scenario)
    await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand, user=kept.user))
    assert "you_took_it" in words(await receive(kept))
