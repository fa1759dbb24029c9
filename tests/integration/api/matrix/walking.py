"""Asking for one thing as one person, and what the table of rights says must come of it."""

from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from api.rights import RIGHTS, SEEING, Relation, Row
from contracts import wire
from contracts.failures import (
    AlreadyClosed,
    AlreadyDeclined,
    AlreadyExists,
    AlreadyTaken,
    AtCapacity,
    Banned,
    Failure,
    Forbidden,
    InvalidRequest,
    LastAdmin,
    NotFound,
    NotSignedIn,
    TooManyOpen,
    VersionConflict,
    WrongStatus,
)
from contracts.kinds import ActorRule, Caller, DemandStatus
from contracts.operations import BY_NAME
from integration.api.cases import COUNTED
from integration.api.matrix.cast import MODERATORS, TO_SCENARIO, Stage, everywhere, to_demand
from integration.api.matrix.entry import Entry, Scope
from world import OPERATOR

# What may still refuse somebody who has the right to ask: the state of things, never who they are.
STATE_REFUSALS: frozenset[type[Failure]] = frozenset({
    AlreadyExists, VersionConflict, AtCapacity, TooManyOpen, LastAdmin, AlreadyDeclined,
})  # fmt: skip
Kinds = frozenset[type[Failure] | None]
NOBODY, OTHER_SPEAKER, UNHEARD_SESSION = "nobody", "another's actor", "a session nobody has"
STOPPED_AT_THE_DOOR: dict[str, Kinds] = {
    OTHER_SPEAKER: frozenset({Forbidden}),
    NOBODY: frozenset({NotSignedIn}),
    UNHEARD_SESSION: frozenset({NotSignedIn}),
    "unknown": frozenset({NotSignedIn}),
    "banned": frozenset({Banned}),
}
# Where an actor is optional, and somebody who is named has to be somebody all the same.
NAMED_IN_VAIN: dict[tuple[str, str], Kinds] = {
    ("users.enter", NOBODY): frozenset({NotSignedIn}),
    ("users.sign_up", UNHEARD_SESSION): frozenset({NotSignedIn}),
}
# I16 refuses whoever is banned every call, so that nothing they do reaches anybody. Ending one's own session reaches nobody
# and gives them nothing; refused, a banned person at a borrowed machine would leave a token behind that works again the day
# the ban is lifted. It asks the ledger nothing for the same reason: it has to work whatever else is away.
STILL_FREE = frozenset({("users.sign_out", "banned")})
FINGERPRINT = "SELECT " + ", ".join(f"(SELECT {what} FROM {table})" for table, what in COUNTED.items())  # noqa: S608


@dataclass(frozen=True)
class Answer:
    """What came back, as it was on the wire; `failure` is None for a reply."""

    failure: Failure | None
    body: bytes

    @property
    def kind(self) -> type[Failure] | None:
        return None if self.failure is None else type(self.failure)


async def ask(at: Stage, caller: Caller, name: str, request: object, actor: str | None) -> Answer:
    """One raw call: nothing of the typed client stands between the question and the api."""
    headers = {wire.IDEMPOTENCY_KEY: uuid4().hex} | ({wire.ACTOR: actor} if actor is not None else {})
    connection = at.cast.world.connections[caller.value]
    got = await connection.request(f"api.v1.{caller}.{name}", wire.encode(request), timeout=30, headers=headers)
    refused = (got.headers or {}).get(wire.ERROR) is not None
    return Answer(wire.decode_failure(got.data) if refused else None, got.data)


async def actors(entry: Entry, at: Stage) -> list[tuple[Caller, str, str | None]]:
    """Everybody who can be named by a caller of the operation: the caller, who that is, and the header.

    On the web everybody has a session made for this very question.
    """
    row, found = BY_NAME[entry.name], list[tuple[Caller, str, str | None]]()
    for caller in sorted(row.callers):
        found.append((caller, NOBODY, None))
        if row.actor is ActorRule.NONE:
            found.append((caller, OTHER_SPEAKER, at.cast["admin"].actor))
            continue
        session = f"session:{uuid4().hex}{uuid4().hex}"
        if caller is Caller.TELEGRAM:
            named: dict[str, str] = {who: person.actor for who, person in at.cast.people.items() if who in TO_SCENARIO}
            named["unknown"] = f"telegram:{uuid4().int % 10**15 + 1}"
            found += [(caller, who, actor) for who, actor in named.items()]
            found += [(caller, OTHER_SPEAKER, OPERATOR), (caller, OTHER_SPEAKER, session)]
        elif caller is Caller.OPERATOR:
            found += [(caller, "operator", OPERATOR), (caller, OTHER_SPEAKER, at.cast["admin"].actor)]
            found.append((caller, OTHER_SPEAKER, session))
        else:
            found += [(caller, who, await at.cast.session(who)) for who in at.cast.people if who in TO_SCENARIO]
            found += [(caller, UNHEARD_SESSION, session), (caller, OTHER_SPEAKER, at.cast["admin"].actor)]
            found.append((caller, OTHER_SPEAKER, OPERATOR))
    return found


