"""All a handler ever receives: who asks, and a way to the ledger."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.actors import Actor, Operator, Person
from api.gate import Gate
from api.ledger import fetchrow
from api.rights import Relation, allows
from api.sessions import OpenSession
from api.settings import ServeSettings
from contracts.failures import AlreadyClosed, Forbidden, WrongStatus, from_body
from contracts.kinds import DemandStatus
from contracts.shapes import UserId
from service_kit.metrics import timed

S = TypeVar("S")

PAGE_BYTES: Final = 500_000
"""Bytes of lines in one page; with the rest of it below the 512 KiB a reply may have."""


class Doer(msgspec.Struct, frozen=True):
    """The user who acts, as the ledger has them in this transaction."""

    id: UserId
    is_admin: bool
    banned: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One call inside one transaction, which ends well only when the handler returns.

    `user` is the acting user with live rights; an operator has none and an admin's rights. `session` is the one the
    call is made in, of somebody who came by the web.
    """

    db: AsyncConnection
    settings: ServeSettings
    gate: Gate
    operation: str
    actor: Actor | None
    user: Doer | None
    traceparent: str
    session: OpenSession | None = None
    permits: set[Relation] = field(default_factory=set)

    @property
    def relations(self) -> frozenset[Relation]:
        """What the actor is wherever they go."""
        if isinstance(self.actor, Operator):
            return frozenset({Relation.OPERATOR})
        if self.user is None:
            return frozenset({Relation.NOBODY})
        return frozenset({Relation.USER, Relation.ADMIN} if self.user.is_admin else {Relation.USER})

    def require(self, relations: Iterable[Relation], status: DemandStatus | None = None) -> None:
        """Go on where the table of rights lets somebody who is all this; every handler asks, or its effect is undone.

        `Forbidden` where no relation would do; `AlreadyClosed` or `WrongStatus` where one would at another time.
        """
        held = self.relations | frozenset(relations)
        if not allows(self.operation, held):
            raise Forbidden
        if status is not None and not allows(self.operation, held, status):
            raise AlreadyClosed if status is DemandStatus.CLOSED else WrongStatus(status_now=status)
        self.permits.update(held)

    @property
    def me(self) -> UserId:
        """The acting user's id; `Forbidden` for an operator, who is no user."""
        if self.user is None:
            raise Forbidden
        return self.user.id

    @property
    def is_admin(self) -> bool:
        """Whether the actor has an admin's rights."""
        return isinstance(self.actor, Operator) or (self.user is not None and self.user.is_admin)

    def require_admin(self) -> None:
        """Go on for admins and operators; `Forbidden` for everybody else."""
        if not self.is_admin:
            raise Forbidden

    async def one(self, statement: TextClause, shape: type[S], /, **values: object) -> S | None:
        """The single JSON value a statement selects, as `shape`; None without a row."""
        found = (await self.db.execute(statement, values)).scalar_one_or_none()
        return None if found is None else msgspec.json.decode(found, type=shape)

    async def all(self, statement: TextClause, shape: type[S], /, **values: object) -> list[S]:
        """Every JSON value a statement selects, in its order, each as `shape`."""
        rows = (await self.db.execute(statement, values)).scalars()
        return [msgspec.json.decode(row, type=shape) for row in rows]

    async def page(
        self, statement: TextClause, shape: type[S], /, *, limit: int, **values: object
    ) -> tuple[list[S], bool]:
        """The first of the JSON values a statement selects, and whether there are more; it has to select one past `limit`.

        A page ends at its limit or when it is full, and never before its first line.
        """
        rows = (await self.db.execute(statement, {"limit": limit, **values})).scalars().all()
        found, size = list[S](), 0
        for row in rows[:limit]:
            size += len(row.encode())
            if found and size > PAGE_BYTES:
                break
            found.append(msgspec.json.decode(row, type=shape))
        return found, len(rows) > len(found)

    async def value(self, statement: TextClause, /, **values: object) -> Any:  # noqa: ANN401 - the statement decides
        """The first column of the first row, or None."""
        return (await self.db.execute(statement, values)).scalar()

    async def run(self, statement: TextClause, /, **values: object) -> int:
        """Execute a statement; how many rows it changed."""
        return (await self.db.execute(statement, values)).rowcount

    async def audit(self, subject: UUID | None, **detail: object) -> None:
        """Put on record who did this; part of the same transaction."""
        await self.run(
            AUDIT,
            actor=f"operator:{self.actor.name}" if isinstance(self.actor, Operator) else str(self.me),
            operation=self.operation,
            subject=subject,
            detail=msgspec.json.encode(detail).decode(),
            trace=self.traceparent,
        )


AUDIT = text("""
    INSERT INTO audit (actor, operation, subject_id, detail, traceparent)
    VALUES (:actor, :operation, CAST(:subject AS uuid), CAST(:detail AS jsonb), :trace)
""")


@dataclass(frozen=True, slots=True)
class Errand:
    """One call that takes several steps, of which only some are transactions: nothing slow happens inside one."""

    settings: ServeSettings
    gate: Gate
    actor: Actor | None
    session: OpenSession | None
    key: str
    transaction: Callable[[], AbstractAsyncContextManager[Call]]


@dataclass(slots=True)  # frozen, it would take longer to make
class HotCall:
    """One call that is one round trip: a function in the database does it all, in its own transaction."""

    pool: asyncpg.Pool
    settings: ServeSettings
    operation: str
    reply: Any
    actor: Actor | None
    session: OpenSession | None
    key: str
    body_hash: int
    traceparent: str

    async def as_actor(self, statement: str, /, *values: object) -> Any:  # noqa: ANN401 - the row's reply
        """The function's answer, called with who acts, key, body and trace before its own `values`.

        Raises the failure the function names; `Forbidden` for an operator, who is no user and sits in no demand.
        """
        return await self.plain(statement, *self._named(), self.key, self.body_hash, self.traceparent, *values)

    async def as_reader(self, statement: str, /, *values: object) -> Any:  # noqa: ANN401 - the row's reply
        """The same for a function that changes nothing, and so is told neither key, body nor trace."""
        return await self.plain(statement, *self._named(), *values)

    def _named(self) -> tuple[str, str]:
        """How the functions find who acts: an identity in a channel, or 'user' and the user's own id."""
        if self.session is not None:
            return "user", str(self.session.user)
        if not isinstance(self.actor, Person):
            raise Forbidden
        return self.actor.channel, self.actor.external_id

    async def plain(self, statement: str, /, *values: object) -> Any:  # noqa: ANN401 - the row's reply
        """The function's answer; raises the failure it names."""
        with timed("postgres", self.operation):
            row = await fetchrow(self.pool, statement, *values)
        if row is None:
            raise RuntimeError("a hot function returns one row")
        failure, body = row
        if failure is not None:
            # A replay under a reused key brings the old answer along; the refusal has no use for it.
            data = msgspec.json.decode(body) if body and failure != "KeyReused" else {}
            raise from_body({"type": failure, **data})
        return msgspec.json.decode(body, type=self.reply)
