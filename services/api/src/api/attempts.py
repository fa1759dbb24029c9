"""One call and what it takes to bring it through: its whole transaction run again where the ledger asks for that."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from sqlalchemy.connectors.asyncio import AsyncAdapt_Error as DriverError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from api.actors import Actor
from contracts.failures import Busy, DeadlineExceeded, Failure
from contracts.kinds import Writes
from contracts.operations import Operation

log = structlog.get_logger(__name__)

COME_BACK_SECONDS = 0.2
ATTEMPTS = 4
# serialization_failure, deadlock_detected, lock_not_available: the whole transaction is run again.
AGAIN = frozenset({"40001", "40P01", "55P03"})
# query_canceled and transaction_timeout: it took too long.
TOO_LONG = frozenset({"57014", "25P04"})
UNIQUE = "23505"
# insufficient_resources and cannot_connect_now: answered instead of a connection.
NO_CONNECTION = ("53", "57P03")

# asyncpg answers with an InternalClientError where the server ends a connection between two steps of one statement.
LEDGER_AWAY = (
    DBAPIError,
    NoConnectionFree,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


@dataclass(slots=True)  # frozen, it would take longer to make
class Asked:
    """A decoded request with everything that came along; `give_up_at` in seconds of the epoch. Never changed."""

    operation: Operation[Any, Any]
    request: Any
    actor: Actor | None
    key: str
    traceparent: str
    give_up_at: float


Serve = Callable[[Asked], Awaitable[object]]


async def persistent(handler: Serve, asked: Asked) -> object:
    """The handler's answer, its whole transaction run again where the database asks for that."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await handler(asked)
        except TimeoutError as late:  # an OSError too, and no sign that the ledger is away
            if (fault := _fault_behind(late)) is not None:
                raise fault from None
            raise DeadlineExceeded from None
        except LEDGER_AWAY as error:
            state = _sqlstate(error)
            twin = state == UNIQUE and "idempotency_pkey" in str(error)
            if state in TOO_LONG:
                raise DeadlineExceeded from None
            if state is not None and not twin and state not in AGAIN and not state.startswith(("08", "57P", "53")):
                raise
            if attempt == ATTEMPTS or (state not in AGAIN and not twin):
                log.warning("call.ledger_away", operation=asked.operation.name, sqlstate=state)
                undone = twin or state in AGAIN or _never_began(error, state)
                raise (Busy(retry_after=COME_BACK_SECONDS) if undone else unfinished(asked.operation)) from None
        await asyncio.sleep(0.01 * attempt)
    raise AssertionError("the last attempt returns or raises")


def _fault_behind(late: TimeoutError) -> Exception | None:
    """What broke the handler, where time ran out only while its transaction was undone: to be seen and told as it is."""
    behind: BaseException | None = late
    while behind is not None:
        # Undoing breaks where the connection has; that error comes bare, before SQLAlchemy makes its own of it.
        if isinstance(behind, Exception) and not isinstance(behind, (TimeoutError, Failure, DriverError, *LEDGER_AWAY)):
            return behind
        behind = behind.__cause__ or behind.__context__
    return None


def _never_began(error: Exception, state: str | None) -> bool:
    """Whether there was no connection to begin with; one that breaks later may have carried the end of a change."""
    return isinstance(error, NoConnectionFree | OSError) or (state or "").startswith(NO_CONNECTION)


def unfinished(operation: Operation[Any, Any]) -> Failure:
    """What a caller is told whose call was cut short: Busy is a promise that nothing happened."""
    return Busy(retry_after=COME_BACK_SECONDS) if operation.writes is Writes.NO else DeadlineExceeded()


def _sqlstate(error: Exception) -> str | None:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return getattr(origin, "sqlstate", None)
