"""Every way a call can be refused: one closed family.

A failure's docstring is its meaning, its fields are its data, `status` is a number for tools. No failure carries a
sentence for people: the edges own those, in every language.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import msgspec

from contracts.account_failures import CannotLink, SignInRefused, WeakPassword
from contracts.kinds import DemandStatus
from contracts.refusal import Failure as Failure  # noqa: PLC0414 - this is where everybody looks for it


@dataclass(eq=True)
class InvalidRequest(Failure):
    """The request cannot be understood; `problem` says what is wrong without repeating what was sent."""

    problem: str
    status: ClassVar[int] = 400
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class NotSignedIn(Failure):
    """Nobody known stands behind the call."""

    status: ClassVar[int] = 401
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class Forbidden(Failure):
    """The actor may see this and may not do it."""

    status: ClassVar[int] = 403
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class Banned(Failure):
    """The actor is banned."""

    status: ClassVar[int] = 403
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class NotFound(Failure):
    """There is no such thing, or the actor may not know of it."""

    status: ClassVar[int] = 404
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class AlreadyTaken(Failure):
    """Somebody else holds this demand."""

    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class AtCapacity(Failure):
    """The provider already holds as many demands as they can; `held` are the short numbers of those."""

    held: list[str]
    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class AlreadyClosed(Failure):
    """The demand is closed."""

    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class WrongStatus(Failure):
    """This cannot be done to a demand with the `status` it has now."""

    status_now: DemandStatus
    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class AlreadyDeclined(Failure):
    """The provider declined this demand before; a moderator can reset that."""

    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class AlreadyExists(Failure):
    """The same thing is there already."""

    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class VersionConflict(Failure):
    """Somebody changed it meanwhile; `version` is the present one."""

    version: int
    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class KeyReused(Failure):
    """The idempotency key was used before with another request."""

    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class LastAdmin(Failure):
    """There would be no admin left."""

    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class TooLarge(Failure):
    """The request is larger than `limit` bytes."""

    limit: int
    status: ClassVar[int] = 413
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class TooManyRequests(Failure):
    """Too much at once from one person; try again in `retry_after` seconds."""

    retry_after: float
    status: ClassVar[int] = 429
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class TooManyOpen(Failure):
    """The person has `limit` open demands, as many as one person may have."""

    limit: int
    status: ClassVar[int] = 429
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class Internal(Failure):
    """Something broke on our side; `incident` finds it in the log."""

    incident: str
    status: ClassVar[int] = 500
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class NotAvailableYet(Failure):
    """The operation is promised and not built yet."""

    status: ClassVar[int] = 501
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class Busy(Failure):
    """There is more to do than can be done now; try again in `retry_after` seconds."""

    retry_after: float
    status: ClassVar[int] = 503
    retryable: ClassVar[bool] = True
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class DeadlineExceeded(Failure):
    """No answer came in time; whether a change took effect is not known, the same key will tell."""

    status: ClassVar[int] = 504
    __hash__ = Exception.__hash__


FAMILY: dict[str, type[Failure]] = {
    failure.__name__: failure
    for failure in (
        InvalidRequest, NotSignedIn, SignInRefused, WeakPassword, Forbidden, Banned, NotFound, AlreadyTaken, AtCapacity, AlreadyClosed,
        WrongStatus, AlreadyDeclined, AlreadyExists, CannotLink, VersionConflict, KeyReused, LastAdmin, TooLarge, TooManyRequests, TooManyOpen,
        Internal, NotAvailableYet, Busy, DeadlineExceeded,
    )
}  # fmt: skip

# Any call may end in one of these; a row of the table names only what is its own.
ALWAYS: tuple[type[Failure], ...] = (
    InvalidRequest, NotSignedIn, Forbidden, Banned, KeyReused, TooLarge, TooManyRequests, Internal, NotAvailableYet,
    Busy, DeadlineExceeded,
)  # fmt: skip


def to_body(failure: Failure) -> dict[str, Any]:
    """The failure as plain data with its name under `type`."""
    return {"type": type(failure).__name__, **asdict(failure)}


def from_body(body: dict[str, Any]) -> Failure:
    """The failure a body speaks of; one this version does not know becomes `Internal` with its name as incident."""
    name = str(body.get("type", ""))
    known = FAMILY.get(name)
    if known is None:
        return Internal(incident=f"unknown failure {name}")
    try:
        checked = msgspec.convert(body, known)
    except msgspec.ValidationError:
        return Internal(incident=f"incomplete failure {name}")
    # Built anew: the decoder goes round Exception's own constructor.
    return known(**asdict(checked))
