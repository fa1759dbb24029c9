"""Putting aside what cannot be worked on, with its reason and where it came from, so that everything after it goes on."""

from typing import Final

import structlog
from nats.js import JetStreamContext

from contracts.events import PARKED_FROM, PARKED_REASON
from service_kit.correlation import traceparent
from service_kit.metrics import counter

log = structlog.get_logger(__name__)

ACKNOWLEDGED_WITHIN: Final = 5.0
"""Seconds the stream has to acknowledge."""

PARKED = counter("telegram_parked", "items put aside, by what they are and why", "what", "reason")


async def park(stream: JetStreamContext, what: str, item: bytes, reason: str, came_by: str) -> None:
    """Put an item aside for somebody to look at; `what` it is, an update or a signal, `came_by` the subject to retry on.

    Returns once the stream has it for certain; raises what publishing raises.
    """
    headers = {PARKED_REASON: reason, PARKED_FROM: came_by, "traceparent": traceparent()}
    await stream.publish(f"parked.v1.telegram.{what}", item, timeout=ACKNOWLEDGED_WITHIN, headers=headers)
    PARKED(what=what, reason=reason)
    log.error("item.parked", what=what, reason=reason, size=len(item))
