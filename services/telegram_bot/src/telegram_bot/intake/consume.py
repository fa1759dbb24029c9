"""Working off the intake stream: one lane per chat, in order, each update until it is handled or put aside."""

import asyncio
import time
from typing import Final

import msgspec
import nats.errors
import structlog
from aiogram.exceptions import TelegramAPIError
from nats.aio.msg import Msg

from contracts.events import TELEGRAM_INTAKE
from service_kit.broker import Connection
from service_kit.correlation import correlated
from service_kit.metrics import counter
from service_kit.supervise import TaskPool
from telegram_bot.intake import albums
from telegram_bot.intake.attempts import AWAY, PAUSES, Attempts
from telegram_bot.intake.handle import Handling
from telegram_bot.intake.heads import head_of
from telegram_bot.intake.lane import LANE_BOUND, Held, Lane, settled
from telegram_bot.intake.opening import Opened, Refused
from telegram_bot.intake.order import Order, give_back
from telegram_bot.intake.publish import Intake, subject_of
from telegram_bot.intake.step import Step
from telegram_bot.intake.steps import Steps
from telegram_bot.pull import pulled

log = structlog.get_logger(__name__)

ABOVE_BOUND_AGAIN: Final = 2.0
"""Seconds until an update above the bound is offered again."""

TOO_FAST = counter("telegram_updates_refused", "updates refused because their person wrote too fast")
HANDLED = counter("telegram_updates_handled", "updates handled to their end")


class Worker:
    """Takes updates from the stream into lanes and sees each through."""

    def __init__(self, connection: Connection, intake: Intake, steps: Steps, handling: Handling) -> None:
        self._connection = connection
        self._intake = intake
        self._steps = steps
        self._handling = handling
        self._lanes: dict[int, Lane] = {}
        # A lane has at least one update in hand, and the stream hands out no more than this unacknowledged.
        self._pool = TaskPool(TELEGRAM_INTAKE.max_ack_pending + 1, name="intake.lanes")
        self._order = Order(steps)

    async def take(self) -> None:
        """Take updates for ever."""
        async with pulled(self._connection, TELEGRAM_INTAKE, batch=64) as messages:
            async for message in messages:
                await self._sort(message)

    async def keep_alive(self) -> None:
        """Tell the stream and the other processes, for ever, that what is in hand is being worked on."""
        while True:
            await asyncio.sleep(TELEGRAM_INTAKE.ack_wait.total_seconds() / 3)
            for held in [held for lane in self._lanes.values() for held in lane.held.values()]:
                try:
                    await held.keep()
                except nats.errors.Error:
                    break
            try:
                await self._steps.keep_own([chat for chat, lane in self._lanes.items() if lane.owned])
            except AWAY as error:
                log.warning("chats.not_kept", reason=type(error).__name__)

    async def drain(self, within: float) -> None:
        """Finish what is begun, and give back what is not, so that the next process has it at once."""
        self._order.stop()
        for lane in list(self._lanes.values()):
            for held in [lane.held[update_id] for update_id in sorted(lane.order)[1:]]:
                lane.drop(held)
                await held.give_back()
        await self._pool.drain(within)

    async def _sort(self, message: Msg) -> None:
        try:
            held = Held(head_of(message.data), message.data, message)
        except msgspec.DecodeError:
            await self._refuse(message, "no_update")
            return
        lane = self._lanes.get(held.chat)
        if lane is None:
            lane = Lane()
            lane.put(held)
            self._lanes[held.chat] = lane
            if not self._pool.try_start(self._work(held.chat, lane)):
                del self._lanes[held.chat]
                await message.nak(ABOVE_BOUND_AGAIN)
        elif len(lane.held) >= LANE_BOUND and held.update_id not in lane.held:
            await message.nak(ABOVE_BOUND_AGAIN)
        else:
            lane.put(held)

    async def _refuse(self, message: Msg, reason: str) -> None:
        """Park what is no update at all; while that fails it stays in the stream and is offered again."""
        try:
            with correlated((message.headers or {}).get("traceparent")):
                await self._intake.park(message.data, reason, message.subject)
        except AWAY as error:
            log.warning("update.unparked", reason=type(error).__name__)
            return
        await settled(message.term)

    async def _work(self, chat: int, lane: Lane) -> None:
        try:
            while lane.order or await self._more(chat, lane):
                held = lane.first()
                with correlated(held.traceparent):
                    if held.traceparent is None and held.message is not None:
                        log.warning("update.uncorrelated", update_id=held.update_id)
                    await self._see_through(lane, held)
        finally:
            del self._lanes[chat]

    async def _more(self, chat: int, lane: Lane) -> bool:
        """Whether there is something to do for the chat yet: whoever works on a chat works off all of it.

        Another process may have been offered it, and waits for us. With nothing left the chat is anybody's.
        """
        following, lane.following = lane.following, None
        try:
            if following is not None and not self._order.is_stopping:
                lane.changed.clear()
                if await self._order.comes(lane, following):
                    return True
            if lane.owned:
                lane.owned = False
                await self._steps.leave(chat)
        except AWAY as error:
            log.warning("chat.not_left", reason=type(error).__name__)
        return bool(lane.order)

    async def _see_through(self, lane: Lane, held: Held) -> None:
        attempts = Attempts(held.update_id)
        while True:
            try:
                await self._attempt(lane, held, attempts.tries)
            except Exception as error:  # noqa: BLE001 - judged and logged by the attempts
                reason = attempts.ended_by(error)
                if reason is not None:
                    await self._put_aside(lane, held, reason)
                    return
                if not await self._order.rested(attempts.pause(error)):
                    await give_back(lane, held)
                    return
            else:
                return

    async def _attempt(self, lane: Lane, held: Held, tries: int) -> None:
        match await self._order.in_turn(lane, held):
            case Opened(step, delay):
                if delay and not await self._order.rested(delay):
                    await give_back(lane, held)
                    return
            case Refused(step, is_first):
                TOO_FAST()
                await self._handling.refuse(held.head, step, is_first=is_first)
                await self._end(lane, held, None)
                return
            case _:
                return
        if not held.is_known:
            await self._put_aside(lane, held, "unknown_kind")
            return
        goes_on = await albums.goes_on(self._steps, lane, held)
        await self._handling.handle(held.update, step, reassured=tries > 0, more_of_album=goes_on)
        await self._end(lane, held, step)
        HANDLED()
        log.info("update.handled", update_id=held.update_id, waited_ms=round((time.monotonic() - held.since) * 1e3))

    async def _end(self, lane: Lane, held: Held, step: Step | None) -> None:
        lane.following = await self._steps.commit(held.update_id, held.chat, step, held.retried_as)
        lane.owned = lane.following is not None
        await held.let_go()
        lane.drop(held)

    async def _put_aside(self, lane: Lane, held: Held, reason: str) -> None:
        """Park an update with its reason, and tell the person that it did not work."""
        while True:
            try:
                await self._intake.park(held.update, reason, subject_of(held.chat))
                await self._end(lane, held, None)
            except AWAY as error:
                log.warning("update.unparked", update_id=held.update_id, reason=type(error).__name__)
                await asyncio.sleep(PAUSES[-1])
            else:
                break
        if held.chat > 0:
            try:
                await self._handling.apologise(held.chat)
            except (TelegramAPIError, *AWAY) as refused:
                log.warning("apology.unsent", reason=type(refused).__name__)
