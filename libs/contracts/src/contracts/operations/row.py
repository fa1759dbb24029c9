"""One row of the operation table."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from typing_extensions import TypeForm

from contracts.failures import Failure
from contracts.kinds import ActorRule, Caller, Lane, Writes
from contracts.shapes import NotBuilt

Q = TypeVar("Q")
A = TypeVar("A")

EVERYBODY = frozenset({Caller.TELEGRAM, Caller.WEB, Caller.OPERATOR})
CHANNELS = frozenset({Caller.TELEGRAM, Caller.WEB})
TELEGRAM = frozenset({Caller.TELEGRAM})
WEB = frozenset({Caller.WEB})
DESK = frozenset({Caller.WEB, Caller.OPERATOR})


@dataclass(frozen=True, slots=True)
class Operation(Generic[Q, A]):
    """One request-reply call: its name, its shapes, who may make it, and how long it may take.

    `failures` are the refusals of its own beside those any call may meet; `within` is seconds from the first attempt
    to giving up, retries included (5 s unless a row says otherwise).
    """

    name: str
    request: type[Q]
    reply: TypeForm[A]
    failures: tuple[type[Failure], ...] = ()
    callers: frozenset[Caller] = EVERYBODY
    actor: ActorRule = ActorRule.REQUIRED
    lane: Lane = Lane.HOT
    within: float = 5.0
    writes: Writes = Writes.NO

    @property
    def is_built(self) -> bool:
        """Whether the operation does something yet, or answers `NotAvailableYet`."""
        return self.request is not NotBuilt


def promised(
    name: str, callers: frozenset[Caller] = EVERYBODY, actor: ActorRule = ActorRule.REQUIRED, lane: Lane = Lane.HOT
) -> Operation[NotBuilt, NotBuilt]:
    """A row for an operation that has its name and place and is not built yet."""
    return Operation(name, NotBuilt, NotBuilt, callers=callers, actor=actor, lane=lane)
