"""One line for every built operation: how to ask for it so that nothing but rights can stand in the way.

Whoever builds an operation adds its line; `test_every_built_operation_is_walked` names it otherwise. What an argument
decides beyond the table (`retired=True` is for chiefs) is a further line with a row of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

from api.rights import RIGHTS, Relation, Row
from contracts.account_failures import SignInRefused
from contracts.accounts import (
    ChangePassword,
    ConfirmTotp,
    EnterGuest,
    FinishLink,
    ListSessions,
    Resume,
    RevokeSession,
    SignIn,
    SignInTelegram,
    SignOut,
    SignUp,
    StartLink,
    StartTotp,
)
from contracts.deliveries import (
    BeginDeliveries,
    LocateDelivery,
    Result,
    RetryDelivery,
    SearchDeliveries,
    SettleDeliveries,
)
from contracts.demand_life import (
    AssignDemand,
    ConfirmDemand,
    DemandDone,
    FeedbackDemand,
    MergeDemand,
    ReleaseDemand,
    ReopenDemand,
    SetUrgency,
)
from contracts.demands import (
    CloseDemand,
    CountDemands,
    CreateDemand,
    DeclineDemand,
    DiscardDemand,
    GetDemand,
    NextDemand,
    SearchDemands,
    SubmitDemand,
    TakeDemand,
    UpdateDemand,
)
from contracts.facts import RetryFact, SearchFacts
from contracts.failures import Failure, Forbidden, NotFound
from contracts.kinds import Decision, DemandStatus, MembershipKind, Role, SendOutcome, Urgency
from contracts.memberships import (
    ApplyMembership,
    ApproveMembership,
    AssignMembership,
    ListMemberships,
    RejectMembership,
    UnassignMembership,
    UpdateMembership,
)
from contracts.messages import (
    EditMessage,
    NoteMessage,
    ReactToMessage,
    ReadMessages,
    SearchMessages,
    SendMessage,
    TakeBackMessage,
)
from contracts.own_data import EraseMe, ExportMe, HideHistory
from contracts.participants import (
    AddParticipant,
    GetParticipant,
    ListParticipants,
    RemoveParticipant,
    ResetDeclined,
    ShareContact,
)
from contracts.people import (
    BanUser,
    CountUsers,
    GetHistory,
    GetUser,
    RestrictUser,
    SearchAudit,
    SearchUsers,
    SetAdmin,
    SetCapacity,
    UnbanUser,
    UnmaskUser,
    UnrestrictUser,
)
from contracts.reports import ReportDemand, ResolveReport, SearchReports
from contracts.scenarios import (
    CountScenarios,
    CreateScenario,
    GetScenario,
    RestoreScenario,
    RetireScenario,
    SearchScenarios,
    UpdateScenario,
)
from contracts.system import GetAnswer, GetHealth, GetReady
from contracts.users import BootstrapAdmin, EnterUser, GetMe, SetReachable, UpdateMe
from integration.api.matrix.cast import Stage

NIL: Any = UUID(int=0)


class Scope(Enum):
    """What decides beside what the actor is everywhere."""

    NOTHING = 1
    DEMAND = 2
    SCENARIO = 3  # a moderator of the scenario concerned
    ANY_SCENARIO = 4  # a moderator of any
    PERSON = 5  # a moderator of the scenario, whom the person has to do with; another one finds nobody
    REPORT = 6  # a moderator of the scenario; nobody else knows of it


@dataclass(frozen=True)
class Entry:
    """One way to ask. `may`: refusals that say nothing about rights; `row`: where an argument decides, what replaces the
    table's; `viewer`: whose answer it is where there is no actor; `shows`: what it is there to show to staff of others;
    `author`: who wrote the message it is about; `keeps`: done to the same stage again, it is as good as the first time."""

    name: str
    ask: Callable[[Stage], Any]
    scope: Scope = Scope.DEMAND
    may: tuple[type[Failure], ...] = ()
    row: Row | None = None
    viewer: str = ""
    shows: frozenset[str] = frozenset()
    author: str = ""
    keeps: bool = False

    @property
    def rights(self) -> Row:
        """What the table says, or this line instead of it."""
        return RIGHTS[self.name] if self.row is None else self.row


def only(*relations: Relation) -> Row:
    return dict.fromkeys(relations, frozenset(DemandStatus))


CHIEFS = only(Relation.ADMIN, Relation.OPERATOR)
STAFF = CHIEFS | only(Relation.MODERATOR)
STAFF_OF_ACTIVE = dict.fromkeys(STAFF, frozenset({DemandStatus.WAITING, DemandStatus.HELD}))
STAFF_OF_SUBMITTED = dict.fromkeys(STAFF, frozenset(DemandStatus) - {DemandStatus.DRAFT})
ONESELF = only(Relation.USER)
TAKING_OVER = dict.fromkeys((Relation.ADMIN, Relation.MODERATOR), frozenset({DemandStatus.WAITING, DemandStatus.HELD}))
N, S, A, P = Scope.NOTHING, Scope.SCENARIO, Scope.ANY_SCENARIO, Scope.PERSON
NAMES, ALL_OF_THEM = frozenset({"name"}), frozenset({"name", "handle", "telegram", "phone", "user"})
PROVIDER, MODERATOR = MembershipKind.PROVIDER, MembershipKind.MODERATOR
LONG = "a pass phrase of nobody"


def leaving(at: Stage) -> RemoveParticipant:
    """Whoever is seated leaves by themselves; anybody else sends one who is away."""
    return RemoveParticipant(demand=at.demand, user=at.user("seated" if at.me == "seated" else "seated moderator"))


def sending_away(at: Stage) -> RemoveParticipant:
    return RemoveParticipant(demand=at.demand, user=at.user("seated moderator"))


ENTRIES: tuple[Entry, ...] = (
    Entry("users.enter", lambda at: EnterUser(display_name=at.cast.canaries[at.me].name if at.me in at.cast.canaries else "X"), N, keeps=True),
    Entry("users.me", lambda _: GetMe(), N),
    Entry("users.update_me", lambda _: UpdateMe(locale="en"), N, keeps=True),
    Entry("users.bootstrap_admin", lambda _: BootstrapAdmin(token="x"), N, may=(NotFound,)),
    Entry("users.set_reachable", lambda _: SetReachable(address="1", reachable=True), N, keeps=True),
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
    Entry("demands.create", lambda at: CreateDemand(scenario=at.spare, description="x"), N),
    Entry("demands.search", lambda _: SearchDemands(mine=True), N),
    Entry("demands.search", lambda _: SearchDemands(), A, row=STAFF),
    Entry("demands.search", lambda at: SearchDemands(mine=False, scenario=at.cast.scenario.id), A, row=STAFF),
    Entry("demands.next", lambda _: NextDemand(), N),
    Entry("demands.get", lambda at: GetDemand(demand=at.demand)),
    Entry("demands.take", lambda at: TakeDemand(demand=at.demand)),
    Entry("demands.decline", lambda at: DeclineDemand(demand=at.demand)),
    Entry("demands.close", lambda at: CloseDemand(demand=at.demand)),
    Entry("demands.close", lambda at: CloseDemand(demand=at.demand, reason="moderated"), row=STAFF_OF_ACTIVE),
    Entry("participants.get", lambda at: GetParticipant(demand=at.demand, role=Role.REQUESTER)),
    Entry("participants.get", lambda at: GetParticipant(demand=at.demand, user=at.user("requester")), row=STAFF_OF_SUBMITTED),
    Entry("participants.list", lambda at: ListParticipants(demand=at.demand)),
    Entry("participants.add", lambda at: AddParticipant(demand=at.demand, user=at.user("moderator"))),
    Entry("participants.remove", leaving),
    Entry("participants.remove", sending_away, row=STAFF_OF_SUBMITTED),
    Entry("participants.reset_declined", lambda at: ResetDeclined(demand=at.demand)),
    Entry("participants.share_contact", lambda at: ShareContact(demand=at.demand)),
    Entry("messages.send", lambda at: SendMessage(demand=at.demand, text="Words")),
    Entry("messages.search", lambda at: SearchMessages(demand=at.demand)),
    Entry("deliveries.begin", lambda at: BeginDeliveries(destinations=[at.chat]), N, viewer="provider"),
    Entry("deliveries.settle", lambda _: SettleDeliveries(results=[Result(delivery=NIL, attempt=1, outcome=SendOutcome.SENT)]), N),
    Entry("deliveries.locate", lambda _: LocateDelivery(address="1", channel_message_id="1"), N),
    Entry("system.health", lambda _: GetHealth(), N),
    Entry("system.ready", lambda _: GetReady(), N),
    Entry("system.answer", lambda _: GetAnswer(operation="demands.next", key="x"), N),
    Entry("demands.create", lambda at: CreateDemand(scenario=at.spare, description="x", draft=True), N),
    Entry("demands.count", lambda _: CountDemands(mine=True), N),
    Entry("demands.count", lambda _: CountDemands(), A, row=STAFF),
    Entry("demands.submit", lambda at: SubmitDemand(demand=at.demand)),
    Entry("demands.discard", lambda at: DiscardDemand(demand=at.demand)),
    Entry("demands.update", lambda at: UpdateDemand(demand=at.demand, version=at.version, title="x")),
    Entry("demands.assign", lambda at: AssignDemand(demand=at.demand, user=at.user("member"))),
    Entry("demands.assign", lambda at: AssignDemand(demand=at.demand), row=TAKING_OVER),
    Entry("demands.release", lambda at: ReleaseDemand(demand=at.demand)),
    Entry("demands.done", lambda at: DemandDone(demand=at.demand), keeps=True),
    Entry("demands.confirm", lambda at: ConfirmDemand(demand=at.demand, answer="not_yet"), keeps=True),
    Entry("demands.confirm", lambda at: ConfirmDemand(demand=at.demand, answer="received")),
    Entry("demands.set_urgency", lambda at: SetUrgency(demand=at.demand, urgency=Urgency.URGENT), keeps=True),
    Entry("demands.set_urgency", lambda at: SetUrgency(demand=at.demand, urgency=Urgency.CRITICAL), row=STAFF_OF_ACTIVE),
    Entry("demands.reopen", lambda at: ReopenDemand(demand=at.demand)),
    Entry("demands.feedback", lambda at: FeedbackDemand(demand=at.demand, helped=True), keeps=True),
    Entry("demands.merge", lambda at: MergeDemand(demand=at.demand, into=at.cast.other)),
    Entry("demands.report", lambda at: ReportDemand(demand=at.demand, reason="x"), keeps=True),
    Entry("reports.search", lambda _: SearchReports(), A),
    Entry("reports.resolve", lambda at: ResolveReport(report=at.report, decision=Decision.ACTED), Scope.REPORT),
    Entry("messages.edit", lambda at: EditMessage(demand=at.demand, message=at.message, text="x"), author="requester"),
    Entry("messages.take_back", lambda at: TakeBackMessage(demand=at.demand, message=at.message), author="requester"),
    Entry("messages.react", lambda at: ReactToMessage(demand=at.demand, message=at.message, emoji="👍"), keeps=True),
    Entry("messages.read", lambda at: ReadMessages(demand=at.demand, seq=1), keeps=True),
    Entry("messages.note", lambda at: NoteMessage(demand=at.demand, text="x"), keeps=True),
    Entry("memberships.list", lambda _: ListMemberships(), N, row=ONESELF),
    Entry("memberships.list", lambda at: ListMemberships(scenario=at.cast.scenario.id), S, row=STAFF),
    Entry("memberships.reject", lambda at: RejectMembership(user=at.user("petitioner"), scenario=at.cast.scenario.id), S),
    Entry("memberships.unassign", lambda at: UnassignMembership(scenario=at.cast.club.id, kind=PROVIDER), N, row=ONESELF),
    Entry("memberships.unassign", lambda at: UnassignMembership(scenario=at.cast.scenario.id, kind=PROVIDER, user=at.user("regular")), S, row=STAFF),
    Entry("memberships.unassign", lambda at: UnassignMembership(scenario=at.cast.scenario.id, kind=MODERATOR, user=at.user("regular")), S, row=CHIEFS, may=(NotFound,)),
    Entry("memberships.update", lambda at: UpdateMembership(scenario=at.cast.club.id, paused_until=None), N, row=ONESELF, keeps=True),
    Entry("memberships.update", lambda at: UpdateMembership(scenario=at.cast.scenario.id, paused_until=None, user=at.user("regular")), S, row=STAFF, keeps=True),
    Entry("memberships.update", lambda at: UpdateMembership(scenario=at.cast.club.id, routing_factor=2), N, row=only(Relation.ADMIN), keeps=True),
    Entry("audit.search", lambda _: SearchAudit(), N, shows=ALL_OF_THEM),
    Entry("deliveries.search", lambda at: SearchDeliveries(demand=at.demand), N),
    Entry("deliveries.retry", lambda at: RetryDelivery(delivery=at.delivery), N, keeps=True),
    Entry("facts.search", lambda _: SearchFacts(), N),
    Entry("facts.retry", lambda _: RetryFact(fact=NIL), N, may=(NotFound,), keeps=True),
    Entry("users.search", lambda at: SearchUsers(scenario=at.cast.scenario.id), A, shows=NAMES),
    Entry("users.count", lambda _: CountUsers(), A),
    Entry("users.get", lambda at: GetUser(user=at.person), P, shows=NAMES),
    Entry("users.history", lambda at: GetHistory(user=at.person), P),
    Entry("users.unmask", lambda at: UnmaskUser(user=at.person, reason="x"), P, shows=ALL_OF_THEM, keeps=True),
    Entry("users.ban", lambda at: BanUser(user=at.user("petitioner"), reason="x"), N, shows=NAMES),
    Entry("users.unban", lambda at: UnbanUser(user=at.user("banned")), N, shows=NAMES),
    Entry("users.restrict", lambda at: RestrictUser(user=at.user("petitioner"), reason="x"), P, shows=NAMES),
    Entry("users.unrestrict", lambda at: UnrestrictUser(user=at.user("banned")), P, shows=NAMES),
    Entry("users.set_admin", lambda at: SetAdmin(user=at.user("petitioner"), is_admin=True), N, shows=NAMES),
    Entry("users.set_capacity", lambda at: SetCapacity(user=at.user("petitioner"), capacity=2), N, shows=NAMES),
    Entry("users.enter_guest", lambda _: EnterGuest(), N, keeps=True),
    Entry("users.resume", lambda _: Resume(code="x"), N, may=(SignInRefused,)),
    Entry("users.sign_in", lambda _: SignIn(login=f"x{uuid4().hex}", password=LONG), N, may=(SignInRefused,)),
    # Forbidden where signing in with Telegram is switched off.
    Entry("users.sign_in_telegram", lambda _: SignInTelegram(id_token="x", nonce="x" * 16), N, may=(SignInRefused, Forbidden)),
    Entry("users.link_start", lambda _: StartLink(), N, keeps=True),
    Entry("users.link_finish", lambda _: FinishLink(code="x"), N, may=(NotFound,)),
    Entry("users.sessions", lambda _: ListSessions(), N),
    Entry("users.revoke_session", lambda _: RevokeSession(session=NIL), N, may=(NotFound,)),
    Entry("users.change_password", lambda _: ChangePassword(current="x", new=LONG), N, may=(SignInRefused,)),
    Entry("users.totp_start", lambda _: StartTotp(password="x"), N, may=(SignInRefused,)),
    Entry("users.totp_confirm", lambda _: ConfirmTotp(code="123456"), N, may=(NotFound,)),
    Entry("users.sign_up", lambda _: SignUp(login=f"x{uuid4().hex}", password=LONG), N, keeps=True),
    Entry("users.sign_out", lambda _: SignOut(), N, keeps=True),
    Entry("users.hide_history", lambda _: HideHistory(), N, keeps=True),
    Entry("users.export_me", lambda _: ExportMe(), N),
    Entry("users.erase_me", lambda _: EraseMe(confirm="erase"), N, keeps=True),  # the last: nobody is left
)  # fmt: skip
