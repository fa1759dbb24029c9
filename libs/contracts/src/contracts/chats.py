"""Staff chats: groups that show the demands of a scenario."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from contracts.kinds import CloseReason, DemandStatus, Urgency
from contracts.shapes import ExternalId, Limit, Locale, Name, Offset, Reply, Request, ScenarioId

# A group as Telegram numbers them: below zero, which no person's chat is.
GroupAddress = Annotated[str, Meta(pattern=r"^-[1-9][0-9]{0,18}$(?!\n)")]


class StaffChat(Reply):
    """A group bound to a scenario, with the scenario's own words for showing it."""

    address: str
    scenario: ScenarioId
    place: str
    resource: str
    title: str
    locale: str
    topics: bool
    group_grants_membership: bool
    is_reachable: bool
    bound_at: datetime


class BindChat(Request):
    """Show a scenario's demands in a group, or change how: what is not named here stays as it was.

    `topics` mirrors each conversation into a topic of the group, for all of it to read: an admin's to turn on.
    `group_grants_membership` makes whoever presses Take in the group a provider. `locale` is what the group is spoken to in.
    """

    scenario: ScenarioId
    address: GroupAddress
    title: Name | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    topics: bool | UnsetType = UNSET
    group_grants_membership: bool | UnsetType = UNSET


class UnbindChat(Request):
    """Show a scenario's demands in a group no longer."""

    scenario: ScenarioId
    address: GroupAddress


class MigrateChat(Request):
    """The channel gave a group another address; what it was sent before cannot be changed any more."""

    address: GroupAddress
    moved_to: GroupAddress


class ListChats(Request):
    """The staff chats of the scenarios the actor looks after: of all of them, of one, or those a group is bound to."""

    scenario: ScenarioId | None = None
    address: ExternalId | None = None
    limit: Limit = 20
    offset: Offset = 0


class StaffChatPage(Reply):
    """Staff chats, the first bound first; `more` says that another page follows."""

    items: list[StaffChat]
    more: bool


class Card(Reply):
    """What a card in a staff chat says of a demand: the `data` of a delivery of kind `card` that has no recipient.

    Never words of anybody's. `is_moved`: it is of a scenario now that is not shown there. `provider`: the alias of who
    holds it; `reports`: how many reports of it are open.
    """

    number: str
    place: str
    resource: str
    status: DemandStatus
    urgency: Urgency
    version: int
    submitted_at: datetime
    waiting_since: datetime
    provider: str | None = None
    close_reason: CloseReason | None = None
    reports: int = 0
    is_moved: bool = False
