"""Memberships: a user's standing in a scenario."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from contracts.chats import GroupAddress
from contracts.kinds import MembershipKind, MembershipState
from contracts.shapes import DemandId, Limit, Moment, Offset, Reason, Reply, Request, RoutingFactor, ScenarioId, UserId


class Membership(Reply):
    """What a user is in a scenario, with the scenario's own words for showing it."""

    user: UserId
    scenario: ScenarioId
    place: str
    resource: str
    kind: MembershipKind
    state: MembershipState
    routing_factor: float
    paused_until: datetime | None


class AssignMembership(Request):
    """Make a user a provider or moderator of a scenario."""

    user: UserId
    scenario: ScenarioId
    kind: MembershipKind
    routing_factor: RoutingFactor = 1.0


class ApplyMembership(Request):
    """Ask to become a provider of a scenario.

    Or become one: of the scenario of this demand, by its card in a staff chat that makes providers of its members. That
    the person is in this chat is the channel's word.
    """

    scenario: ScenarioId | None = None
    demand: DemandId | None = None
    chat: GroupAddress | None = None


class ApproveMembership(Request):
    """Say yes to somebody who applied."""

    user: UserId
    scenario: ScenarioId


class ListMemberships(Request):
    """The actor's own memberships; or, for its staff, those of a scenario."""

    scenario: ScenarioId | None = None
    kind: MembershipKind | None = None
    state: MembershipState | None = None
    limit: Limit = 20
    offset: Offset = 0


class MembershipPage(Reply):
    """Memberships, the oldest first; `more` says that another page follows."""

    items: list[Membership]
    more: bool


class RejectMembership(Request):
    """Say no to somebody who applied."""

    user: UserId
    scenario: ScenarioId
    reason: Reason = ""


class UnassignMembership(Request):
    """End a membership: the actor's own, or that of the user named here. What they hold there goes back to the queue."""

    scenario: ScenarioId
    kind: MembershipKind
    user: UserId | None = None


class UpdateMembership(Request):
    """Change what is named here: anybody pauses themselves, staff also others and how often they are chosen."""

    scenario: ScenarioId
    kind: MembershipKind = MembershipKind.PROVIDER
    user: UserId | None = None
    routing_factor: RoutingFactor | UnsetType = UNSET
    paused_until: Moment | UnsetType | None = UNSET
