"""The updates in hand, chat by chat, each lane in the order in which they were written."""

import asyncio
import heapq
import time
from typing import Final

from nats.aio.msg import Msg

from contracts.events import RETRIED_AS
from telegram_bot.intake.heads import Head

LANE_BOUND: Final = 256
"""Updates of one chat in hand; what comes above waits in the stream and is offered again."""


class Held:
    """An update in hand."""

    def __init__(self, head: Head, message: Msg) -> None:
        self.update_id = head.update_id
        self.chat = head.chat
        self.is_known = head.is_known
        self.message = message
        # An operator's wish to have it handled although it counts as handled.
        self.retried_as = (message.headers or {}).get(RETRIED_AS, "")
        self.since = time.monotonic()


class Lane:
    """The updates of one chat in hand, lowest id first."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.held: dict[int, Held] = {}
        self.changed = asyncio.Event()

    def put(self, held: Held) -> None:
        """Add an update; one that is offered again while in hand only renews how it is acknowledged."""
        if known := self.held.get(held.update_id):
            known.message = held.message
            return
        self.held[held.update_id] = held
        heapq.heappush(self.order, held.update_id)
        self.changed.set()

    def first(self) -> Held:
        """The update whose turn it is, as far as this lane knows."""
        return self.held[self.order[0]]

    def drop(self, held: Held) -> None:
        """Let go of an update."""
        del self.held[held.update_id]
        self.order.remove(held.update_id)
        heapq.heapify(self.order)
