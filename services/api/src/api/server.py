"""From the broker to a handler and back: decode, who, deadline, bounded concurrency, transaction, failure to wire."""

import asyncio
import contextlib
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from nats.aio.client import Client
from nats.micro import add_service
from nats.micro.request import Request
from nats.micro.service import Service, ServiceConfig

from api import VERSION
from api.actors import actor_of
from api.admission import Admission
from api.attempts import COME_BACK_SECONDS, Asked, Serve, persistent, unfinished
from contracts import wire
from contracts.failures import Busy, DeadlineExceeded, Failure, Forbidden, Internal, InvalidRequest, NotAvailableYet
from contracts.kinds import Caller, Lane, Writes
from contracts.operations import OPERATIONS, Operation
from contracts.permissions import inbox_of
from service_kit.correlation import Trace, correlated
from service_kit.metrics import Outcome, counter, timed
from service_kit.supervise import TaskPool

log = structlog.get_logger(__name__)

REFUSALS = counter("refusals", "Calls refused, by operation and failure of the contract", "operation", "failure")

# How many calls of a kind may be under way; more are told to come back. The hot bound is what 10 connections work off in
# about a tenth of a second; staff and slow calls can never take more than their few connections.
SLOTS = {Lane.HOT: 256, Lane.STAFF: 32, Lane.SLOW: 16}
INBOXES = {caller: f"{inbox_of(caller)}." for caller in Caller}
DRAIN_SECONDS = 20.0
UNSUBSCRIBE_SECONDS = 4.0


class AnswerTooLarge(Exception):
    """A reply that no message of the broker can hold: a page somewhere has no end."""

    safe_to_log = True


class Server:
    """The api on one broker connection, from `start` to `drain`."""

    def __init__(self, connection: Client, handlers: Mapping[str, Serve]) -> None:
        built = {operation.name for operation in OPERATIONS if operation.is_built}
        if built != set(handlers):
            raise RuntimeError(f"table and handlers differ: {sorted(built ^ set(handlers))}")
        self._connection = connection
        self._handlers = handlers
        self._service: Service | None = None
        self._lanes = {lane: TaskPool(slots, name=f"api {lane}") for lane, slots in SLOTS.items()}
        underway: Counter[str] = Counter()
        self._admission = {lane: Admission(slots, underway) for lane, slots in SLOTS.items()}

    async def start(self) -> None:
        """Answer from now on, as one of the queue group `api`; `nats micro ls` lists the service."""
        config = ServiceConfig(name="api", version=VERSION, description="The ledger", queue_group="api")
        self._service = await add_service(self._connection, config)
        for operation in OPERATIONS:
            await self._service.add_endpoint(
                name=operation.name.replace(".", "-"),
                subject=f"api.{wire.VERSION}.*.{operation.name}",
                handler=self._endpoint(operation),
            )
        await self._connection.flush()

    async def drain(self) -> None:
        """Take no more calls, finish those under way; the connection stays open for their answers.

        nats.micro's own stop drops what was already received (measured: 16 of 9,000 calls lost), so the endpoint
        subscriptions are drained one by one, then the tasks awaited.
        """
        if self._service is not None:
            with contextlib.suppress(Exception):  # disconnected: nothing arrives any more either
                subscriptions = [endpoint._subscription for endpoint in self._service._endpoints]  # noqa: SLF001 - stopping the service drops calls, as above
                async with asyncio.timeout(UNSUBSCRIBE_SECONDS):  # a silent broker would be waited for, 10 s each
                    await asyncio.gather(*(each.drain() for each in subscriptions if each is not None))
        await asyncio.gather(*(lane.drain(DRAIN_SECONDS) for lane in self._lanes.values()))

    def _endpoint(self, operation: Operation[Any, Any]) -> Callable[[Request], Awaitable[None]]:
        """An endpoint hands over at once: nats-py gives it one message at a time."""
        lane, admission = self._lanes[operation.lane], self._admission[operation.lane]
        callers = {wire.subject_of(operation, caller): caller for caller in Caller}

        async def receive(request: Request) -> None:
            caller = callers.get(request.subject)
            if caller is not None and not request._msg.reply.startswith(INBOXES[caller]):  # noqa: SLF001 - a request hides it
                # Somebody wants the answer put where another listens; even a refusal would be a word in the wrong ear.
                log.warning("call.foreign_inbox", operation=operation.name, caller=caller)
                return
            who = (request.headers or {}).get(wire.ACTOR, "")
            if not admission.admits(who, lane.running):
                await _refuse_busy(operation, request)
            elif lane.try_start(self._answer(operation, request, caller, who)):
                # At once, not when the work begins: many calls are taken before any of them does.
                admission.count(who)
            else:
                await _refuse_busy(operation, request)

        return receive

    async def _answer(self, operation: Operation[Any, Any], request: Request, caller: Caller | None, who: str) -> None:
        headers = request.headers or {}
        with (
            self._admission[operation.lane].under_way(who),
            correlated(headers.get(wire.TRACEPARENT)) as trace,
            timed("api", operation.name) as measured,
        ):
            try:
                asked = _understood(operation, request, caller, headers, trace)
                answer = await persistent(self._handlers[operation.name], asked)
                body = _encoded(answer, self._connection.max_payload)
            except Failure as failure:
                measured.outcome = _outcome(failure)
                REFUSALS(operation=operation.name, failure=type(failure).__name__)
                log.info("call.refused", operation=operation.name, failure=type(failure).__name__)
                await _respond_failure(request, failure)
            except asyncio.CancelledError:
                await _respond_failure(request, unfinished(operation))
                raise
            except Exception:
                incident = uuid.uuid4().hex[:12]
                measured.outcome = "failed"
                REFUSALS(operation=operation.name, failure="Internal")
                # The answer first: a traceback takes its time to write.
                await _respond_failure(request, Internal(incident=incident))
                log.exception("call.failed", operation=operation.name, incident=incident)
            else:
                await _respond(request, body, None)
                if operation.writes is Writes.STORED:
                    log.info("call.served", operation=operation.name)


