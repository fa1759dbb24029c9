"""Whose turn it is in a chat: one process at a time works on it, and what was written first comes first."""

import asyncio
import time
from typing import Final

import structlog

from contracts.events import TELEGRAM_INTAKE
from service_kit.metrics import counter
from telegram_bot.intake.heads import head_of
from telegram_bot.intake.lane import Held, Lane
from telegram_bot.intake.opening import Elsewhere, Handled, Later, Opened, Refused
from telegram_bot.intake.steps import Steps

log = structlog.get_logger(__name__)

ON_ITS_WAY: Final = 0.02
"""Seconds an update that the chat waits for may take from the stream to us; then it is taken from its second copy."""

ELSEWHERE_AGAIN: Final = (0.1, 0.2, 0.4, 0.8)
"""Seconds between looks whether another process still works on the chat, the last one again and again."""

IN_TURN_WITHIN: Final = TELEGRAM_INTAKE.ack_wait.total_seconds() + 5
"""Seconds to wait for an earlier update of the chat: after a crash the stream offers it again within its ack_wait."""

REPEATED = counter("telegram_updates_repeated", "updates passed over because they were handled before")


class Order:
    """The order of every chat a process works on."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        """Whether the end was asked for."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """End every rest."""
        self._stopping.set()

    async def rested(self, seconds: float) -> bool:
        """Whether so many seconds have passed; False at once when the end is asked for."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return True
        return False

    async def in_turn(self, lane: Lane, held: Held) -> Opened | Refused | None:
        """The step to handle an update with; waits for an earlier one that is still on its way.

        None when there is nothing to do with it now: it was handled before, or the earlier one has come, or the end is near.
        """
        looks = 0
        while True:
            lane.changed.clear()
            opened = await self._steps.opened(held.update_id, held.chat, held.retried_as, held.written())
            lane.owned = isinstance(opened, Opened | Refused | Later) or (lane.owned and isinstance(opened, Handled))
            match opened:
                case Handled():
                    REPEATED()
                    await held.let_go()
                    lane.drop(held)
                    return None
                case Elsewhere():
                    if not await self.rested(ELSEWHERE_AGAIN[min(looks, len(ELSEWHERE_AGAIN) - 1)]):
                        await give_back(lane, held)
                        return None
                    looks += 1
                case Later(first):
                    if first in lane.held or await self._earlier(lane, held, first):
                        return None
                case Opened(step, delay):
                    held.counted = True
                    return Opened(step, held.left_of(delay))
                case Refused():
                    return opened

    async def _earlier(self, lane: Lane, held: Held, first: int) -> bool:
        """Whether an earlier update of the chat has come, from the stream or from its second copy.

        One that is in neither may be offered again after a crash, and is given up after that.
        """
        if await self.comes(lane, first):
            return True
        left = held.since + IN_TURN_WITHIN - time.monotonic()
        if left > 0:
            return await lane.comes(left)
        log.error("update.missing", update_id=first)
        await self._steps.forget(first, held.chat)
        return False

    async def comes(self, lane: Lane, update_id: int) -> bool:
        """Whether an update that is expected has come, or another: from the stream, or from its second copy."""
        return await lane.comes(ON_ITS_WAY) or await self.restored(lane, update_id)

    async def restored(self, lane: Lane, update_id: int) -> bool:
        """Take what does not come from the second copy of it, so that what a person wrote after it does not overtake it.

        The stream may have lost it, or offer it only when there is room for more in hand.
        """
        copy = await self._steps.copy(update_id)
        if copy is None:
            return False
        log.info("update.restored", update_id=update_id)
        lane.put(Held(head_of(copy), copy))
        return True


async def give_back(lane: Lane, held: Held) -> None:
    """Let another have an update."""
    lane.drop(held)
    await held.give_back()
