"""How a handler is served: in a transaction of its own, or by one function of the database."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.actors import Operator, Person, SessionHolder
from api.attempts import Asked, Serve
from api.call import Call, Doer, Errand, HotCall
from api.gate import Gate
from api.idempotency import Wish, body_hash, find_answer, keep_answer
from api.ledger import Ledger
from api.rights import allows, depends_on_object
from api.sessions import OpenSession
from api.settings import ServeSettings
from contracts.failures import Banned, Failure, Forbidden, NotSignedIn
from contracts.kinds import ActorRule, Writes
from contracts.operations import Operation
from service_kit.metrics import timed

Q = TypeVar("Q")
A = TypeVar("A")
Bound = tuple[str, Callable[[Ledger, ServeSettings, Gate], Serve]]

WHO = text("""
    SELECT json_build_object('id', u.id, 'is_admin', u.is_admin, 'banned', u.banned_at IS NOT NULL)::text
    FROM identities i JOIN users u ON u.id = i.user_id
    WHERE i.channel = :channel AND i.external_id = :external_id
""")
WHO_IS_SIGNED_IN = text("""
    SELECT json_build_object('id', u.id, 'is_admin', u.is_admin, 'banned', u.banned_at IS NOT NULL)::text
    FROM users u WHERE u.id = :user AND u.merged_into IS NULL AND u.erased_at IS NULL
""")


def bind(operation: Operation[Q, A], handler: Callable[[Call, Q], Awaitable[A]]) -> Bound:
    """Serve an operation in one transaction: key, rights, effect, answer, commit."""

    def bound(ledger: Ledger, settings: ServeSettings, gate: Gate) -> Serve:
        async def serve(asked: Asked) -> object:
            wish: Wish | None = None
            async with asyncio.timeout(asked.give_up_at - time.time()):
                session = await _session(gate, asked)
                with timed("postgres", operation.name):
                    try:
                        async with ledger.transaction(operation.lane) as db:
                            call = await _call(db, settings, gate, asked, session)
                            if operation.writes is not Writes.STORED:
                                return await _permitted(call, handler, asked.request)
                            wish = Wish(_on_record(call), operation.name, asked.key, body_hash(asked.request))
                            before = await find_answer(db, wish)
                            if before is None:
                                reply = await _permitted(call, handler, asked.request)
                                await keep_answer(db, wish, reply)
                                return reply
                    except Failure:
                        # What refuses this call may be the effect of its twin, which held the lock this one waited for.
                        before = await _twins_answer(ledger, wish)
                        if before is None:
                            raise
                    return msgspec.Raw(before.encode())

        return serve

    return operation.name, bound


def bind_hot(operation: Operation[Q, A], handler: Callable[[HotCall, Q], Awaitable[A]]) -> Bound:
    """Serve an operation in one round trip: the function takes key and body along and keeps the answer itself."""

    def bound(ledger: Ledger, settings: ServeSettings, gate: Gate) -> Serve:
        async def serve(asked: Asked) -> object:
            digest = body_hash(asked.request) if operation.writes is Writes.STORED else 0
            async with asyncio.timeout(asked.give_up_at - time.time()):
                call = HotCall(
                    ledger.pool, settings, operation.name, operation.reply, asked.actor, await _session(gate, asked),
                    asked.key, digest, asked.traceparent,
                )  # fmt: skip
                return await handler(call, asked.request)

        return serve

    return operation.name, bound


def bind_steps(
    operation: Operation[Q, A],
    handler: Callable[[Errand, Q], Awaitable[A]],
    before: Callable[[Call, str], Awaitable[A | None]] | None = None,
) -> Bound:
    """Serve an operation in several steps, each transaction of which knows who acts and asks for rights anew.

    `before` gives what this key was answered before to an actor who is nobody any more, or None; its call has no user.
    """
    if operation.writes is Writes.STORED:
        raise RuntimeError(f"{operation.name} has no one transaction to keep its answer in")

    def bound(ledger: Ledger, settings: ServeSettings, gate: Gate) -> Serve:
        async def serve(asked: Asked) -> object:
            async with asyncio.timeout(asked.give_up_at - time.time()):
                try:
                    session = await _session(gate, asked)
                    transaction = partial(_transaction, ledger, settings, gate, asked, session)
                    return await handler(
                        Errand(settings, gate, asked.actor, session, asked.key, transaction), asked.request
                    )
                except NotSignedIn:
                    if before is None:
                        raise
                    with timed("postgres", operation.name):
                        async with ledger.transaction(operation.lane) as db:
                            nobody = Call(db, settings, gate, operation.name, asked.actor, None, asked.traceparent)
                            answer = await before(nobody, asked.key)
                    if answer is None:
                        raise
                    return answer

        return serve

    return operation.name, bound


def bind_free(operation: Operation[Q, A], handler: Callable[[Q], Awaitable[A]]) -> Bound:
    """Serve an operation that needs nobody and nothing: it answers whatever else is away."""

    def bound(_: Ledger, __: ServeSettings, ___: Gate) -> Serve:
        async def serve(asked: Asked) -> object:
            return await handler(asked.request)

        return serve

    return operation.name, bound


def serving(bound: tuple[Bound, ...], ledger: Ledger, settings: ServeSettings, gate: Gate) -> dict[str, Serve]:
    """Every operation with what serves it."""
    table: dict[str, Any] = {}
    for name, make in bound:
        if name in table:
            raise RuntimeError(f"{name} is bound twice")
        table[name] = make(ledger, settings, gate)
    return table


async def _permitted(call: Call, handler: Callable[[Call, Q], Awaitable[A]], request: Q) -> A:
    """The handler's answer; one that depends on what the actor is to the object has to have asked what that is."""
    _ensure_allowed(call)
    answer = await handler(call, request)
    _ensure_asked(call)
    return answer


