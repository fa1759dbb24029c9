"""Connecting to NATS, staying connected, hearing of trouble, and leaving in order."""

import asyncio
import logging
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import nats.errors
import nkeys  # type: ignore[import-untyped] # it has no type information
import structlog
from nats.aio.client import Client, Server
from pydantic import SecretStr

from service_kit.connection import Connection, Denied, abort
from service_kit.metrics import BROKER_ERRORS, BROKER_RECONNECTS
from service_kit.redaction import redact, safe_text

__all__ = ["BrokerUnavailable", "Connection", "Denied", "connect", "drain"]

log = structlog.get_logger(__name__)

PING_EVERY: Final = 5
"""Seconds between pings; after two unanswered ones the connection counts as dead. nats-py's own 120 s would leave callers
with a dead line for four minutes."""

CONNECT_WITHIN: Final = 2
"""Seconds for one attempt to connect to one server."""

CLOSINGS: Final = 3

_DENIED: Final = re.compile(
    r"permissions violation for (?P<verb>publish|subscription)(?: with reply of)?"
    r' (?:to )?"(?P<subject>[^"]*)"(?: using queue "(?P<queue>[^"]*)")?'
)


class BrokerUnavailable(Exception):
    """There is no connection to NATS; the text is fit for the operator.

    Attributes:
        url: the servers that were tried, without credentials.
        reason: why, in a short sentence.
        is_final: asking again cannot help: the key is wrong, or is refused.

    """

    safe_to_log = True

    def __init__(self, url: str, reason: str, *, is_final: bool = False) -> None:
        super().__init__(f"NATS at {url}: {reason}")
        self.url = url
        self.reason = reason
        self.is_final = is_final


async def connect(
    url: str | Sequence[str],
    *,
    name: str,
    inbox_prefix: str,
    seed: Path | str | SecretStr | None = None,
    on_denied: Callable[[Denied], None] | None = None,
    within: float = 10.0,
    reconnect_spread: float = 3.5,
) -> Connection:
    """Connect to NATS and stay connected.

    ``seed`` is the nkey seed itself or the Path of its file; ``inbox_prefix`` is ``_INBOX_<user>``, without a dot at its end.
    Raises BrokerUnavailable after ``within`` seconds without a server, and at once when the server refuses the key or the
    key cannot be used.

    A lost connection is retried for ever, each attempt at a moment drawn from ``reconnect_spread`` seconds, so that many
    clients do not return at one instant. Meanwhile publish and request raise nats.errors.OutboundBufferLimitError at once,
    and nothing is sent later. Subscriptions come back by themselves.
    """
    servers = [url] if isinstance(url, str) else list(url)
    shown = redact(", ".join(servers))
    connection = Connection()
    if on_denied is not None:
        connection.on_denied(on_denied)
    trouble = _Trouble(connection, shown)
    try:
        async with asyncio.timeout(within):
            await connection.connect(
                servers=servers,
                name=name,
                inbox_prefix=inbox_prefix,
                nkeys_seed_str=_seed(seed, shown),
                error_cb=trouble.happened,
                disconnected_cb=trouble.disconnected,
                reconnected_cb=trouble.reconnected,
                closed_cb=trouble.closed,
                reconnect_to_server_handler=_spread(reconnect_spread),
                # 0 and above would buffer while disconnected, see Connection.
                pending_size=-1,
                max_reconnect_attempts=-1,
                connect_timeout=CONNECT_WITHIN,
                reconnect_time_wait=1,
                ping_interval=PING_EVERY,
                max_outstanding_pings=2,
            )
    except BrokerUnavailable:
        abort(connection)
        raise
    except TimeoutError:
        abort(connection)
        raise BrokerUnavailable(shown, f"{trouble.last or 'no answer'} (tried for {within:g} s)") from None
    except nats.errors.Error as error:
        abort(connection)
        raise BrokerUnavailable(shown, redact(str(error))) from None
    except asyncio.CancelledError:
        abort(connection)
        raise
    trouble.starting = False
    return connection


