"""Facts and signals that the broker will never take as they are: put aside in the ledger, to be looked at by hand."""

from datetime import datetime

from contracts.shapes import FactId, Limit, Offset, Reply, Request


class SearchFacts(Request):
    """Find what was put aside, the oldest first; `fact` looks at that one alone."""

    fact: FactId | None = None
    limit: Limit = 20
    offset: Offset = 0


class FactLine(Reply):
    """A fact or signal put aside: where it was to go, why it could not, and the first 500 characters of its JSON.

    `size` is that of the whole, in bytes.
    """

    id: FactId
    subject: str
    reason: str
    body: str
    size: int
    traceparent: str
    recorded_at: datetime
    parked_at: datetime


class FactPage(Reply):
    """Facts and signals put aside, the oldest first; `more` says that another page follows."""

    items: list[FactLine]
    more: bool


class RetryFact(Request):
    """Put a fact or signal back into the outbox, behind what waits there; what fails again is put aside again."""

    fact: FactId
