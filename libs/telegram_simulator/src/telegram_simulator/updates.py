"""The updates a bot has not confirmed yet."""

import asyncio
import time
from collections import deque

import msgspec

from telegram_simulator.people import Bot
from telegram_simulator.refusals import BotApiError, JsonObject

KEPT_SECONDS = 24 * 3600
"""Telegram keeps an update that nobody takes for a day."""
MOST_PENDING = 200_000
ONLY_WHEN_NAMED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
UPDATE_TYPES = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "message_reaction",
        "message_reaction_count",
        "chat_boost",
        "removed_chat_boost",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "purchased_paid_media",
    }
)


class Update(msgspec.Struct):
    """One update, encoded once. `lane` is what a webhook keeps in order: the chat or the person."""

    id: int
    kind: str
    body: msgspec.Raw
    lane: int
    at: float


class Updates:
    """The queue of one bot. `kick` wakes the webhook's delivery; `confirmed` keeps the last 1,000 for replays."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.pending: deque[Update] = deque()
        self.confirmed: deque[Update] = deque(maxlen=1_000)
        self.again: deque[Update] = deque(maxlen=1_000)
        self.kick = asyncio.Event()
        self.dropped = 0
        self._poll: asyncio.Future[None] | None = None

    def wanted(self, kind: str) -> bool:
        """Whether the bot asked for this kind; by default all but those that must be named."""
        if self.bot.allowed_updates:
            return kind in self.bot.allowed_updates
        return kind not in ONLY_WHEN_NAMED

    def add(self, kind: str, payload: JsonObject, lane: int) -> int | None:
        """Queue an update and return its id; None when the bot does not want the kind."""
        if not self.wanted(kind):
            return None
        update_id = self.bot.next_update_id
        self.bot.next_update_id += 1
        body = msgspec.Raw(msgspec.json.encode({"update_id": update_id, kind: payload}))
        self.push(Update(update_id, kind, body, lane, time.time()))
        return update_id

    def push(self, update: Update) -> None:
        """Queue a ready update; above the bound the oldest is lost, and counted."""
        if len(self.pending) >= MOST_PENDING:
            self.pending.popleft()
            self.dropped += 1
        self.pending.append(update)
        self._wake()

    def take(self, offset: int, limit: int) -> list[Update]:
        """Forget what lies before `offset` (negative: all but the last -offset) and return up to `limit` updates."""
        self.expire()
        pending = self.pending
        if offset > self.bot.next_update_id:
            # From before a restart without state: nothing of ours was confirmed by it.
            offset = 0
        if offset < 0:
            while len(pending) > -offset:
                self.confirmed.append(pending.popleft())
        elif offset > 0:
            while pending and pending[0].id < offset:
                self.confirmed.append(pending.popleft())
        repeated = list(self.again)
        self.again.clear()
        return repeated + [pending[index] for index in range(min(limit, len(pending)))]

    def expire(self) -> None:
        """Lose what nobody took for a day."""
        oldest = time.time() - KEPT_SECONDS
        while self.pending and self.pending[0].at < oldest:
            self.pending.popleft()

    def done(self, update: Update) -> None:
        """Forget an update which a webhook took."""
        try:
            self.pending.remove(update)
        except ValueError:
            return
        self.confirmed.append(update)

    def clear(self) -> None:
        """Forget everything that waits."""
        self.pending.clear()

    def repeat(self, update_id: int | None) -> int | None:
        """Deliver a confirmed update once more under its old id (None: the last one); None when it is not known."""
        for update in reversed(self.confirmed):
            if update_id in (None, update.id):
                self.again.append(update)
                self._wake()
                return update.id
        return None

    async def next_arrival(self) -> None:
        """Wait for an update, as the one long poll; raises what `conflict` says."""
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            await poll
        finally:
            # One that was ended by the next must not take the next one's place away.
            if self._poll is poll:
                self._poll = None

    def conflict(self, description: str) -> None:
        """End the waiting long poll, if there is one, with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(BotApiError(409, description))

    def end_poll(self) -> None:
        """Let the waiting long poll, if there is one, answer at once."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _wake(self) -> None:
        if self.bot.webhook is not None:
            self.kick.set()
        self.end_poll()
