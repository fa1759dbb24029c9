"""Rows about scenarios, memberships and staff chats."""

from contracts.chats import BindChat, ListChats, MigrateChat, StaffChat, StaffChatPage, UnbindChat
from contracts.failures import AlreadyExists, NotFound, VersionConflict
from contracts.kinds import ActorRule, Lane, Writes
from contracts.memberships import (
    ApplyMembership,
    ApproveMembership,
    AssignMembership,
    ListMemberships,
    Membership,
    MembershipPage,
    RejectMembership,
    UnassignMembership,
    UpdateMembership,
)
from contracts.operations.row import DESK, TELEGRAM, Operation
from contracts.scenarios import (
    CountScenarios,
    CreateScenario,
    GetScenario,
    RestoreScenario,
    RetireScenario,
    Scenario,
    ScenarioPage,
    SearchScenarios,
    UpdateScenario,
)
from contracts.shapes import Count, Done

# What is offered where is no secret: a channel shows it to people it does not know yet.
SCENARIOS_SEARCH = Operation("scenarios.search", SearchScenarios, ScenarioPage, actor=ActorRule.OPTIONAL)
SCENARIOS_COUNT = Operation("scenarios.count", CountScenarios, Count, lane=Lane.SLOW)
SCENARIOS_GET = Operation("scenarios.get", GetScenario, Scenario, (NotFound,))
SCENARIOS_CREATE = Operation(
    "scenarios.create", CreateScenario, Scenario, (AlreadyExists,), lane=Lane.STAFF, writes=Writes.STORED
)
SCENARIOS_UPDATE = Operation(
    "scenarios.update",
    UpdateScenario,
    Scenario,
    (NotFound, AlreadyExists, VersionConflict),
    lane=Lane.STAFF,
    writes=Writes.STORED,
)
SCENARIOS_RETIRE = Operation(
    "scenarios.retire", RetireScenario, Scenario, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED
)
SCENARIOS_RESTORE = Operation(
    "scenarios.restore",
    RestoreScenario,
    Scenario,
    (NotFound, AlreadyExists),
    lane=Lane.STAFF,
    writes=Writes.STORED,
)

MEMBERSHIPS_APPLY = Operation(
    "memberships.apply", ApplyMembership, Membership, (NotFound, AlreadyExists), writes=Writes.STORED
)
MEMBERSHIPS_APPROVE = Operation(
    "memberships.approve", ApproveMembership, Membership, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED
)
MEMBERSHIPS_ASSIGN = Operation(
    "memberships.assign", AssignMembership, Membership, (NotFound,), DESK, lane=Lane.STAFF, writes=Writes.STORED
)
MEMBERSHIPS_LIST = Operation("memberships.list", ListMemberships, MembershipPage, (NotFound,))
MEMBERSHIPS_REJECT = Operation(
    "memberships.reject", RejectMembership, Membership, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED
)
MEMBERSHIPS_UNASSIGN = Operation(
    "memberships.unassign", UnassignMembership, Membership, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED
)
MEMBERSHIPS_UPDATE = Operation("memberships.update", UpdateMembership, Membership, (NotFound,), writes=Writes.STORED)

CHATS_BIND = Operation("chats.bind", BindChat, StaffChat, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED)
CHATS_UNBIND = Operation("chats.unbind", UnbindChat, Done, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED)
CHATS_MIGRATE = Operation(
    "chats.migrate", MigrateChat, Done, (), TELEGRAM, ActorRule.NONE, lane=Lane.STAFF, writes=Writes.UNSTORED
)
CHATS_LIST = Operation("chats.list", ListChats, StaffChatPage, (NotFound,), lane=Lane.STAFF)

SCENARIOS = (
    SCENARIOS_SEARCH,
    SCENARIOS_COUNT,
    SCENARIOS_GET,
    SCENARIOS_CREATE,
    SCENARIOS_UPDATE,
    SCENARIOS_RETIRE,
    SCENARIOS_RESTORE,
)
MEMBERSHIPS = (
    MEMBERSHIPS_LIST,
    MEMBERSHIPS_APPLY,
    MEMBERSHIPS_APPROVE,
    MEMBERSHIPS_REJECT,
    MEMBERSHIPS_ASSIGN,
    MEMBERSHIPS_UNASSIGN,
    MEMBERSHIPS_UPDATE,
)
CHATS = (CHATS_BIND, CHATS_UNBIND, CHATS_MIGRATE, CHATS_LIST)
