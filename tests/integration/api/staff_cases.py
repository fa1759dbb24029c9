"""More cases of operations that keep their answer, those of staff and of one's own data; and staff's way to each."""

from collections.abc import Awaitable, Callable

from contracts.demand_life import ReopenDemand
from contracts.demands import CloseDemand, UpdateDemand
from contracts.kinds import MembershipKind
from contracts.memberships import ApplyMembership, RejectMembership, UnassignMembership, UpdateMembership
from contracts.operations.demands import DEMANDS_CLOSE
from contracts.operations.scenarios import MEMBERSHIPS_APPLY
from contracts.operations.users import USERS_BAN, USERS_RESTRICT
from contracts.own_data import HideHistory
from contracts.people import BanUser, RestrictUser, SetAdmin, SetCapacity, UnbanUser, UnrestrictUser
from integration.api.case import Case, by, by_operator
from integration.api.town import receive, seated
from world import OPERATOR, World


async def hiding(world: World) -> Case:
    at = await seated(world)
    await receive(at.requester)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    # There is no other way to ask it; what makes another request of it is told by the key alone.
    return by(at.requester, "users.hide_history", HideHistory(), None)


async def banning(world: World) -> Case:
    at = await seated(world)
    request, other = (BanUser(user=at.provider.user, reason=reason) for reason in ("threats", "insults"))
    return by_operator(world, "users.ban", request, other)


async def letting_in_again(world: World) -> Case:
    person = await world.person()
    await world.operator.call(USERS_BAN, BanUser(user=person.user, reason="threats"), actor=OPERATOR)
    request, other = (UnbanUser(user=person.user, reason=reason) for reason in ("a mistake", "asked"))
    return by_operator(world, "users.unban", request, other)


async def restricting(world: World) -> Case:
    person = await world.person()
    request, other = (RestrictUser(user=person.user, reason=reason) for reason in ("too many", "no-shows"))
    return by_operator(world, "users.restrict", request, other)


async def lifting(world: World) -> Case:
    person = await world.person()
    await world.operator.call(USERS_RESTRICT, RestrictUser(user=person.user, reason="x"), actor=OPERATOR)
    request, other = (UnrestrictUser(user=person.user, reason=reason) for reason in ("better", "asked"))
    return by_operator(world, "users.unrestrict", request, other)


async def promoting(world: World) -> Case:
    person = await world.person()
    request, other = (SetAdmin(user=person.user, is_admin=is_admin) for is_admin in (True, False))
    return by_operator(world, "users.set_admin", request, other)


async def giving_room(world: World) -> Case:
    person = await world.person()
    request, other = (SetCapacity(user=person.user, capacity=capacity) for capacity in (3, 4))
    return by_operator(world, "users.set_capacity", request, other)


async def rejecting(world: World) -> Case:
    made, person = await world.scenario(), await world.person()
    moderator = await world.member(made, "moderator")
    await person.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=made.id))
    request, other = (RejectMembership(user=person.user, scenario=made.id, reason=reason) for reason in ("far", "full"))
    return by(moderator, "memberships.reject", request, other)


async def unassigning(world: World) -> Case:
    at = await seated(world)
    request, other = (
        UnassignMembership(user=at.provider.user, scenario=at.scenario.id, kind=kind)
        for kind in (MembershipKind.PROVIDER, MembershipKind.MODERATOR)
    )
    return by(at.moderator, "memberships.unassign", request, other)


async def pausing(world: World) -> Case:
    at = await seated(world)
    request, other = (
        UpdateMembership(user=at.provider.user, scenario=at.scenario.id, routing_factor=factor) for factor in (2, 3)
    )
    return by(at.moderator, "memberships.update", request, other)


async def closing_for_others(world: World) -> Case:
    at = await seated(world)
    return by(at.moderator, "demands.close", CloseDemand(demand=at.demand, reason="moderated"), None)


async def changing_for_others(world: World) -> Case:
    at = await seated(world)
    return by(at.moderator, "demands.update", UpdateDemand(demand=at.demand, version=2, title="New"), None)


async def taking_up_again_for_others(world: World) -> Case:
    at = await seated(world)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    return by(at.moderator, "demands.reopen", ReopenDemand(demand=at.demand), None)


MORE: dict[str, Callable[[World], Awaitable[Case]]] = {
    "users.hide_history": hiding,
    "users.ban": banning,
    "users.unban": letting_in_again,
    "users.restrict": restricting,
    "users.unrestrict": lifting,
    "users.set_admin": promoting,
    "users.set_capacity": giving_room,
    "memberships.reject": rejecting,
    "memberships.unassign": unassigning,
    "memberships.update": pausing,
}

# Where the usual case is that of somebody who does it for themselves.
AS_STAFF: dict[str, Callable[[World], Awaitable[Case]]] = {
    "demands.close": closing_for_others,
    "demands.update": changing_for_others,
    "demands.reopen": taking_up_again_for_others,
}
