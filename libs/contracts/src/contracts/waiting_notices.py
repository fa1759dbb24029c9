"""What people hear while a demand waits, or while nobody writes in it; the rest of the notices is in notices.py."""

from contracts.kinds import DemandStatus, OfferState, Urgency
from contracts.shapes import DemandId, Reply


class Offered(Reply):
    """To a provider who could take it: an alert with the demand as it is when it is sent, or brought up to date.

    `language` is the locale of whoever asked, `minutes` how long it has waited. Words are empty unless `state` is open.
    """

    state: OfferState
    number: str
    place: str
    resource: str
    urgency: Urgency
    language: str
    minutes: int
    title: str
    description: str


class StillWaiting(Reply):
    """To the requester: nobody has come in so many minutes; `coordinators_know` says that moderators were told."""

    minutes: int
    ahead: int
    coordinators_know: bool


class FirstReplyLate(Reply):
    """To moderators: nobody has written a first answer in so many minutes, whether somebody holds it or it waits."""

    demand: DemandId
    number: str
    place: str
    resource: str
    minutes: int
    status: DemandStatus


class Nudged(Reply):
    """To the provider: so many minutes without a first message of theirs, and so many left until it waits again.

    `language` is that of whoever asked, filled in when it is sent.
    """

    minutes: int
    left: int
    language: str | None = None


class Lapsed(Reply):
    """To the former provider: nothing was written in so many minutes, so it waits again for somebody else."""

    number: str
    minutes: int


class StillNeeded(Reply):
    """To the requester: nobody has written for so many hours; it ends after so many more without an answer."""

    hours: int
    left: int


class WentQuiet(Reply):
    """To moderators: a demand ended as inactive, because nobody answered whether it is still needed."""

    demand: DemandId
    number: str
    place: str
    resource: str
