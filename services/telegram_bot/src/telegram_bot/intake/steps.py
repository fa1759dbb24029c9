"""Where a person stands in a form, and which updates were handled: one Redis write for both.

A crash therefore leaves either the step before an update, which is then handled again under the same keys, or the step
after it, and then it is known as handled. Until then a second copy of the update is kept here: what was confirmed to
Telegram must not live in one store alone.
"""

import time
from collections.abc import Sequence
from typing import Final, cast
from uuid import uuid4

from redis.asyncio import Redis

from telegram_bot.intake.hearing import Hearing
from telegram_bot.intake.opening import (
    AT_ONCE,
    LONGEST_DELAY,
    Elsewhere,
    Handled,
    Later,
    Opened,
    Refused,
    Written,
)
from telegram_bot.intake.scripts import COMMITTED, EXPECTED, ONCE, OPENED, OWNED
from telegram_bot.intake.step import Step
from telegram_bot.line import Scripts, scripts_of

STEP_KEPT: Final = 7 * 86_400
"""Seconds a half-filled form and a chosen conversation are kept."""

GROUP_KEPT: Final = 400 * 86_400
"""Seconds what is known of a group is kept, such as its language: a group may be silent for long and has no form."""

HANDLED_KEPT: Final = 50 * 3600
"""Seconds a handled update is known: Telegram repeats one for 24 h, the stream keeps it as long again."""

WAITING_KEPT: Final = 25 * 3600
"""Seconds an update may count as waiting: the stream keeps it for 24 h."""

CARD_KEPT: Final = 200 * 86_400
"""Seconds for which it is known which message is the card of a demand."""
OWNED_FOR: Final = 8_000
"""Milliseconds for which a chat stays with a process that does not say again that it works on it."""

OVERDUE: Final = 6.0
"""Seconds after which an update that is not handled is offered to the stream again."""

OVERDUE_AGAIN: Final = 30.0
"""Seconds between further offers."""


