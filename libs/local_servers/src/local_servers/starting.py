"""Start three servers on a state folder, whatever an earlier run left there; delete such a folder."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from local_servers import nats_server, postgres, redis_server
from local_servers.account import Account, account_for, hand_over
from local_servers.addresses import Addresses
from local_servers.failures import ServerFailed, fix_for
from local_servers.home import data_home, kept_home
from local_servers.nats_server import PROBE, BrokerUser, Nats, check
from local_servers.postgres import Postgres
from local_servers.process import Name, clear_away, rotate
from local_servers.programs import Program, nats_program, postgres_program, redis_program, within_reach
from local_servers.redis_server import Redis
from local_servers.servers import NAMES, Servers
from local_servers.state import State, choose_ports, free, hold, seed_file

TRIES = 3  # starts, when ports are taken between being chosen and being used


async def start(
    state: Path, nats_users: Sequence[BrokerUser], *, durable: bool = True, only: Sequence[Name] = NAMES
) -> Servers:
    """Start PostgreSQL 18, NATS with JetStream and Redis on loopback, with their state in this folder.

    Returns when all three answer, or those named by `only`: the others are somebody else's, neither looked for nor
    started, and their addresses here lead nowhere. The folder keeps data, ports, passwords and keys, so the next start
    finds the same addresses unless a port was taken meanwhile; what a killed run left behind is cleared away first.
    nats_users are the only ones NATS lets in, with the rights given now. durable=False is for tests: fast, and
    forgetful when PostgreSQL is killed (the last second's commits) or the machine loses power.

    Raises AlreadyRunning when another process runs servers on the folder, ServerFailed when one does not start,
    ValueError for NATS users whose names clash. Call it from a thread that outlives the servers: on Linux they are
    told to stop when it ends.
    """
    check(nats_users)
    held = hold(state)
    try:
        for name in only:
            rotate(held.folder / "logs" / f"{name}.log")
        account = account_for(held.folder)
        home = data_home(held, account, durable=durable)
        await clear_away(_marks(home), account)  # before ports are looked at: leftovers hold them
        servers = await _with_free_ports(held, account, home, tuple(nats_users), only, durable=durable)
    except OSError as error:
        held.release()
        reason = f"{error.filename or held.folder}: {error.strerror}"
        raise ServerFailed("state", reason, "", fix_for(str(error))) from error
    except BaseException:
        held.release()
        raise
    held.announce({name: f"127.0.0.1:{held.ports[name]}" for name in only})
    return servers


async def erase(state: Path) -> None:
    """Delete a state folder with all its data, wherever they are.

    Raises AlreadyRunning when servers run on it; ServerFailed when its data are another folder's (it is a copy of that
    one), or something cannot be deleted: then the folder goes on naming where the rest is.
    """
    held = hold(state)
    try:
        account = account_for(held.folder)
        home = kept_home(held, account)
        if home is not None:
            await clear_away(_marks(home), account)
            shutil.rmtree(home)
        shutil.rmtree(held.folder)
    except OSError as error:
        raise ServerFailed(
            "state",
            f"{error.filename or held.folder} cannot be deleted: {error.strerror}",
            "",
            "See what keeps it, then erase again.",
        ) from error
    finally:
        held.release()


async def _with_free_ports(
    state: State,
    account: Account | None,
    home: Path,
    users: tuple[BrokerUser, ...],
    only: Sequence[Name],
    *,
    durable: bool,
) -> Servers:
    """Start, and again with other ports when one was taken between being chosen and being used."""
    tries = 1
    while True:
        choose_ports(state, only)
        servers = _assemble(state, account, home, users, only, durable=durable)
        try:
            await _start_all(servers, only)
        except ServerFailed as failure:
            tries += 1
            if tries > TRIES or all(free(state.ports[name]) for name in only):
                raise failure from failure.__cause__
        else:
            return servers


def _assemble(
    state: State,
    account: Account | None,
    home: Path,
    users: tuple[BrokerUser, ...],
    only: Sequence[Name],
    *,
    durable: bool,
) -> Servers:
    """Programs, ports, keys and folders of the three servers, before any of them is started."""

    def program(name: Name, find: Callable[[], Program]) -> Path:
        return within_reach(find(), account, home) if name in only else Path("not-started")

    def port(name: Name) -> int:
        return state.ports[name] if name in only else 0

    seeds = {name: seed_file(state.folder, name) for name in (PROBE, *(user.name for user in users))}
    data, word = home / "postgres" / "cluster", state.passwords["postgres"]
    cluster = Postgres(program("postgres", postgres_program), data, port("postgres"), word, durable)
    broker = Nats(program("nats", nats_program), home / "nats", port("nats"), users, seeds, durable)
    word = state.passwords["redis"]
    memory = Redis(program("redis", redis_program), home / "redis", port("redis"), word, durable)
    hand_over(state.folder, account)
    theirs = {name: seed for name, seed in seeds.items() if name != PROBE}
    addresses = Addresses(cluster.url(), broker.url, theirs, memory.url)
    return Servers(addresses, state, account, cluster, broker, memory)


async def _start_all(servers: Servers, names: Sequence[Name]) -> None:
    """Start them all at once; when one fails, none stays. Raises the first ServerFailed or OSError."""
    try:
        async with asyncio.TaskGroup() as starts:
            for name in names:
                starts.create_task(servers.restart(name))
    except BaseException as error:
        await servers.stop_all()
        if isinstance(error, BaseExceptionGroup) and (failures := error.subgroup((ServerFailed, OSError))):
            first = failures.exceptions[0]
            raise first from first.__cause__
        raise


def _marks(home: Path) -> tuple[str, ...]:
    """What the command lines of the servers with data in this place name, whichever run started them."""
    return (
        *postgres.marks(home / "postgres" / "cluster"),
        str(nats_server.configuration(home / "nats")),
        str(redis_server.configuration(home / "redis")),
    )
