"""One way to ask for an operation, and what decides whether somebody may."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from api.rights import RIGHTS, Relation, Row
from contracts.failures import Failure
from contracts.kinds import DemandStatus, MembershipKind
from integration.api.matrix.cast import Stage

NIL: Any = UUID(int=0)


class Scope(Enum):
    """What decides beside what the actor is everywhere."""

    NOTHING = 1
    DEMAND = 2
    SCENARIO = 3  # a moderator of the scenario concerned
    ANY_SCENARIO = 4  # a moderator of any
    PERSON = 5  # a moderator of the scenario, whom the person has to do with; another one finds nobody
    REPORT = 6  # a moderator of the scenario; nobody else knows of it


@dataclass(frozen=True)
class Entry:
    """One way to ask. `may`: refusals that say nothing about rights; `row`: where an argument decides, what replaces the
    table's; `viewer`: whose answer it is where there is no actor; `shows`: what it is there to show to staff of others;
    `author`: who wrote the message it is about; `keeps`: done to the same stage again, it is as good as the first time."""

    name: str
    ask: Callable[[Stage], Any]
    scope: Scope = Scope.DEMAND
    may: tuple[type[Failure], ...] = ()
    row: Row | None = None
    viewer: str = ""
    shows: frozenset[str] = frozenset()
    author: str = ""
    keeps: bool = False

    @property
    def rights(self) -> Row:
        """What the table says, or this line instead of it."""
        return RIGHTS[self.name] if self.row is None else self.row


def only(*relations: Relation) -> Row:
    return dict.fromkeys(relations, frozenset(DemandStatus))


CHIEFS = only(Relation.ADMIN, Relation.OPERATOR)
STAFF = CHIEFS | only(Relation.MODERATOR)
STAFF_OF_ACTIVE = dict.fromkeys(STAFF, frozenset({DemandStatus.WAITING, DemandStatus.HELD}))
STAFF_OF_SUBMITTED = dict.fromkeys(STAFF, frozenset(DemandStatus) - {DemandStatus.DRAFT})
ONESELF = only(Relation.USER)
TAKING_OVER = dict.fromkeys((Relation.ADMIN, Relation.MODERATOR), frozenset({DemandStatus.WAITING, DemandStatus.HELD}))
N, S, A, P = Scope.NOTHING, Scope.SCENARIO, Scope.ANY_SCENARIO, Scope.PERSON
NAMES, ALL_OF_THEM = frozenset({"name"}), frozenset({"name", "handle", "telegram", "phone", "user"})
PROVIDER, MODERATOR = MembershipKind.PROVIDER, MembershipKind.MODERATOR