class Steps:
    """The steps and handled updates of one bot in Redis; `per_second` is how many updates a person may go on sending."""

    def __init__(self, redis: Redis, bot_id: int, per_second: float = 0.0, scripts: Scripts | None = None) -> None:
        self._redis = redis
        self._prefix = f"telegram:{bot_id}"
        self._apart = 1 / per_second if per_second else 0.0
        self._me = uuid4().hex
        script = scripts or scripts_of(redis)
        self._expected, self._opened = script(EXPECTED), script(OPENED)
        self._committed, self._owned, self._once = script(COMMITTED), script(OWNED), script(ONCE)
        self._hearing = Hearing(redis, self._prefix, script)

    async def expect(self, updates: Sequence[tuple[int, int, bytes]]) -> set[int]:
        """Note updates (id, chat, as it came) as waiting, in their chat's order; returns the ids not handled before."""
        if not updates:
            return set()
        keys = [self._copies]
        arguments: list[str | bytes | int | float] = [WAITING_KEPT, time.time() + OVERDUE]
        for update_id, chat, update in updates:
            keys += [self._handled(update_id), self._waiting(chat), self._copy(update_id)]
            arguments += [update_id, update]
        fresh = await self._expected(keys=keys, args=arguments)
        return {update_id for (update_id, *_), is_fresh in zip(updates, fresh, strict=True) if is_fresh}

    async def overdue(self, most: int = 500) -> list[bytes]:
        """Updates that are not handled though it is time, as they came."""
        found = await self._redis.zrangebyscore(self._copies, "-inf", time.time(), start=0, num=most)
        due = [int(cast("bytes", update_id)) for update_id in found]
        if not due:
            return []
        async with self._redis.pipeline(transaction=False) as asking:
            asking.mget([self._copy(update_id) for update_id in due])
            asking.mget([self._handled(update_id) for update_id in due])
            copies, handled = await asking.execute()
        # Telegram repeated it while it was handled, or it has outlived its time.
        over = [one for one, copy, done in zip(due, copies, handled, strict=True) if done or copy is None]
        if over:
            await self._redis.zrem(self._copies, *over)
            await self._redis.delete(*(self._copy(update_id) for update_id in over))
        return [copy for copy, done in zip(copies, handled, strict=True) if copy is not None and not done]

    async def copy(self, update_id: int) -> bytes | None:
        """The second copy of an update, as it came; None when it was handled, or has outlived its time."""
        return cast("bytes | None", await self._redis.get(self._copy(update_id)))

    async def offered(self, update_id: int) -> None:
        """An overdue update is in the stream for certain: leave it alone for `OVERDUE_AGAIN` seconds."""
        await self._redis.zadd(self._copies, {str(update_id): time.time() + OVERDUE_AGAIN}, xx=True)

    async def opened(
        self, update_id: int, chat: int, retried_as: str = "", written: Written | None = None
    ) -> Opened | Refused | Handled | Elsewhere | Later:
        """The chat's step to handle an update with, or why not; from then on the chat is this process's own.

        What an operator puts back to be tried again is handled once more under each name it is `retried_as`. `written` says
        whose pace it counts against, and is left out when it was counted before.
        """
        counted = written is not None and self._apart > 0
        keys = (
            self._handled(update_id), self._waiting(chat), self._step(chat), self._owner(chat),
            f"{self._prefix}:haste:{written.person if written else chat}",
        )  # fmt: skip
        pace = (written.at, self._apart, AT_ONCE, LONGEST_DELAY) if written is not None and counted else ("", 0, 0, 0)
        arguments = (update_id, retried_as, self._handled(""), self._me, OWNED_FOR, *pace)
        found, value, *delay = await self._opened(keys=keys, args=arguments)
        match found:
            case b"handled":
                return Handled()
            case b"elsewhere":
                return Elsewhere()
            case b"later":
                return Later(int(value))
            case b"open":
                return Opened(Step.of(chat, value), float(delay[0]))
            case _:
                return Refused(Step.of(chat, value), found == b"refused_first")

    async def keep_own(self, chats: Sequence[int]) -> None:
        """Say of chats that this process still works on them."""
        if chats:
            await self._owned(keys=[self._owner(chat) for chat in chats], args=(self._me, OWNED_FOR))

    async def leave(self, chat: int) -> None:
        """Let another process have a chat."""
        await self._owned(keys=[self._owner(chat)], args=(self._me, 0))

    async def following(self, chat: int, update_id: int) -> bytes | None:
        """The update that waits behind this one in its chat, as it came; None when there is none yet."""
        found = await self._redis.zrangebyscore(self._waiting(chat), f"({update_id}", "+inf", start=0, num=1)
        return await self.copy(int(cast("bytes", found[0]))) if found else None

    async def forget(self, update_id: int, chat: int) -> None:
        """No longer wait for an update."""
        await self._redis.zrem(self._waiting(chat), str(update_id))

    async def read(self, chat: int) -> Step:
        """Where a chat stands, outside of any update."""
        return Step.of(chat, await self._redis.get(self._step(chat)))

    async def commit(self, update_id: int, chat: int, step: Step | None, retried_as: str = "") -> int | None:
        """Write the step and that the update was handled, both or neither; returns what the chat waits for next.

        When another process has committed the update meanwhile, its step stands.
        """
        keys = [
            self._handled(update_id), self._waiting(chat), self._copy(update_id), self._answers(update_id), self._copies,
            self._owner(chat),
        ]  # fmt: skip
        if step is not None:
            keys.append(self._step(step.chat))
        kept = step.to_keep() if step is not None else ""
        arguments = (retried_as or "1", HANDLED_KEPT, update_id, kept, STEP_KEPT if chat > 0 else GROUP_KEPT, self._me)
        following = await self._committed(keys=keys, args=arguments)
        return None if following is None else int(following)

    async def answers(self, update_id: int, answer: str) -> bool:
        """Note an answer to an update before it is sent; False when it was noted before, and so may have arrived."""
        async with self._redis.pipeline(transaction=False) as noting:
            noting.sadd(self._answers(update_id), answer)
            noting.expire(self._answers(update_id), WAITING_KEPT)
            added, _ = await noting.execute()
        return bool(added)

    async def noted(self, update_id: int, answer: str) -> bool:
        """Whether `answers` noted this for an update before."""
        return bool(await self._redis.sismember(self._answers(update_id), answer))

    async def unanswer(self, update_id: int, answer: str) -> None:
        """An answer that was noted has surely not arrived."""
        await self._redis.srem(self._answers(update_id), answer)

    async def once(self, update_id: int, about: str, value: str) -> str:
        """A value that is `about` something in an update, as it was when it was first asked for; this one the first time."""
        noted = await self._once(keys=[self._answers(update_id)], args=(f"once:{about}:", WAITING_KEPT, value))
        return cast("bytes", noted).decode()

    async def decided(self, update_id: int, chat: int, about: str, found: str, *undoubted: str) -> str:
        """The conversation that something in an update goes to: the one found, or none (empty) when that is in doubt.

        In doubt is what was said after the chat heard from any but that one and these. Decided once for what it is `about`:
        handled again, the same update goes the same way, whatever was heard since.
        """
        answers = self._answers(update_id)
        return await self._hearing.decided(chat, about, (found, *undoubted), noted=answers, kept=WAITING_KEPT)

    async def hear(self, chat: int, demand: str) -> None:
        """Remember the conversation a chat was last told something from."""
        await self._hearing.hear_all([(chat, demand)])

    async def hear_all(self, heard: Sequence[tuple[int, str]]) -> None:
        """Remember for each chat the conversation it was last told something from; what cannot be noted now is noted later."""
        await self._hearing.hear_all(heard)

    async def keep_hearing(self) -> None:
        """Note, for ever, what could not be noted when it was heard."""
        await self._hearing.keep_noting()

    async def heard(self, chat: int) -> str:
        """A mark of what a chat heard last: another one as soon as it hears anything more from any conversation."""
        return await self._hearing.heard(chat)

    async def pin(self, chat: int, demand: str, message_id: int) -> None:
        """Remember which message of a chat is the card of a demand."""
        await self._redis.set(self._card(chat, demand), message_id, ex=CARD_KEPT)

    async def pinned(self, chat: int, demand: str) -> int | None:
        """The message of a chat that is the card of a demand; None when that is not known any more."""
        found = await self._redis.get(self._card(chat, demand))
        return int(found) if found else None

    def _card(self, chat: int, demand: str) -> str:
        return f"{self._prefix}:card:{chat}:{demand}"

    def _handled(self, update_id: int | str) -> str:
        return f"{self._prefix}:handled:{update_id}"

    def _answers(self, update_id: int) -> str:
        return f"{self._prefix}:answers:{update_id}"

    @property
    def _copies(self) -> str:
        return f"{self._prefix}:copies"

    def _copy(self, update_id: int) -> str:
        return f"{self._prefix}:copy:{update_id}"

    def _owner(self, chat: int) -> str:
        return f"{self._prefix}:owner:{chat}"

    def _waiting(self, chat: int) -> str:
        return f"{self._prefix}:waiting:{chat}"

    def _step(self, chat: int) -> str:
        return f"{self._prefix}:step:{chat}"