def expected(entry: Entry, who: str, status: DemandStatus) -> Kinds:
    """What may come back; `None` is a reply. Computed from the table and from who everybody is, and from nothing else."""
    allowed: Kinds = frozenset({None, *STATE_REFUSALS, *entry.may})
    rule = BY_NAME[entry.name].actor
    if rule is ActorRule.NONE:
        return frozenset({InvalidRequest}) if who == OTHER_SPEAKER else allowed
    at_the_door = _at_the_door(entry, who, allowed)
    if at_the_door is not None:
        return at_the_door
    if entry.scope is Scope.DEMAND:
        return _of_a_demand(entry, who, status, allowed)
    if _to_scope(entry, who) & entry.rights.keys():
        return allowed
    hidden = entry.scope is Scope.REPORT or (entry.scope is Scope.PERSON and who in MODERATORS)
    return frozenset({NotFound if hidden else Forbidden})


def _at_the_door(entry: Entry, who: str, allowed: Kinds) -> Kinds | None:
    """What comes of those who are nobody, or may do nothing; None for everybody else."""
    optional = BY_NAME[entry.name].actor is ActorRule.OPTIONAL and Relation.NOBODY in entry.rights
    if optional and who in {NOBODY, UNHEARD_SESSION, "unknown"}:
        return NAMED_IN_VAIN.get((entry.name, who), allowed)
    return allowed if (entry.name, who) in STILL_FREE else STOPPED_AT_THE_DOOR.get(who)


def _of_a_demand(entry: Entry, who: str, status: DemandStatus, allowed: Kinds) -> Kinds:
    if status is DemandStatus.DRAFT and who == "requester" and Relation.REQUESTER not in _then(entry.rights, status):
        return frozenset({NotFound, Forbidden, WrongStatus, AlreadyClosed})  # it is theirs, and no demand yet
    relations = to_demand(who, status)
    if relations & SEEING and who == entry.author:
        relations |= {Relation.AUTHOR}
    if relations & _then(entry.rights, status):
        return allowed
    late = frozenset({AlreadyClosed if status is DemandStatus.CLOSED else WrongStatus, *_taking(entry, status)})
    if relations & entry.rights.keys():
        return late
    if relations & SEEING:
        # Where an argument decides, the time is asked for first, of those whom the table itself lets ask at another time.
        return frozenset({Forbidden}) | (late if entry.row and relations & RIGHTS[entry.name].keys() else frozenset())
    # An operator, who is no user, is told so before anybody looks: that says nothing about the demand either.
    return frozenset({NotFound, Forbidden} if who == "operator" else {NotFound})


def _then(row: Row, status: DemandStatus) -> set[Relation]:
    return {relation for relation, statuses in row.items() if status in statuses}


def _taking(entry: Entry, status: DemandStatus) -> set[type[Failure]]:
    """Why a member does not get a demand that is gone; those have names of their own."""
    if entry.name != "demands.take":
        return set()
    return {AlreadyDeclined} | ({AlreadyTaken} if status is DemandStatus.HELD else set())


def _to_scope(entry: Entry, who: str) -> frozenset[Relation]:
    found = everywhere(who)
    if entry.scope in {Scope.SCENARIO, Scope.PERSON, Scope.REPORT} and Relation.MODERATOR in TO_SCENARIO[who]:
        found |= {Relation.MODERATOR}
    if entry.scope is Scope.ANY_SCENARIO and who in MODERATORS:
        found |= {Relation.MODERATOR}
    return found


async def fingerprint(ledger: asyncpg.Pool) -> tuple[object, ...]:
    """Figures that anything done to the ledger would raise."""
    return tuple(await ledger.fetchrow(FINGERPRINT) or ())
