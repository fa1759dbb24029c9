"""The typed client: the only way a service talks to the api."""

import asyncio
import random
import re
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import nats.errors
from nats.aio.msg import Msg

from contracts import wire
from contracts.failures import Busy, DeadlineExceeded, Failure, Forbidden, Internal, InvalidRequest, TooLarge
from contracts.kinds import Caller, Writes
from contracts.operations import OPERATIONS, Operation

Q = TypeVar("Q")
A = TypeVar("A")

# A call that is cut off half-way still has time for one more attempt under the same key.
FIRST_ATTEMPT_SHARE = 0.5
NO_RESPONDERS_PAUSE = 0.1
# Seconds until the api may know what became of a change that it lost sight of.
UNSURE_PAUSE = 0.2
# Seconds; whatever an api says, many callers that come back sooner are a storm.
SHORTEST_PAUSE = 0.02
# Seconds; what is asked with less time left could not be answered, and might still take effect.
SHORTEST_ATTEMPT = 0.01
# What a broker header carries unharmed: nats-py trims blanks and rewrites line ends without a word.
HEADER_VALUE = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?")


class Connection(Protocol):
    """What the client needs of a broker connection."""

    async def request(self, subject: str, payload: bytes, timeout: float, *, headers: dict[str, str] | None) -> Msg:
        """The first reply; raises nats-py's errors."""
        ...


class Client:
    """Calls operations as one caller over one connection.

    `traceparent` gives the W3C header of whatever is being done, so that one correlation id leads through every hop.
    """

    def __init__(self, connection: Connection, caller: Caller, traceparent: Callable[[], str]) -> None:
        self._connection = connection
        self._caller = caller
        self._traceparent = traceparent
        self._subjects = {operation.name: wire.subject_of(operation, caller) for operation in OPERATIONS}
        self._waiting: dict[str, set[asyncio.Task[Any]]] = {}
        self._denied: set[asyncio.Task[Any]] = set()

    async def call(
        self, operation: Operation[Q, A], request: Q, *, actor: str | None = None, key: str | None = None
    ) -> A:
        """The reply to `request`, asked on behalf of `actor` (`telegram:<id>`, `session:<hash>`, `operator:<name>`).

        `key` names the wish: every attempt of this call carries it, and calling again with it cannot take effect
        twice. Without one a writing operation gets a key of its own, good for the attempts of this call only.

        Raises the `Failure` the api answered; `DeadlineExceeded` when the row's `within` seconds passed, after which
        nothing more is sent and a change may or may not have been made; `Forbidden` when the broker refused. `Busy`
        at the end of that time means that no attempt took effect.
        """
        headers = self._headers(operation, actor, key)
        body = _encoded(request)
        give_up_at = time.monotonic() + operation.within
        share = FIRST_ATTEMPT_SHARE
        unanswered = False
        ending: Failure = DeadlineExceeded()
        while True:
            remaining = give_up_at - time.monotonic()
            if remaining < SHORTEST_ATTEMPT:
                raise ending
            headers[wire.DEADLINE] = str(int((time.time() + remaining) * 1000))
            try:
                return await self._attempt(operation, body, headers, remaining * share)
            except DeadlineExceeded:
                # The api does not know either. The same key is the way to find out, and to see it done.
                if operation.writes is Writes.NO:
                    raise
                unanswered, ending = True, DeadlineExceeded()
                await _pause(UNSURE_PAUSE, give_up_at, ending)
            except Busy as busy:
                # An attempt that got no answer may have taken effect: then "come back later" would be a lie.
                ending = DeadlineExceeded() if unanswered else busy
                await _pause(busy.retry_after, give_up_at, ending)
            except (nats.errors.NoRespondersError, nats.errors.OutboundBufferLimitError):
                await _pause(NO_RESPONDERS_PAUSE, give_up_at, ending)
            except (nats.errors.ConnectionClosedError, nats.errors.ConnectionDrainingError):
                raise DeadlineExceeded from None
            except (TimeoutError, nats.errors.TimeoutError):
                share, unanswered, ending = 1.0, True, DeadlineExceeded()

    def permission_denied(self, subject: str) -> None:
        """Tell that the broker refused `subject` (in any case of letters): calls waiting for it fail at once."""
        for task in self._waiting.get(subject.lower(), set()) - self._denied:
            self._denied.add(task)
            task.cancel()

    def _headers(self, operation: Operation[Any, Any], actor: str | None, key: str | None) -> dict[str, str]:
        headers = {wire.TRACEPARENT: self._traceparent()}
        if actor is not None:
            headers[wire.ACTOR] = _unharmed(actor, "the actor")
        if operation.writes is not Writes.NO:
            headers[wire.IDEMPOTENCY_KEY] = str(uuid4()) if key is None else _unharmed(key, "the key")
        return headers

    async def _attempt(self, operation: Operation[Any, A], body: bytes, headers: dict[str, str], within: float) -> A:
        subject = self._subjects[operation.name]
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("calls are made from tasks")
        waiting = self._waiting.setdefault(subject, set())
        waiting.add(task)
        cancelled_before = task.cancelling()
        try:
            answer = await self._connection.request(subject, body, within, headers=headers)
        except asyncio.CancelledError:
            # Somebody else may have cancelled the task as well, and must not be ignored.
            if task in self._denied and task.uncancel() <= cancelled_before:
                raise Forbidden from None
            raise
        finally:
            waiting.discard(task)
            self._denied.discard(task)
        if answer.headers and wire.ERROR_CODE in answer.headers:
            raise wire.decode_failure(answer.data)
        try:
            return wire.decode_reply(operation, answer.data)
        except (ValueError, RecursionError):
            raise Internal(incident="undecodable reply") from None


async def _pause(seconds: float, give_up_at: float, ending: Failure) -> None:
    """Wait about `seconds`, spread so that many callers do not come back at one instant; `ending` if time is up."""
    spread = max(seconds, SHORTEST_PAUSE) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, guards nothing
    if time.monotonic() + spread >= give_up_at:
        raise ending
    await asyncio.sleep(spread)


def _encoded(request: object) -> bytes:
    try:
        body = wire.encode(request)
    except UnicodeEncodeError:
        raise InvalidRequest(problem="a text holds half a character") from None
    if len(body) > wire.REQUEST_LIMIT:
        raise TooLarge(limit=wire.REQUEST_LIMIT)
    return body


def _unharmed(value: str, what: str) -> str:
    if not HEADER_VALUE.fullmatch(value):
        raise InvalidRequest(problem=f"{what} is 1 to 200 printable ASCII characters, no blank at either end")
    return value