@asynccontextmanager
async def _transaction(
    ledger: Ledger, settings: ServeSettings, gate: Gate, asked: Asked, session: OpenSession | None
) -> AsyncIterator[Call]:
    """One step of an errand: committed when the block ends well and has asked for the right to do what it did."""
    with timed("postgres", asked.operation.name):
        async with ledger.transaction(asked.operation.lane) as db:
            call = await _call(db, settings, gate, asked, session)
            _ensure_allowed(call)
            yield call
            _ensure_asked(call)


def _ensure_allowed(call: Call) -> None:
    if allows(call.operation, call.relations):
        call.require(())
    elif not depends_on_object(call.operation):
        raise Forbidden


def _ensure_asked(call: Call) -> None:
    if not call.permits:
        raise RuntimeError(f"{call.operation} acted without asking for the right to")


async def _session(gate: Gate, asked: Asked) -> OpenSession | None:
    """The session the call is made in; `NotSignedIn` where it is over and somebody has to be signed in."""
    if not isinstance(asked.actor, SessionHolder):
        return None
    session = await gate.sessions.find(asked.actor.digest)
    if session is None and asked.operation.actor is ActorRule.REQUIRED:
        raise NotSignedIn
    return session


async def _call(
    db: AsyncConnection, settings: ServeSettings, gate: Gate, asked: Asked, session: OpenSession | None
) -> Call:
    """The call with who makes it; raises `NotSignedIn` for a person nobody knows where one is needed, `Banned`."""
    who: Doer | None = None
    call = Call(db, settings, gate, asked.operation.name, asked.actor, None, asked.traceparent, session)
    if isinstance(asked.actor, Person):
        who = await call.one(WHO, Doer, channel=asked.actor.channel, external_id=asked.actor.external_id)
    elif session is not None:
        who = await call.one(WHO_IS_SIGNED_IN, Doer, user=session.user)
    if who is None and asked.operation.actor is ActorRule.REQUIRED and not isinstance(asked.actor, Operator):
        raise NotSignedIn
    if who is not None and who.banned:
        raise Banned
    return replace(call, user=who)


async def _twins_answer(ledger: Ledger, wish: Wish | None) -> str | None:
    if wish is None:
        return None
    async with ledger.engine.connect() as db:
        return await find_answer(db, wish)


def _on_record(call: Call) -> str:
    return f"operator:{call.actor.name}" if isinstance(call.actor, Operator) else str(call.me)
