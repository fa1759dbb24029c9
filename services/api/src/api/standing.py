"""What the actor is to a demand, and whether that lets them do what they ask."""

import msgspec
from sqlalchemy import text

from api.actors import Operator
from api.call import Call
from api.rights import SEEING, Relation
from contracts.failures import Forbidden, NotFound
from contracts.kinds import DemandStatus
from contracts.shapes import DemandId, ScenarioId, UserId

STANDING = text("SELECT demand_standing_v1(CAST(:me AS uuid), :demand)")


class Standing(msgspec.Struct, frozen=True):
    """What the actor is to a demand, and how the demand stands, read in this transaction."""

    status: DemandStatus
    scenario: ScenarioId
    requester: UserId
    provider: UserId | None
    relations: frozenset[Relation]

    @property
    def is_staff(self) -> bool:
        """Whether the actor is an admin, an operator or a moderator of the scenario."""
        return not self.relations.isdisjoint({Relation.ADMIN, Relation.OPERATOR, Relation.MODERATOR})


async def standing_in(call: Call, demand: DemandId) -> Standing:
    """What the actor is to the demand; `NotFound` for whoever may not know of it, unless they could take it."""
    standing = await call.one(STANDING, Standing, me=call.user.id if call.user else None, demand=demand)
    if standing is None:
        raise NotFound
    if isinstance(call.actor, Operator) and standing.status is not DemandStatus.DRAFT:
        standing = msgspec.structs.replace(standing, relations=standing.relations | {Relation.OPERATOR})
    if standing.relations.isdisjoint(SEEING | {Relation.MEMBER}):
        raise NotFound
    return standing


async def require_right(call: Call, demand: DemandId) -> Standing:
    """The actor's standing, once the table of rights lets them do what they ask; call it after the locks.

    `NotFound` for whoever may not know of the demand, `Forbidden` for whoever may not do this to it, `AlreadyClosed` or
    `WrongStatus` where its status is in the way.
    """
    standing = await standing_in(call, demand)
    permit(call, standing)
    return standing


def permit(call: Call, standing: Standing, *also: Relation) -> None:
    """Go on where the table lets somebody of this standing, who is `also` this to something inside the demand."""
    try:
        call.require(standing.relations.union(also), standing.status)
    except Forbidden:
        if standing.relations.isdisjoint(SEEING):
            raise NotFound from None
        raise
