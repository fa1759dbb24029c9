"""The closed sets of values that cross the wire; each member's value is what is written and stored."""

from enum import StrEnum


class Caller(StrEnum):
    """The service that speaks; proven by the subject it may publish to."""

    TELEGRAM = "telegram"
    WEB = "web"
    OPERATOR = "operator"


class Channel(StrEnum):
    """Where an identity lives."""

    TELEGRAM = "telegram"
    WEB = "web"
    SERVICE = "service"


class ActorRule(StrEnum):
    """Whether an operation is called on somebody's behalf."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class Lane(StrEnum):
    """The bulkhead an operation runs in, so that slow work never holds up a call for help."""

    HOT = "hot"
    STAFF = "staff"
    SLOW = "slow"


class Writes(StrEnum):
    """What a repeat under the same idempotency key gets."""

    NO = "no"
    STORED = "stored"
    UNSTORED = "unstored"


class Role(StrEnum):
    """What a user is in a demand."""

    REQUESTER = "requester"
    PROVIDER = "provider"
    MODERATOR = "moderator"


class MembershipKind(StrEnum):
    """What a user is in a scenario."""

    PROVIDER = "provider"
    MODERATOR = "moderator"


class MembershipState(StrEnum):
    """How far a membership has come; only `live` ones count."""

    APPLIED = "applied"
    LIVE = "live"
    REJECTED = "rejected"
    REMOVED = "removed"


class Routing(StrEnum):
    """How waiting demands of a scenario find a provider."""

    PULL = "pull"
    PUSH = "push"


class DemandStatus(StrEnum):
    """The life of a demand; active means waiting or held."""

    DRAFT = "draft"
    WAITING = "waiting"
    HELD = "held"
    CLOSED = "closed"


class Urgency(StrEnum):
    """How soon help is needed, least first."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


class CloseReason(StrEnum):
    """Why a demand was closed."""

    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    MODERATED = "moderated"
    INACTIVE = "inactive"
    DUPLICATE = "duplicate"


class ReportStatus(StrEnum):
    """How far moderators have come with a report."""

    OPEN = "open"
    RESOLVED = "resolved"


class Decision(StrEnum):
    """What moderators made of a report."""

    ACTED = "acted"
    DISMISSED = "dismissed"


class EntryKind(StrEnum):
    """What a line of a conversation is."""

    MESSAGE = "message"
    NOTICE = "notice"
    NOTE = "note"


class Audience(StrEnum):
    """Whom a note is for: the moderators, or (a whisper) the provider who is seated now."""

    MODERATORS = "moderators"
    PROVIDER = "provider"


class AttachmentKind(StrEnum):
    """What kind of file a message carries."""

    PHOTO = "photo"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    VOICE = "voice"
    AUDIO = "audio"
    DOCUMENT = "document"
    ANIMATION = "animation"
    STICKER = "sticker"


class AttachmentState(StrEnum):
    """Where the bytes of an attachment are; `remote` ones are still only at their channel."""

    REMOTE = "remote"


class DeliveryKind(StrEnum):
    """What the channel has to do to deliver."""

    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    CARD = "card"


class DeliveryStatus(StrEnum):
    """Where a delivery stands; `sent`, `refused`, `parked` and `withdrawn` are final."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    PARKED = "parked"
    WITHDRAWN = "withdrawn"


class SendOutcome(StrEnum):
    """What a channel says of one attempt to send."""

    SENT = "sent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    LATER = "later"
    UNKNOWN = "unknown"


class Notice(StrEnum):
    """What the system tells people; edges own the sentences."""

    RECEIVED = "received"
    PROVIDER_JOINED = "provider_joined"
    LOOKING_FOR_ANOTHER = "looking_for_another"
    YOU_TOOK_IT = "you_took_it"
    YOU_JOINED = "you_joined"
    MODERATOR_JOINED = "moderator_joined"
    MODERATOR_LEFT = "moderator_left"
    PARTICIPANT_REMOVED = "participant_removed"
    CONTACT_SHARED = "contact_shared"
    CLOSED = "closed"
    DEMAND_UPDATED = "demand_updated"
    URGENCY_CHANGED = "urgency_changed"
    DONE_ASKED = "done_asked"
    NOT_DONE_YET = "not_done_yet"
    RELEASED = "released"
    HANDED_OVER = "handed_over"
    REOPENED = "reopened"
    FEEDBACK = "feedback"
    LEFT_WAITING = "left_waiting"
    REPORT_MADE = "report_made"
    REPORT_RESOLVED = "report_resolved"
    MESSAGE_REFUSED = "message_refused"
    TAKEN_BACK = "taken_back"
    MEMBERSHIP_APPLIED = "membership_applied"
    MEMBERSHIP_APPROVED = "membership_approved"
    MEMBERSHIP_CHANGED = "membership_changed"
    NEW_SIGN_IN = "new_sign_in"
    MEMBERSHIP_PAUSED = "membership_paused"
    BANNED = "banned"
    UNBANNED = "unbanned"
    RESTRICTED = "restricted"
    UNRESTRICTED = "unrestricted"
    ADMIN_CHANGED = "admin_changed"
    CAPACITY_CHANGED = "capacity_changed"
    TOPIC_OPENED = "topic_opened"
    OFFERED = "offered"
    STILL_WAITING = "still_waiting"
    FIRST_REPLY_LATE = "first_reply_late"
    NUDGED = "nudged"
    LAPSED = "lapsed"
    STILL_NEEDED = "still_needed"
    WENT_QUIET = "went_quiet"


class OfferState(StrEnum):
    """What has become of a demand somebody was alerted to, as far as it concerns them; only an `open` one can be taken."""

    OPEN = "open"
    YOURS = "yours"
    TAKEN = "taken"
    CLOSED = "closed"
    OVER = "over"


class SignInWay(StrEnum):
    """By what somebody came in."""

    PASSWORD = "password"  # noqa: S105 - a way, not a secret
    TELEGRAM = "telegram"
    CODE = "code"
    LINK = "link"


class PasswordFlaw(StrEnum):
    """Why a password cannot be chosen."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_COMMON = "too_common"


class LinkObstacle(StrEnum):
    """Why two users cannot become one: they met in a demand, or both have an account of their own."""

    SAME_DEMAND = "same_demand"
    TWO_ACCOUNTS = "two_accounts"


class Order(StrEnum):
    """Which way a page of messages runs."""

    OLDEST_FIRST = "oldest_first"
    NEWEST_FIRST = "newest_first"
