"""What each notice carries in `data`, and to whom it is owed; the sentences are the edges' own.

Who acted gets no notice of it, their own edge showed them the answer. Three exceptions are owed all the same
because more follows on the same road and has to arrive after them: `received`, `you_took_it` and `you_joined`.
"""

from datetime import datetime
from typing import Literal

from contracts.kinds import CloseReason, Decision, MembershipKind, MembershipState, Notice, Role, SignInWay, Urgency
from contracts.shapes import DemandId, Reply, ReportId, ScenarioId, UserId
from contracts.waiting_notices import FirstReplyLate, Lapsed, Nudged, Offered, StillNeeded, StillWaiting, WentQuiet


class NoData(Reply):
    """The notice says it all."""


class Received(Reply):
    """To the requester: the demand waits, `ahead` others of its scenario before it."""

    ahead: int


class LookingForAnother(Reply):
    """To everybody left in the demand: it waits again, as its provider (or `by` the requester, or staff) wanted."""

    by: Role | None = Role.PROVIDER


class YouTookIt(Reply):
    """To the new provider: the demand's own words; everything written so far follows as messages.

    `by` is the role of whoever chose them, `None` when they took it themselves. Filled in when it is sent: the language
    and the alias of whoever asked, their phone if they share it, and the alias under which the provider will be seen.
    """

    title: str
    description: str
    by: Role | None = None
    language: str | None = None
    requester_alias: str | None = None
    own_alias: str | None = None
    phone: str | None = None


class YouJoined(Reply):
    """To the moderator who joined: the demand's own words; everything written so far follows as messages."""

    title: str
    description: str


class ContactShared(Reply):
    """To the counterparts: the phone its owner chose to show, as it was then, filled in when it is sent."""

    phone: str | None


class ClosedFor(Reply):
    """To everybody live in the demand: why it ended, and the role of whoever ended it (`None`: staff or system).

    `into` is the number of the demand that goes on in its place, where it was merged into one.
    """

    reason: CloseReason
    by: Role | None
    into: str | None = None


class DemandUpdated(Reply):
    """To everybody live in the demand but who changed it: its words as they are now; the ledger's line has none."""

    title: str = ""
    description: str = ""


class TopicOpened(DemandUpdated):
    """To the topic of a staff chat that mirrors the demand from now on: its words, read when it is sent and kept nowhere else."""


class UrgencyChanged(Reply):
    """To everybody live in the demand but who changed it: how soon help is needed now."""

    urgency: Urgency


class OneDemand(Reply):
    """To somebody who does not sit in the demand (any more): its number."""

    number: str


class Feedback(Reply):
    """To those who looked after the demand: whether it helped, and what the requester wants to say of it."""

    outcome: Literal["helped", "did_not_help"]
    words: str | None


class ReportMade(Reply):
    """To moderators of the scenario, or admins: somebody says that something is wrong in this demand.

    `reason` is what they wrote, filled in when it is sent and kept with the report alone.
    """

    number: str
    place: str
    resource: str
    demand: DemandId | None = None
    report: ReportId | None = None
    reason: str = ""


class ReportResolved(Reply):
    """To whoever made the report: what moderators made of it."""

    number: str
    decision: Decision


class LeftWaiting(Reply):
    """To moderators, and to each requester: what is offered there no longer, and so many still wait; `number` is the first.

    `role` is whom it is told as. Where there is no moderator, admins are told.
    """

    role: Role
    number: str
    count: int
    place: str
    resource: str


class MessageRefused(Reply):
    """To the author: a message of theirs cannot reach somebody in the demand with this role.

    `later`: it is passed on once they can be reached again, while the demand is live; or (`False`) this very message was
    refused and never is. `None` where it was owed before this was written down.
    """

    role: Role | None
    later: bool | None = None


class KindOfHelp(Reply):
    """A scenario in its own words."""

    place: str
    resource: str


class Membership(Reply):
    """To moderators (applied) or to the member (approved, changed, rejected, removed): whose standing in which scenario.

    `more` are those they were let into in the same breath: whoever is named for six kinds of help hears of it once.
    """

    user: UserId
    place: str
    resource: str
    kind: MembershipKind
    state: MembershipState
    scenario: ScenarioId | None = None
    more: list[KindOfHelp] = []


class NewSignIn(Reply):
    """To a person, on the channels that reach them: somebody has just come in as them, and by what."""

    way: SignInWay


class MembershipPaused(Reply):
    """To the provider: staff paused them there until then, or (`None`) ended the pause."""

    place: str
    resource: str
    until: datetime | None


class RestrictedUntil(Reply):
    """To the person: they may begin nothing new until then (`None`: until it is lifted), and go on with what they have."""

    until: datetime | None


class AdminChanged(Reply):
    """To the person: whether they are an admin now."""

    is_admin: bool


class CapacityChanged(Reply):
    """To the person: how many demands they may hold at once now."""

    capacity: int


DATA: dict[Notice, type[Reply]] = {
    Notice.RECEIVED: Received,
    Notice.PROVIDER_JOINED: NoData,
    Notice.LOOKING_FOR_ANOTHER: LookingForAnother,
    Notice.YOU_TOOK_IT: YouTookIt,
    Notice.YOU_JOINED: YouJoined,
    Notice.MODERATOR_JOINED: NoData,
    Notice.MODERATOR_LEFT: NoData,
    Notice.PARTICIPANT_REMOVED: NoData,
    Notice.CONTACT_SHARED: ContactShared,
    Notice.CLOSED: ClosedFor,
    Notice.DEMAND_UPDATED: DemandUpdated,
    Notice.URGENCY_CHANGED: UrgencyChanged,
    Notice.DONE_ASKED: NoData,
    Notice.NOT_DONE_YET: NoData,
    Notice.RELEASED: OneDemand,
    Notice.HANDED_OVER: OneDemand,
    Notice.REOPENED: OneDemand,
    Notice.FEEDBACK: Feedback,
    Notice.LEFT_WAITING: LeftWaiting,
    Notice.REPORT_MADE: ReportMade,
    Notice.REPORT_RESOLVED: ReportResolved,
    Notice.MESSAGE_REFUSED: MessageRefused,
    Notice.TAKEN_BACK: NoData,
    Notice.MEMBERSHIP_APPLIED: Membership,
    Notice.MEMBERSHIP_APPROVED: Membership,
    Notice.MEMBERSHIP_CHANGED: Membership,
    Notice.NEW_SIGN_IN: NewSignIn,
    Notice.MEMBERSHIP_PAUSED: MembershipPaused,
    Notice.BANNED: NoData,
    Notice.UNBANNED: NoData,
    Notice.RESTRICTED: RestrictedUntil,
    Notice.UNRESTRICTED: NoData,
    Notice.ADMIN_CHANGED: AdminChanged,
    Notice.CAPACITY_CHANGED: CapacityChanged,
    Notice.TOPIC_OPENED: TopicOpened,
    Notice.OFFERED: Offered,
    Notice.STILL_WAITING: StillWaiting,
    Notice.FIRST_REPLY_LATE: FirstReplyLate,
    Notice.NUDGED: Nudged,
    Notice.LAPSED: Lapsed,
    Notice.STILL_NEEDED: StillNeeded,
    Notice.WENT_QUIET: WentQuiet,
}
