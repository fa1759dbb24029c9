"""nats-py's client with the defaults that lose, repeat or hide things turned round.

Written against nats-py 2.16, whose private ``_attempt_reconnect``, ``_process_pong``, ``_pongs``, ``_reading_task``,
``_send_ping``, ``_transport``, and for the way of every call ``_request_new_style``, ``_resp_map``, ``_resp_sub_prefix``,
``_init_request_sub``, ``_process_headers``, ``_process_msg``, ``_subs``, ``_pending`` and ``_flush_pending`` it touches; the pin
of the version and the tests in tests/integration/service_kit hold that together.
"""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from service_kit import framing
from service_kit.health import Unhealthy
from service_kit.metrics import timed

NO_RESPONDERS: Final = "503"
"""The status of a request nobody listens to."""


@dataclass(frozen=True, slots=True)
class Denied:
    """NATS refused a publish or a subscription of ours for want of permission.

    Attributes:
        action: what was refused.
        subject: on which subject, in LOWER CASE, as nats-py hands it over.
        queue: the queue group of a refused subscription.

    """

    action: Literal["publish", "subscribe"]
    subject: str
    queue: str | None = None


class Connection(Client):
    """A nats-py client that never sends what it has already reported as failed.

    Attributes:
        closed_for_good: done once the connection will not come back, by our own closing or the server's.

    """

    def __init__(self) -> None:
        super().__init__()
        self.closed_for_good: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._denied: list[Callable[[Denied], None]] = []
        self._answers_sid = 0
        self._answers_inbox = ""
        self._asked = itertools.count(1)

    def on_denied(self, listener: Callable[[Denied], None]) -> Callable[[], None]:
        """Tell a listener of each refusal at once, where the client alone would let the request wait out its time.

        Returns a function that ends the telling.
        """
        self._denied.append(listener)

        def forget() -> None:
            if listener in self._denied:
                self._denied.remove(listener)

        return forget

    async def check(self) -> None:
        """Raise Unhealthy unless NATS answers a ping now, for use as a check of health."""
        if not self.is_connected:
            raise Unhealthy("not connected to NATS")
        # nats-py's flush asks nothing of the server once nobody reads its answers.
        if self._reading_task is None or self._reading_task.done():
            raise Unhealthy("nobody listens to NATS")
        await self.flush()

    async def _process_pong(self) -> None:
        # nats-py 2.16 tells even whoever has stopped waiting for this pong, a check that took too long, say; the error of
        # telling ends its reading loop, and the connection is deaf until two pings later.
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()

    async def publish(
        self, subject: str, payload: bytes = b"", reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        """Hand a message to the server, measured by what it is for; raises nats-py's errors."""
        # An answer is part of what the api measures as served, and the sending of a request part of the request.
        if subject.startswith("_INBOX"):
            await self._put(subject, payload, reply, headers)
            return
        with timed("nats", purpose(subject)):
            await self._put(subject, payload, reply, headers)

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,
        old_style: bool = False,  # noqa: FBT001, FBT002 - nats-py's own order
        headers: dict[str, Any] | None = None,
    ) -> Msg:
        """Return the first reply, measured by what it is for; raises nats-py's errors."""
        with timed("nats", purpose(subject)):
            if old_style:
                return await super().request(subject, payload, timeout, old_style, headers)
            answer = await self._request_new_style(subject, payload, timeout, headers)
            if answer.headers and answer.headers.get("Status") == NO_RESPONDERS:
                raise nats.errors.NoRespondersError
            return answer

    async def _put(self, subject: str, payload: bytes, reply: str, headers: dict[str, str] | None) -> None:
        """Write a message that needs nothing special; whatever does goes nats-py's way, with its checks and its errors."""
        block = framing.written(headers) if headers else ""
        if (
            self._status != Client.CONNECTED
            or block is None
            or not framing.is_plain(subject)
            or not (reply == "" or framing.is_plain(reply))
            or len(payload) > self._max_payload
            or self._flush_queue is None
        ):
            await super().publish(subject, payload, reply, headers)
            return
        size = len(payload)
        if block:
            head = f"HPUB {subject} {reply} {len(block)} {len(block) + size}\r\n{block}"
        else:
            head = f"PUB {subject} {reply} {size}\r\n"
        command = b"%b%b\r\n" % (head.encode(), payload)
        self.stats["out_msgs"] += 1
        self.stats["out_bytes"] += size
        self._pending.append(command)
        self._pending_data_size += len(command)
        if self._flush_queue.empty():
            await self._flush_pending()

    async def _init_request_sub(self) -> None:
        await super()._init_request_sub()
        self._answers_inbox = bytes(self._resp_sub_prefix or b"").decode()
        self._answers_sid = next(sid for sid, sub in self._subs.items() if sub._cb == self._request_sub_callback)  # noqa: SLF001

    async def _request_new_style(
        self, subject: str, payload: bytes, timeout: float = 1, headers: dict[str, Any] | None = None
    ) -> Msg:
        # nats-py 2.16 notes the request before it finds that it cannot be sent, and then keeps the note for ever; and it
        # waits by `asyncio.wait_for`, which costs 3 us and forgets a cancelling that meets the answer.
        if self.is_reconnecting:
            raise nats.errors.OutboundBufferLimitError
        if self.is_draining_pubs:
            raise nats.errors.ConnectionDrainingError
        if not self._resp_sub_prefix:
            await self._init_request_sub()
        # Only this user of the broker hears the inbox, so that a name in it has to be new and need not be secret.
        token = f"{next(self._asked):x}"
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Msg] = loop.create_future()
        self._resp_map[token] = answer
        late = loop.call_later(timeout, _give_up, answer)
        try:
            await self._put(subject, payload, f"{self._answers_inbox}{token}", headers)
            return await answer
        finally:
            late.cancel()
            self._resp_map.pop(token, None)

    async def _process_headers(self, headers: bytes | None) -> dict[str, str] | None:
        if not headers:
            return None
        found = framing.read(headers)
        return await super()._process_headers(headers) if found is None else found

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        # An answer goes to whoever waits for it, without a queue and a task between; anything else goes nats-py's way.
        if sid != self._answers_sid or sid not in self._subs:
            await super()._process_msg(sid, subject, reply, data, headers)
            return
        self.stats["in_msgs"] += 1
        self.stats["in_bytes"] += len(data)
        whole = subject.decode()
        answer = self._resp_map.get(whole[len(self._answers_inbox) :])
        if answer is not None and not answer.done():
            answer.set_result(Msg(self, whole, reply.decode(), data, await self._process_headers(headers), _sid=sid))

    async def _send_ping(self, future: "asyncio.Future[bool] | None" = None) -> None:
        # nats-py 2.16 writes the ping past what still waits in `_pending`, so that `flush` could return before the server had
        # heard of the subscription just made, and the first request to it found no responders.
        if self._pending and self._transport is not None and self.is_connected:
            self._transport.writelines(self._pending[:])
            self._pending = []
            self._pending_data_size = 0
        await super()._send_ping(future)

    async def _attempt_reconnect(self) -> None:
        # Two gaps of nats-py 2.16, both shown in tests/integration/service_kit: commands accepted just before the line broke
        # stay in `_pending` and are sent after their callers were told of a time-out; and closing waits for a peer that no
        # longer reads. What is on its way when a line breaks is lost with it, and its callers time out.
        abort(self)
        await super()._attempt_reconnect()


def _give_up(answer: "asyncio.Future[Msg]") -> None:
    if not answer.done():
        answer.set_exception(nats.errors.TimeoutError())


def purpose(subject: str) -> str:
    """What a message on a subject is for, without an id: ``demands.next``, ``notify``, ``ack``, ``pull``."""
    head, _, rest = subject.partition(".")
    if head == "api":
        return rest.split(".", 2)[-1]
    if head == "$JS":
        return "ack" if rest.startswith("ACK") else "pull" if ".MSG.NEXT." in rest else "jetstream"
    return head


def abort(connection: Connection) -> None:
    """Cut the line without waiting for a peer that may no longer read; what was still to be sent goes with it.

    nats-py would write that on closing, to a line that is gone: uvloop raises RuntimeError, and the rest of the closing is
    left out.
    """
    connection._pending.clear()  # noqa: SLF001 - see the module's docstring
    connection._pending_data_size = 0  # noqa: SLF001 - as above
    writer = getattr(connection._transport, "_io_writer", None)  # noqa: SLF001 - see the module's docstring
    if writer is not None:
        writer.transport.abort()
