"""Asking about demands, who sits in them and what is reported of them."""

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
from contracts.kinds import Decision, Role, Urgency
from contracts.participants import (
    AddParticipant,
    GetParticipant,
    ListParticipants,
    RemoveParticipant,
    ResetDeclined,
    ShareContact,
)
from contracts.reports import ReportDemand, ResolveReport, SearchReports
from integration.api.matrix.cast import Stage
from integration.api.matrix.entry import STAFF, STAFF_OF_ACTIVE, STAFF_OF_SUBMITTED, TAKING_OVER, A, Entry, N, Scope


def leaving(at: Stage) -> RemoveParticipant:
    """Whoever is seated leaves by themselves; anybody else sends one who is away."""
    return RemoveParticipant(demand=at.demand, user=at.user("seated" if at.me == "seated" else "seated moderator"))


def sending_away(at: Stage) -> RemoveParticipant:
    return RemoveParticipant(demand=at.demand, user=at.user("seated moderator"))


OF_DEMANDS: tuple[Entry, ...] = (
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
)  # fmt: skip