def _understood(
    operation: Operation[Any, Any], request: Request, caller: Caller | None, headers: Mapping[str, str], trace: Trace
) -> Asked:
    """The request as asked; raises the failure that says why it cannot be.

    The caller is proven by two things only the broker's rules allow it: the subject it publishes to, and the inbox it
    hears replies in, which the endpoint has looked at.
    """
    if caller is None:
        raise InvalidRequest(problem="the subject names no caller")
    if caller not in operation.callers:
        raise Forbidden
    now = time.time()
    # Clocks differ by a little; nobody may ask for more time than the row gives.
    give_up_at = now + operation.within
    if wire.DEADLINE in headers:
        try:
            give_up_at = min(give_up_at, int(headers[wire.DEADLINE]) / 1000)
        except (ValueError, OverflowError):
            log.debug("call.deadline_unreadable", operation=operation.name)
    if give_up_at <= now:
        raise DeadlineExceeded
    actor = actor_of(headers.get(wire.ACTOR), caller, operation.actor)
    if not operation.is_built:
        raise NotAvailableYet
    key = headers.get(wire.IDEMPOTENCY_KEY, "")
    if operation.writes is not Writes.NO and not (
        0 < len(key) <= wire.KEY_LIMIT and key.isascii() and key.isprintable()
    ):
        raise InvalidRequest(
            problem=f"a writing operation needs an Idempotency-Key of 1 to {wire.KEY_LIMIT} printable ASCII characters"
        )
    return Asked(operation, wire.decode_request(operation, request.data), actor, key, str(trace), give_up_at)


def _encoded(answer: object, most: int) -> bytes:
    """The body of an answer; `AnswerTooLarge` tells the caller at once what they would else learn by their deadline."""
    body = wire.encode(answer)
    if len(body) > most:
        raise AnswerTooLarge(f"{len(body)} bytes")
    return body


def _outcome(failure: Failure) -> Outcome:
    if isinstance(failure, Busy):
        return "busy"
    return "timed_out" if isinstance(failure, DeadlineExceeded) else "refused"


async def _refuse_busy(operation: Operation[Any, Any], request: Request) -> None:
    REFUSALS(operation=operation.name, failure="Busy")
    await _respond_failure(request, Busy(retry_after=COME_BACK_SECONDS))


async def _respond_failure(request: Request, failure: Failure) -> None:
    body, headers = wire.encode_failure(failure)
    await _respond(request, body, headers)


async def _respond(request: Request, body: bytes, headers: dict[str, str] | None) -> None:
    """Answer, if anybody can still hear it: a lost connection is the caller's retry under the same key."""
    try:
        await request.respond(body, headers)
    except Exception:  # noqa: BLE001 - the effect is committed, only the answer is lost
        log.warning("call.answer_lost", subject_operation=request.subject.rpartition("v1.")[2])
