"""The api about itself, and about calls whose answer got lost."""

from typing import Annotated, Any

from msgspec import Meta

from contracts.shapes import Reply, Request

OperationName = Annotated[str, Meta(pattern=r"^[a-z_]+\.[a-z_]+$(?!\n)", max_length=64)]
Key = Annotated[str, Meta(min_length=1, max_length=200)]


class GetHealth(Request):
    """Whether anybody is there."""


class Health(Reply):
    """The process answers; `version` is the product's."""

    version: str


class GetReady(Request):
    """Whether a call could be served now."""


class Ready(Reply):
    """A call can be served; and what waits: `outbox_oldest_seconds` is the age of the oldest fact not yet told."""

    demands_waiting: int
    demands_held: int
    outbox: int
    outbox_oldest_seconds: float
    deliveries_owed: int
    deliveries_parked: int


class GetAnswer(Request):
    """What became of a call of the actor's under this key."""

    operation: OperationName
    key: Key


class Answer(Reply):
    """`done` with the answer the call got; not done means it took no effect, or has not yet."""

    done: bool
    reply: Any = None
