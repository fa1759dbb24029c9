"""One id from a person's update to the delivery it caused: the W3C trace context, kept per task."""

import os
import random
import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import structlog

log = structlog.get_logger(__name__)

_HEADER: Final = re.compile(r"00-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})", re.ASCII)

_NO_TRACE: Final = "0" * 32
_NO_SPAN: Final = "0" * 16


@dataclass(slots=True)
class Trace:
    """A place in a chain of calls; never changed once made.

    Frozen, it would take longer to make, and each call makes several: ``correlated`` took a third more (measured).

    Attributes:
        trace_id: the whole chain, 32 hexadecimal digits, not all zero; the correlation id.
        span_id: this place in it, 16 hexadecimal digits, not all zero.
        flags: ``01`` when recorded.

    """

    trace_id: str
    span_id: str
    flags: str = "01"

    def __str__(self) -> str:
        """Return the ``traceparent`` header that carries this place on."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


current: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""The trace of the running task; tasks started from it inherit it."""


def new_trace() -> Trace:
    """Return the start of a new chain."""
    return Trace(_identifier(16), _identifier(8))


def child(trace: Trace) -> Trace:
    """Return a next place in the same chain."""
    return Trace(trace.trace_id, _identifier(8), trace.flags)


def parse(traceparent: str) -> Trace | None:
    """Return the trace a ``traceparent`` header carries, or None when it is not exactly one of version 00.

    The grammar is that of the W3C recommendation "Trace Context", section 3.2.
    """
    found = _HEADER.fullmatch(traceparent)
    if found is None:
        return None
    trace_id, span_id, flags = found.groups()
    return None if trace_id == _NO_TRACE or span_id == _NO_SPAN else Trace(trace_id, span_id, flags)


def traceparent() -> str:
    """Return the header for a call made from here; outside any chain it starts a new one."""
    return str(current.get() or new_trace())


def correlation_id() -> str | None:
    """Return the trace id of the running task, or None outside any chain."""
    trace = current.get()
    return trace.trace_id if trace else None


class correlated:  # noqa: N801 - reads as a word in `with correlated(...)`
    """Run a block in the chain a caller began, as a new place in it; ``with`` yields the place.

    Without a header the block starts a chain; an invalid one is logged and replaced, because a caller's slip must not cost
    a person their request. Every log line written in the block, and in tasks it starts, carries the id.
    """

    __slots__ = ("_header", "_marker")

    def __init__(self, traceparent: str | None) -> None:
        self._header = traceparent

    def __enter__(self) -> Trace:
        carried = parse(self._header) if self._header else None
        trace = child(carried) if carried else new_trace()
        self._marker = current.set(trace)
        if self._header and carried is None:
            log.warning("correlation.invalid", header_length=len(self._header))
        return trace

    def __exit__(self, *_: object) -> None:
        current.reset(self._marker)


# Names a place and guards nothing, so a generator in the process will do: a system call for each would cost a tenth of a
# call's time (measured). A fork would share its state; nothing of ours forks.
_draw = random.Random(int.from_bytes(os.urandom(16)))  # noqa: S311 - see above


def _identifier(size: int) -> str:
    # All zero is the one value the recommendation forbids.
    return f"{_draw.getrandbits(size * 8) or 1:0{size * 2}x}"
