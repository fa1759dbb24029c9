"""What a person may do with everything kept about them."""

from typing import Annotated, Literal

from msgspec import Meta

from contracts.shapes import Payload, Reply, Request


class HideHistory(Request):
    """Take what the channel showed the actor in closed demands out of their chat again, as far as the channel allows.

    With `everything` also what it showed of demands that go on, and beside any demand: somebody may look over a shoulder.
    """

    everything: bool = False


class Hidden(Reply):
    """How many messages will be deleted from the chat, and how many are too old (Telegram: 48 h) and stay."""

    count: int
    too_old: int


class ExportMe(Request):
    """Everything kept about the actor; `cursor` is the `next` of the page before, None begins."""

    cursor: Annotated[str, Meta(max_length=128)] | None = None


class ExportItem(Reply):
    """One thing kept about the actor: its kind, and all its fields."""

    kind: Literal["profile", "identity", "membership", "demand", "message", "version", "reaction", "report"]
    data: Payload


class ExportPage(Reply):
    """At most 512 KiB of items; `next` is None on the last page."""

    items: list[ExportItem]
    next: str | None


class EraseMe(Request):
    """Forget the actor; the confirmation is typed, so that no slip of a finger does it. It cannot be undone."""

    confirm: Literal["erase"]


class Erased(Reply):
    """The person is forgotten: so many demands of theirs were closed, so many they held went back to the queue."""

    closed: int
    requeued: int
