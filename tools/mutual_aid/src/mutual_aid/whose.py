"""Whose ledger it is: of one bot, with the people who wrote to that one; never of two, nor of real and made-up people.

Another bot, or the simulator, would find nobody of those whom something is owed, and every delivery would be refused.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg
import msgspec

from mutual_aid.place import Place
from mutual_aid.seed import CAST
from mutual_aid.settings import OperatorSettings
from mutual_aid.trouble import Trouble
from telegram_simulator.people import DEMO_TOKEN

WITHIN = 10.0  # s
HERE = "SELECT to_regclass($1) IS NOT NULL"
WHOSE = "SELECT external_id FROM bots WHERE channel = 'telegram'"
MARK = "INSERT INTO bots (channel, external_id) VALUES ('telegram', $1) ON CONFLICT DO NOTHING"
SERVING = """
    SELECT count(*) FROM identities i JOIN memberships m ON m.user_id = i.user_id AND m.state = 'live'
    WHERE i.channel = 'telegram' AND i.external_id = ANY($1)
"""
STRANGERS = "SELECT count(*) FROM identities WHERE channel = 'telegram' AND external_id <> ALL($1)"
BACK = "Put its token back into BOT_TOKEN, in the environment or in .env of the folder this is started in"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True)
class Anew:
    """How to begin with an empty ledger, where this one lies: after a try-out, and beside the one that is real."""

    instead: str
    beside: str


OURS = Anew(
    "Delete it with `make erase YES=1` (`mutual-aid erase --yes`) and start again",
    "name another folder with --state",
)
THEIRS = Anew("Name an empty database in POSTGRES_URL", "name an empty database in POSTGRES_URL")
CONTAINERS = Anew(
    "Delete it with `docker compose down --volumes --remove-orphans` and start again",
    "use another project (`docker compose --project-name`)",
)


def bot_of(settings: OperatorSettings) -> str:
    """The id of the bot that is to be started, the simulator's without a token."""
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    return (token or DEMO_TOKEN).partition(":")[0]


def simulated_people(place: Place) -> set[str]:
    """The ids of everybody the simulator of this state knows; where its file cannot be read, of nobody."""
    try:
        kept = msgspec.json.decode(place.simulator.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return set()
    return {str(person.id) for person in kept.people}


async def check(url: str, bot: str, *, simulated: bool, known: Iterable[str], anew: Anew) -> None:
    """Raise Trouble when the ledger is another bot's; one without tables is well.

    A ledger that nobody marked yet is not for the simulator when people wrote in it whom neither it knows (`known`) nor
    the try-out brings; nor for a real bot when made-up people serve in it: real ones would be offered help by nobody,
    and whoever has a moderator's number at Telegram would be one.
    """
    async with _ledger(url) as ledger:
        if not await ledger.fetchval(HERE, "memberships"):
            return
        owner = await _owner(ledger)
        _same(owner, bot, simulated=simulated, anew=anew)
        cast = [str(one.id) for one in CAST]
        if not simulated:
            if await ledger.fetchval(SERVING, cast):
                raise _tried_out(anew)
        elif owner is None and (strangers := await ledger.fetchval(STRANGERS, [*cast, *known])):
            why = f"{strangers} people wrote in it whom no simulator knows: real ones, and there is no BOT_TOKEN"
            raise Trouble("ledger", why, f"{BACK}. If they were made up all the same: {anew.instead}.")


async def mark(url: str, bot: str, *, simulated: bool, anew: Anew) -> None:
    """Write down whose it is, when nobody did; raises Trouble when somebody else did meanwhile. After the migration."""
    async with _ledger(url) as ledger:
        if await ledger.fetchval(HERE, "bots"):
            await ledger.execute(MARK, bot)
            _same(await _owner(ledger), bot, simulated=simulated, anew=anew)


async def settle(url: str, settings: OperatorSettings) -> None:
    """`check` and `mark` of a ledger whose tables are there already, as among containers."""
    bot, simulated = bot_of(settings), settings.uses_simulator
    await check(url, bot, simulated=simulated, known=(), anew=CONTAINERS)
    await mark(url, bot, simulated=simulated, anew=CONTAINERS)


class _Person(msgspec.Struct):
    id: int


class _Kept(msgspec.Struct):
    people: list[_Person]


def _same(owner: str | None, bot: str, *, simulated: bool, anew: Anew) -> None:
    if owner in {None, bot}:
        return
    if owner == DEMO_TOKEN.partition(":")[0]:
        raise _tried_out(anew)
    missing = "there is no BOT_TOKEN" if simulated else f"BOT_TOKEN is that of the bot {bot}"
    fix = f"{BACK}; to try something out, {anew.beside}." if simulated else f"{BACK}; for another bot, {anew.beside}."
    raise Trouble("ledger", f"this ledger belongs to the bot {owner}, and {missing}", fix)


def _tried_out(anew: Anew) -> Trouble:
    why = "it was tried out: made-up people serve in it, and nobody would help the real ones"
    return Trouble("ledger", why, f"{anew.instead}, or take BOT_TOKEN away to go on trying it out.")


async def _owner(ledger: Connection) -> str | None:
    if not await ledger.fetchval(HERE, "bots"):
        return None
    owner: str | None = await ledger.fetchval(WHOSE)
    return owner


@asynccontextmanager
async def _ledger(url: str) -> AsyncIterator[Connection]:
    try:
        connection = await asyncpg.connect(url, timeout=WITHIN)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = f"the ledger does not serve us ({type(error).__name__})"
        raise Trouble("postgres", why, "Start PostgreSQL, or correct POSTGRES_URL.") from error
    try:
        yield connection
    finally:
        await connection.close(timeout=WITHIN)
