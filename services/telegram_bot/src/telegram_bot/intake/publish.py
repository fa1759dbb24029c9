"""Handing updates over to the intake stream: they are ours only once the stream has acknowledged them."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
import nats.errors
import nats.js.errors
import redis.exceptions
import structlog
from nats.js import JetStreamContext

from service_kit.correlation import correlated
from service_kit.metrics import counter
from telegram_bot.intake.heads import Head, head_of, number_of, partition_of
from telegram_bot.intake.steps import Steps
from telegram_bot.parking import park

log = structlog.get_logger(__name__)

ACKNOWLEDGED_WITHIN: Final = 5.0
"""Seconds the stream has to acknowledge; less than Telegram waits for a webhook's answer."""

LOOK_AGAIN: Final = 2.0
"""Seconds between looks for updates that are not handled though it is time."""

TAKEN_IN = counter("telegram_updates_taken_in", "updates handed over to the intake stream")


class HandOffFailed(Exception):
    """An update could not be kept; whoever sent it has to keep it and send it again."""

    safe_to_log = True


class Intake:
    """The way into the intake stream for one bot."""

    def __init__(self, stream: JetStreamContext, steps: Steps, bot_id: int) -> None:
        self._stream = stream
        self._steps = steps
        self._bot_id = bot_id

    async def hand_over(self, updates: Sequence[bytes | msgspec.Raw]) -> int | None:
        """Keep every update, in order, and return the highest update id; None when none had an id to be read.

        What is not an update at all is parked, so that it never stops the others; what was handled before is passed over.
        Raises `HandOffFailed` when any of them is not kept for certain.
        """
        heads: list[tuple[Head, bytes]] = []
        unread: list[int | None] = []
        failed = ""
        try:
            for update in updates:
                try:
                    heads.append((head_of(update), bytes(update)))
                except msgspec.DecodeError:
                    await self.park(bytes(update), "no_update", subject_of(0))
                    unread.append(number_of(update))
            fresh = await self._steps.expect([(head.update_id, head.chat, update) for head, update in heads])
            async with asyncio.TaskGroup() as group:
                for head, update in heads:
                    if head.update_id in fresh:
                        group.create_task(self._publish(head, update))
        except* (nats.errors.Error, nats.js.errors.Error, redis.exceptions.RedisError, OSError) as errors:
            # Raised below: what is raised in here would come out wrapped in a group.
            failed = type(errors.exceptions[0]).__name__
        if failed:
            raise HandOffFailed(failed)
        # What was parked is ours as well: unconfirmed, Telegram would send it again at once, and again.
        ids = [*(head.update_id for head, _ in heads), *(one for one in unread if one is not None)]
        return max(ids, default=None)

    async def keep_offering(self) -> None:
        """Offer, for ever, what is long overdue to the stream again: should its store be lost, nothing in it is.

        Costs nothing while the stream is whole, which knows each update by its id and stores it once.
        """
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                # At once: one after the other, a busy bot took minutes over what a lost store had held (measured).
                async with asyncio.TaskGroup() as group:
                    for update in await self._steps.overdue():
                        group.create_task(self._offer(head_of(update), update))
            except* (nats.errors.Error, nats.js.errors.Error, redis.exceptions.RedisError, OSError) as errors:
                log.warning("update.not_offered", reason=type(errors.exceptions[0]).__name__)

    async def park(self, update: bytes, reason: str, came_by: str) -> None:
        """Put an update aside for somebody to look at."""
        await park(self._stream, "update", update, reason, came_by)

    async def _offer(self, head: Head, update: bytes) -> None:
        log.warning("update.offered_again", update_id=head.update_id)
        await self._publish(head, update)
        await self._steps.offered(head.update_id)

    async def _publish(self, head: Head, update: bytes) -> None:
        with correlated(None) as trace:
            headers = {"Nats-Msg-Id": f"{self._bot_id}:{head.update_id}", "traceparent": str(trace)}
            await self._stream.publish(subject_of(head.chat), update, timeout=ACKNOWLEDGED_WITHIN, headers=headers)
            TAKEN_IN()
            log.info("update.taken_in", update_id=head.update_id)


def subject_of(chat: int) -> str:
    """The subject by which the updates of a chat come."""
    return f"intake.v1.telegram.{partition_of(chat)}"
