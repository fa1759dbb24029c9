"""Connections to PostgreSQL: a lean pool for the hot operations, an engine for everything else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from contracts.kinds import Lane
from service_kit.metrics import timed
from service_kit.supervise import TaskPool

STATEMENT_TIMEOUT_MS = 3000
# A call that waits longer holds a person up; what blocks longer is a fault (milliseconds).
SESSION = {
    "lock_timeout": "500",
    "idle_in_transaction_session_timeout": "5000",
    "transaction_timeout": "10000",
    "jit": "off",
}
# The statements inside the hot functions find every row by a key, so one plan is right for all values. Left to itself
# PostgreSQL plans most of them anew for each call, because a list of people might be long: more than half the time of
# owing a delivery, measured. A plan made once while a table was empty would go through all of it until the server counts
# its rows again, a minute later: `demands.create` came to cost twice as much within 8,000 of them, measured.
HOT_SESSION = {
    **SESSION,
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "application_name": "api hot",
}
COLD_CONNECTIONS = 6
# What calls that take their time may hold of them at once, all people's together: the last is for calls for help.
COLD_OF_LANE = {Lane.SLOW: 2, Lane.STAFF: 3}
# s to wait for one of them, then Busy: a call's first attempt has 2.5, and one that got its connection at the end of that
# would be cut short in the middle of its work.
COLD_WITHIN = 1.0
CONNECT_SECONDS = 10
CANCEL_SECONDS = 2
FAREWELL_SECONDS = 3


AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
NOBODY_THERE = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)


class LedgerUnavailable(Exception):
    """PostgreSQL cannot be reached or lets nobody in; the text is fit for the operator.

    `is_final`: asking again cannot help, as it knows no such user, password or database.
    """

    safe_to_log = True

    def __init__(self, url: str, error: Exception) -> None:
        place = make_url(url)
        # The server's own words may quote a user or a database; which kind of refusal it was says enough.
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        super().__init__(f"PostgreSQL at {place.host}:{place.port or 5432}/{place.database}: {reason}")
        self.is_final = isinstance(error, NOBODY_THERE)


class Ledger:
    """The two ways to the database, opened and closed together."""

    def __init__(self, pool: asyncpg.Pool, engine: AsyncEngine) -> None:
        self.pool = pool
        self.engine = engine
        self._turns = {lane: asyncio.Semaphore(many) for lane, many in COLD_OF_LANE.items()}

    @contextlib.asynccontextmanager
    async def transaction(self, lane: Lane) -> AsyncIterator[AsyncConnection]:
        """A transaction of a call in this lane; `NoConnectionFree` where none of its connections is free in time."""
        async with contextlib.AsyncExitStack() as held:
            if (turn := self._turns.get(lane)) is not None:
                try:
                    async with asyncio.timeout(COLD_WITHIN):
                        await held.enter_async_context(turn)
                except TimeoutError:
                    raise NoConnectionFree from None
            yield await held.enter_async_context(self.engine.begin())

    async def close(self) -> None:
        """Give all connections back; whoever does not answer the farewell in time is left."""
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.engine.dispose()
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()

    async def check(self) -> None:
        """A statement through the pool; raises what the database or the network raises."""
        with timed("postgres", "check"):
            await fetchrow(self.pool, "SELECT 1")


async def fetchrow(pool: asyncpg.Pool, statement: str, *values: object) -> asyncpg.Record | None:
    """The first row of a statement through the pool.

    Given up in the middle, the server is asked to cancel, so that nothing happens after the caller was told; nobody waits
    for that with a server that says nothing: the connection goes back, or is cut, behind the caller's back.
    """
    connection = await pool.acquire()
    try:
        row = await connection.fetchrow(statement, *values)
    except (asyncio.CancelledError, TimeoutError):
        if not _GIVEN_UP.try_start(_take_back(pool, connection)):
            connection.terminate()
        raise
    except BaseException:
        await pool.release(connection)
        raise
    await pool.release(connection)
    return row


# More than the largest pool has connections.
_GIVEN_UP = TaskPool(128, name="ledger.given_up")


async def _take_back(pool: asyncpg.Pool, connection: PoolConnectionProxy) -> None:
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            await pool.release(connection)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        connection.terminate()


async def _keep_session(_: asyncpg.Connection) -> None:
    """Nothing to reset: the hot functions change no session state, and a reset costs a third of a claim."""


async def connect(url: str, **session: str) -> asyncpg.Connection:
    """A connection of one's own with these settings of PostgreSQL's.

    Raises `LedgerUnavailable` after 10 s, or as soon as it is clear that there is none.
    """
    try:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=session)
    except AWAY as error:
        raise LedgerUnavailable(url, error) from None


@contextlib.contextmanager
def answering(ledger: asyncpg.Connection, within: float) -> Iterator[None]:
    """End the connection when the block takes longer than so many seconds: what waits for an answer then raises.

    Cancelling is not enough: asyncpg would ask the server to cancel too, and roll back, and wait for both without end.
    """
    ending = asyncio.get_running_loop().call_later(within, ledger.terminate)
    try:
        yield
    finally:
        ending.cancel()


async def ensure_reachable(url: str) -> None:
    """Go on when there is a database at `url` that lets us in; `LedgerUnavailable` otherwise."""
    await (await connect(url)).close()


async def open_ledger(url: str, pool_size: int, statement_timeout_ms: int = STATEMENT_TIMEOUT_MS) -> Ledger:
    """Both ways to the database at `url`; raises `LedgerUnavailable` when it cannot be reached within 10 s."""
    await ensure_reachable(url)
    patience = {"statement_timeout": str(statement_timeout_ms)}
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=2,
            max_size=pool_size,
            timeout=10,
            command_timeout=10,
            reset=_keep_session,
            server_settings={**HOT_SESSION, **patience},
        )
    except AWAY as error:
        raise LedgerUnavailable(url, error) from None
    engine = create_async_engine(
        driver_url(url),
        pool_size=COLD_CONNECTIONS,
        max_overflow=0,
        pool_timeout=COLD_WITHIN,
        hide_parameters=True,
        connect_args={"server_settings": {**SESSION, **patience, "application_name": "api"}, "timeout": 10},
    )
    return Ledger(pool, engine)


def driver_url(url: str) -> URL:
    """The same database for SQLAlchemy's asyncpg driver."""
    return make_url(url).set(drivername="postgresql+asyncpg")
