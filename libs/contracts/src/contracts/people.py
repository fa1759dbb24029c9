"""People as staff see them, and what staff decide about them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.kinds import Channel, CloseReason, DemandStatus, MembershipKind, Role
from contracts.memberships import Membership
from contracts.shapes import (
    DemandId,
    Limit,
    Moment,
    Offset,
    Payload,
    Query,
    Reason,
    Reply,
    Request,
    ScenarioId,
    UserId,
)

GivenReason = Annotated[str, Meta(min_length=1, max_length=500)]
Capacity = Annotated[int, Meta(ge=0, le=100)]


class PersonLine(Reply):
    """A person in a staff's list; how to reach them is not in it. `restricted_until` is None for a restriction without end."""

    id: UserId
    display_name: str
    locale: str
    is_admin: bool
    capacity: int
    held: int
    is_banned: bool
    is_restricted: bool
    restricted_until: datetime | None
    last_seen_at: datetime


class PersonPage(Reply):
    """People, those known longest first; `more` says that another page follows."""

    items: list[PersonLine]
    more: bool


class SearchUsers(Request):
    """Find people by words of their display name, login or username; moderators find those of their scenarios only."""

    query: Query = ""
    scenario: ScenarioId | None = None
    kind: MembershipKind | None = None
    is_admin: bool | None = None
    banned: bool | None = None
    restricted: bool | None = None
    limit: Limit = 20
    offset: Offset = 0


class CountUsers(Request):
    """How many people a search would find."""

    query: Query = ""
    scenario: ScenarioId | None = None
    kind: MembershipKind | None = None
    is_admin: bool | None = None
    banned: bool | None = None
    restricted: bool | None = None


class GetUser(Request):
    """One person by their id."""

    user: UserId


class MaskedIdentity(Reply):
    """That a person has an identity in a channel, and whether it can be written to; not which one."""

    channel: Channel
    reachable: bool


class PersonView(Reply):
    """A person with what they are in the scenarios the viewer looks after; identities only as far as they work."""

    person: PersonLine
    created_at: datetime
    identities: list[MaskedIdentity]
    memberships: list[Membership]


class GetHistory(Request):
    """What a person asked for and helped with, and what was decided about them."""

    user: UserId
    limit: Limit = 20
    offset: Offset = 0


class HistoryLine(Reply):
    """A demand a person sits or sat in, and as what."""

    demand: DemandId
    number: str
    scenario: ScenarioId
    place: str
    resource: str
    role: Role
    status: DemandStatus
    submitted_at: datetime
    joined_at: datetime
    left_at: datetime | None
    declined_at: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason | None


class DecisionLine(Reply):
    """What staff decided about a person, newest first; `actor` is shown to admins and operators only."""

    at: datetime
    operation: str
    reason: str
    actor: str | None


class HistoryReport(Reply):
    """A report the person made (`is_reporter`), or one made in a demand where they sit or sat."""

    at: datetime
    demand: DemandId
    number: str
    is_reporter: bool
    is_resolved: bool
    decision: str | None


class History(Reply):
    """One page of demands, newest first, with the last hundred decisions and reports."""

    demands: list[HistoryLine]
    more: bool
    decisions: list[DecisionLine]
    reports: list[HistoryReport]


class UnmaskUser(Request):
    """Show how a person can be reached; who asked and why goes on record."""

    user: UserId
    reason: GivenReason


class OpenIdentity(Reply):
    """An identity as its channel knows it."""

    channel: Channel
    external_id: str
    username: str | None


class Unmasked(Reply):
    """How a person can be reached."""

    user: UserId
    phone: str | None
    identities: list[OpenIdentity]


class BanUser(Request):
    """Keep a person out: what they hold goes back to the queue, what they asked for is closed."""

    user: UserId
    reason: GivenReason


class UnbanUser(Request):
    """Let a banned person in again; what was closed or handed back stays so."""

    user: UserId
    reason: Reason = ""


class RestrictUser(Request):
    """Let a person go on with what they have, and begin nothing new; without `until` it lasts until it is lifted."""

    user: UserId
    reason: GivenReason
    until: Moment | None = None


class UnrestrictUser(Request):
    """Lift a restriction."""

    user: UserId
    reason: Reason = ""


class SetAdmin(Request):
    """Make a person an admin, or an admin no longer one."""

    user: UserId
    is_admin: bool


class SetCapacity(Request):
    """How many demands a person may hold at once; what they hold already they keep."""

    user: UserId
    capacity: Capacity


class SearchAudit(Request):
    """Who did what with a right that others lack; `since` counts in, `before` does not."""

    actor: Annotated[str, Meta(max_length=80)] | None = None
    operation: Annotated[str, Meta(max_length=64)] | None = None
    subject: UUID | None = None
    since: Moment | None = None
    before: Moment | None = None
    limit: Limit = 20
    offset: Offset = 0


class AuditLine(Reply):
    """One act; `actor` is a user's id or `operator:<name>`, `detail` holds ids, settings and given reasons."""

    at: datetime
    actor: str
    operation: str
    subject: UUID | None
    detail: Payload
    traceparent: str


class AuditPage(Reply):
    """Acts, newest first; `more` says that another page follows."""

    items: list[AuditLine]
    more: bool