async def drain(connection: Client, *, within: float = 20.0) -> None:
    """Finish what the subscriptions have received, send what is due, and close; a broken connection is only closed.

    Never raises for the state of the connection (nats-py's own drain does while disconnected) and ends after ``within``
    seconds and the moment that closing takes.
    """
    try:
        async with asyncio.timeout(within):
            if connection.is_connected and not connection.is_draining:
                await connection.drain()
    except (TimeoutError, nats.errors.Error, OSError) as error:
        log.warning("broker.drain_incomplete", reason=type(error).__qualname__)
    # Once is not always enough: an attempt to reconnect that fails in the same instant writes its own state over the closed
    # one, because Python 3.11's wait_for can lose a cancellation.
    for _ in range(CLOSINGS):
        if connection.is_closed:
            break
        if isinstance(connection, Connection):
            abort(connection)
        try:
            await connection.close()
        except (nats.errors.Error, OSError, RuntimeError) as error:  # the last is uvloop's word for a line that is gone
            log.warning("broker.close_incomplete", reason=type(error).__qualname__)


class _Trouble:
    """Hears what the client reports: logs it, routes refusals, remembers why connecting fails."""

    def __init__(self, connection: Connection, shown: str) -> None:
        self._connection = connection
        self._shown = shown
        self.starting = True
        self.last = ""

    async def happened(self, error: Exception) -> None:
        text = str(error)
        if self.starting:
            self.last = _reason(error)
            if "authorization violation" in text.lower():
                # Asking again with the same key cannot help.
                raise BrokerUnavailable(
                    self._shown, "the server refused the key or user: authorization violation", is_final=True
                )
            return
        BROKER_ERRORS(kind=type(error).__qualname__)
        if self._connection.is_reconnecting:
            # nats-py opens the next socket without closing the one that failed.
            abort(self._connection)
        found = _DENIED.search(text.lower())
        if found is None:
            # What a callback of a subscription lets out arrives here, too, and that is a fault of ours.
            known = isinstance(error, nats.errors.Error | OSError)
            log.log(
                logging.WARNING if known else logging.ERROR,
                "broker.error",
                error=safe_text(error),
                exc_info=None if known else error,
            )
            return
        denied = Denied("publish" if found["verb"] == "publish" else "subscribe", found["subject"], found["queue"])
        log.error("broker.denied", action=denied.action, subject=denied.subject, queue=denied.queue)
        for listener in list(self._connection._denied):  # noqa: SLF001 - the two are one thing in two objects
            # The client's reading loop dies of an error here, and the connection with it.
            try:
                listener(denied)
            except Exception:
                log.exception("broker.listener_failed")

    async def disconnected(self) -> None:
        if not self._connection.is_closed:
            log.warning("broker.disconnected")

    async def reconnected(self) -> None:
        BROKER_RECONNECTS()
        log.info("broker.reconnected")

    async def closed(self) -> None:
        log.info("broker.closed")
        if not self._connection.closed_for_good.done():
            self._connection.closed_for_good.set_result(None)


def _spread(seconds: float) -> Callable[[list[Server], dict[str, Any]], tuple[Server | None, float]]:
    def choose(servers: list[Server], _info: dict[str, Any]) -> tuple[Server | None, float]:
        # nats-py has already shuffled them; the one that failed least often comes first, or one dead server of three would
        # be asked for ever.
        return min(servers, key=lambda server: server.reconnects), random.uniform(0, seconds)  # noqa: S311 - spreads load, guards nothing

    return choose


def _seed(seed: Path | str | SecretStr | None, shown: str) -> str | None:
    if seed is None:
        return None
    try:
        text = (
            seed.get_secret_value()
            if isinstance(seed, SecretStr)
            else seed.read_text()
            if isinstance(seed, Path)
            else seed
        )
    except (OSError, UnicodeDecodeError) as error:
        raise BrokerUnavailable(
            shown, f"the key file {seed} cannot be read: {safe_text(error)}", is_final=True
        ) from None
    try:
        nkeys.from_seed(bytearray(text.strip().encode())).wipe()
    except (nkeys.NkeysError, ValueError):
        # Its text may quote the seed.
        raise BrokerUnavailable(shown, "the key cannot be used: it is not an nkey seed", is_final=True) from None
    return text.strip()


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return safe_text(error)
