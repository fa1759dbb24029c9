"""Reports: somebody tells moderators that something in a demand is wrong."""

from datetime import datetime

from contracts.kinds import Decision, ReportStatus, Role
from contracts.shapes import (
    DemandId,
    Limit,
    MessageId,
    Offset,
    Reason,
    Reply,
    ReportId,
    Request,
    ScenarioId,
    UserId,
    Words,
)


class ReportDemand(Request):
    """Tell moderators what is wrong in a demand."""

    demand: DemandId
    reason: Words


class Reported(Reply):
    """Moderators know of it; what was said last is kept with it as evidence."""

    id: ReportId
    demand: DemandId
    number: str


class Report(Reply):
    """A report as staff see it; `evidence` are the last lines of the conversation when it was made, oldest first."""

    id: ReportId
    demand: DemandId
    number: str
    scenario: ScenarioId
    place: str
    resource: str
    reporter: UserId
    reporter_role: Role | None
    reason: str
    evidence: list[MessageId]
    status: ReportStatus
    at: datetime
    resolved_at: datetime | None
    decision: Decision | None
    note: str


class ReportPage(Reply):
    """Reports, oldest first; `more` says that another page follows."""

    items: list[Report]
    more: bool


class SearchReports(Request):
    """Find reports; moderators see those of their scenarios."""

    status: ReportStatus | None = ReportStatus.OPEN
    scenario: ScenarioId | None = None
    demand: DemandId | None = None
    limit: Limit = 20
    offset: Offset = 0


class ResolveReport(Request):
    """Say what was made of a report; the note is for staff."""

    report: ReportId
    decision: Decision
    note: Reason = ""
