"""Asking about scenarios and who is what in them."""

from api.rights import Relation
from contracts.chats import BindChat, ListChats, MigrateChat, UnbindChat
from contracts.failures import NotFound
from contracts.kinds import MembershipKind
from contracts.memberships import (
    ApplyMembership,
    ApproveMembership,
    AssignMembership,
    ListMemberships,
    RejectMembership,
    UnassignMembership,
    UpdateMembership,
)
from contracts.scenarios import (
    CountScenarios,
    CreateScenario,
    GetScenario,
    RestoreScenario,
    RetireScenario,
    SearchScenarios,
    UpdateScenario,
)
from integration.api.matrix.entry import CHIEFS, MODERATOR, ONESELF, PROVIDER, STAFF, A, Entry, N, S, only

GROUP = "-1001234567890"

OF_SCENARIOS: tuple[Entry, ...] = (
    # Bound before it is unbound; binding again changes nothing, and there is no card of it to tell anybody of.
    Entry("chats.bind", lambda at: BindChat(scenario=at.cast.scenario.id, address=GROUP), S, keeps=True),
    Entry("chats.bind", lambda at: BindChat(scenario=at.cast.scenario.id, address=GROUP, topics=True), S, row=CHIEFS, keeps=True),
    Entry("chats.list", lambda at: ListChats(scenario=at.cast.scenario.id), S),
    Entry("chats.list", lambda _: ListChats(), A),
    Entry("chats.unbind", lambda at: UnbindChat(scenario=at.cast.scenario.id, address=GROUP), S, may=(NotFound,)),
    Entry("chats.migrate", lambda _: MigrateChat(address="-1", moved_to="-2"), N, keeps=True),
    Entry("scenarios.search", lambda _: SearchScenarios(), N),
    Entry("scenarios.search", lambda _: SearchScenarios(retired=True), N, row=CHIEFS),
    Entry("scenarios.count", lambda _: CountScenarios(), N),
    Entry("scenarios.count", lambda _: CountScenarios(retired=True), N, row=CHIEFS),
    Entry("scenarios.get", lambda at: GetScenario(id=at.spare), N),
    Entry("scenarios.create", lambda _: CreateScenario(place="New", resource="Bread"), N),
    Entry("scenarios.update", lambda at: UpdateScenario(id=at.spare, version=1, description="x"), N),
    Entry("scenarios.retire", lambda at: RetireScenario(id=at.spare), N),
    Entry("scenarios.restore", lambda at: RestoreScenario(id=at.retired), N),
    Entry("memberships.apply", lambda at: ApplyMembership(scenario=at.spare), N),
    Entry("memberships.approve", lambda at: ApproveMembership(user=at.user("petitioner"), scenario=at.cast.scenario.id), S),
    Entry("memberships.assign", lambda at: AssignMembership(user=at.user("petitioner"), scenario=at.cast.scenario.id, kind=MembershipKind.PROVIDER), S),
    Entry("memberships.assign", lambda at: AssignMembership(user=at.user("petitioner"), scenario=at.cast.scenario.id, kind=MembershipKind.MODERATOR), S, row=CHIEFS),
    Entry("memberships.list", lambda _: ListMemberships(), N, row=ONESELF),
    Entry("memberships.list", lambda at: ListMemberships(scenario=at.cast.scenario.id), S, row=STAFF),
    Entry("memberships.reject", lambda at: RejectMembership(user=at.user("petitioner"), scenario=at.cast.scenario.id), S),
    Entry("memberships.unassign", lambda at: UnassignMembership(scenario=at.cast.club.id, kind=PROVIDER), N, row=ONESELF),
    Entry("memberships.unassign", lambda at: UnassignMembership(scenario=at.cast.scenario.id, kind=PROVIDER, user=at.user("regular")), S, row=STAFF),
    Entry("memberships.unassign", lambda at: UnassignMembership(scenario=at.cast.scenario.id, kind=MODERATOR, user=at.user("regular")), S, row=CHIEFS, may=(NotFound,)),
    Entry("memberships.update", lambda at: UpdateMembership(scenario=at.cast.club.id, paused_until=None), N, row=ONESELF, keeps=True),
    Entry("memberships.update", lambda at: UpdateMembership(scenario=at.cast.scenario.id, paused_until=None, user=at.user("regular")), S, row=STAFF, keeps=True),
    Entry("memberships.update", lambda at: UpdateMembership(scenario=at.cast.club.id, routing_factor=2), N, row=only(Relation.ADMIN), keeps=True),
)  # fmt: skip
