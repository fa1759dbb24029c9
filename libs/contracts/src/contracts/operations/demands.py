"""Rows about demands, reports and participants."""

from contracts.demand_life import (
    AssignDemand,
    Assigned,
    ConfirmDemand,
    Confirmed,
    DemandDone,
    DoneAsked,
    FeedbackDemand,
    Merged,
    MergeDemand,
    Released,
    ReleaseDemand,
    ReopenDemand,
    Reopened,
    SetUrgency,
    UrgencySet,
)
from contracts.demands import (
    Closed,
    CloseDemand,
    CountDemands,
    Created,
    CreateDemand,
    Declined,
    DeclineDemand,
    Demand,
    DemandPage,
    DiscardDemand,
    GetDemand,
    Next,
    NextDemand,
    SearchDemands,
    SubmitDemand,
    TakeDemand,
    Taken,
    UpdateDemand,
)
from contracts.failures import (
    AlreadyClosed,
    AlreadyDeclined,
    AlreadyExists,
    AlreadyTaken,
    AtCapacity,
    NotFound,
    TooManyOpen,
    VersionConflict,
    WrongStatus,
)
from contracts.kinds import Lane, Writes
from contracts.operations.row import Operation
from contracts.participants import (
    AddParticipant,
    GetParticipant,
    ListParticipants,
    Participant,
    Participants,
    RemoveParticipant,
    Reset,
    ResetDeclined,
    ShareContact,
)
from contracts.reports import Report, ReportDemand, Reported, ReportPage, ResolveReport, SearchReports
from contracts.shapes import Count, Done

DEMANDS_CREATE = Operation("demands.create", CreateDemand, Created, (NotFound, TooManyOpen), writes=Writes.STORED)
DEMANDS_SUBMIT = Operation("demands.submit", SubmitDemand, Created, (NotFound, WrongStatus), writes=Writes.STORED)
DEMANDS_DISCARD = Operation("demands.discard", DiscardDemand, Done, (NotFound, WrongStatus), writes=Writes.STORED)
DEMANDS_UPDATE = Operation(
    "demands.update",
    UpdateDemand,
    Demand,
    (NotFound, VersionConflict, WrongStatus, AlreadyClosed),
    writes=Writes.STORED,
)
DEMANDS_GET = Operation("demands.get", GetDemand, Demand, (NotFound,))
DEMANDS_SEARCH = Operation("demands.search", SearchDemands, DemandPage)
DEMANDS_COUNT = Operation("demands.count", CountDemands, Count, lane=Lane.SLOW)
DEMANDS_NEXT = Operation("demands.next", NextDemand, Next, (NotFound, AtCapacity, AlreadyClosed), writes=Writes.STORED)
DEMANDS_TAKE = Operation(
    "demands.take",
    TakeDemand,
    Taken,
    (NotFound, AlreadyTaken, AtCapacity, AlreadyClosed, AlreadyDeclined),
    writes=Writes.STORED,
)
DEMANDS_DECLINE = Operation("demands.decline", DeclineDemand, Declined, (NotFound, AlreadyClosed), writes=Writes.STORED)
DEMANDS_CLOSE = Operation(
    "demands.close", CloseDemand, Closed, (NotFound, AlreadyClosed, VersionConflict), writes=Writes.STORED
)
DEMANDS_ASSIGN = Operation(
    "demands.assign",
    AssignDemand,
    Assigned,
    (NotFound, AlreadyExists, AtCapacity, AlreadyClosed, AlreadyDeclined, VersionConflict),
    lane=Lane.STAFF,
    writes=Writes.STORED,
)
DEMANDS_RELEASE = Operation(
    "demands.release",
    ReleaseDemand,
    Released,
    (NotFound, WrongStatus, AlreadyClosed, VersionConflict),
    writes=Writes.STORED,
)
DEMANDS_DONE = Operation(
    "demands.done", DemandDone, DoneAsked, (NotFound, WrongStatus, AlreadyClosed), writes=Writes.STORED
)
DEMANDS_CONFIRM = Operation(
    "demands.confirm",
    ConfirmDemand,
    Confirmed,
    (NotFound, WrongStatus, AlreadyClosed, VersionConflict),
    writes=Writes.STORED,
)
DEMANDS_SET_URGENCY = Operation(
    "demands.set_urgency", SetUrgency, UrgencySet, (NotFound, AlreadyClosed), lane=Lane.STAFF, writes=Writes.STORED
)
DEMANDS_REOPEN = Operation(
    "demands.reopen",
    ReopenDemand,
    Reopened,
    (NotFound, WrongStatus, AlreadyClosed, TooManyOpen, VersionConflict),
    writes=Writes.STORED,
)
DEMANDS_FEEDBACK = Operation(
    "demands.feedback", FeedbackDemand, Done, (NotFound, WrongStatus, AlreadyExists), writes=Writes.STORED
)
DEMANDS_MERGE = Operation(
    "demands.merge", MergeDemand, Merged, (NotFound, AlreadyClosed), lane=Lane.STAFF, writes=Writes.STORED
)
DEMANDS_REPORT = Operation(
    "demands.report", ReportDemand, Reported, (NotFound, WrongStatus, AlreadyExists), writes=Writes.STORED
)
REPORTS_SEARCH = Operation("reports.search", SearchReports, ReportPage, lane=Lane.STAFF)
REPORTS_RESOLVE = Operation(
    "reports.resolve", ResolveReport, Report, (NotFound, AlreadyExists), lane=Lane.STAFF, writes=Writes.STORED
)

PARTICIPANTS_GET = Operation("participants.get", GetParticipant, Participant, (NotFound,))
PARTICIPANTS_LIST = Operation("participants.list", ListParticipants, Participants, (NotFound,))
PARTICIPANTS_ADD = Operation(
    "participants.add",
    AddParticipant,
    Participant,
    (NotFound, AlreadyExists, AlreadyClosed),
    lane=Lane.STAFF,
    writes=Writes.STORED,
)
PARTICIPANTS_REMOVE = Operation(
    "participants.remove", RemoveParticipant, Done, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED
)
PARTICIPANTS_RESET_DECLINED = Operation(
    "participants.reset_declined", ResetDeclined, Reset, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED
)
PARTICIPANTS_SHARE_CONTACT = Operation(
    "participants.share_contact", ShareContact, Done, (NotFound, AlreadyClosed, VersionConflict), writes=Writes.STORED
)

DEMANDS = (
    DEMANDS_CREATE,
    DEMANDS_SUBMIT,
    DEMANDS_DISCARD,
    DEMANDS_UPDATE,
    DEMANDS_GET,
    DEMANDS_SEARCH,
    DEMANDS_COUNT,
    DEMANDS_NEXT,
    DEMANDS_TAKE,
    DEMANDS_ASSIGN,
    DEMANDS_DECLINE,
    DEMANDS_RELEASE,
    DEMANDS_DONE,
    DEMANDS_CONFIRM,
    DEMANDS_SET_URGENCY,
    DEMANDS_CLOSE,
    DEMANDS_REOPEN,
    DEMANDS_FEEDBACK,
    DEMANDS_MERGE,
    DEMANDS_REPORT,
)
REPORTS = (
    REPORTS_SEARCH,
    REPORTS_RESOLVE,
)
PARTICIPANTS = (
    PARTICIPANTS_GET,
    PARTICIPANTS_LIST,
    PARTICIPANTS_ADD,
    PARTICIPANTS_REMOVE,
    PARTICIPANTS_RESET_DECLINED,
    PARTICIPANTS_SHARE_CONTACT,
)
