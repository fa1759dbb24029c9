"""Users: people, however they reach us."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from contracts.demands import DemandLine
from contracts.memberships import Membership
from contracts.shapes import Alias, ExternalId, Locale, MinuteOfDay, Name, Phone, Reply, Request, TimeZone, UserId


class User(Reply):
    """A person as they see themselves; quiet hours in minutes of their day (0..1439), all None until they say."""

    id: UserId
    display_name: str
    locale: str
    phone: str | None
    capacity: int
    held: int
    is_admin: bool
    paused_until: datetime | None
    time_zone: str | None = None
    quiet_from: int | None = None
    quiet_to: int | None = None
    alias: str | None = None


class Me(Reply):
    """A person, what they are in which scenario, and the active demands they take part in, oldest first."""

    user: User
    memberships: list[Membership]
    demands: list[DemandLine]
    is_new: bool = False


class EnterUser(Request):
    """Find or make the user behind the telegram identity the call is made for; `locale` counts only for a new one."""

    display_name: Name
    username: ExternalId | None = None
    locale: Locale = "en"


class GetMe(Request):
    """The actor themselves."""


class UpdateMe(Request):
    """Change what is named here and nothing else.

    The quiet hours run from one minute of the actor's day to another, over midnight where the first is the later; both
    are named or neither. The alias is what others will see in new demands where nobody else has it.
    """

    display_name: Name | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    phone: Phone | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType | None = UNSET
    quiet_from: MinuteOfDay | UnsetType | None = UNSET
    quiet_to: MinuteOfDay | UnsetType | None = UNSET
    alias: Alias | UnsetType | None = UNSET


class BootstrapAdmin(Request):
    """Make the actor an admin by the one-time token the operator's command printed."""

    token: Name


class SetReachable(Request):
    """A channel says whether a chat can be written to; `address` is the channel's own id of the chat."""

    address: ExternalId
    reachable: bool
