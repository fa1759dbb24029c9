"""What changed, in order: the page follows it, tests wait for it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from telegram_simulator.messages import Message
from telegram_simulator.refusals import ControlError, JsonObject

MOST_BEHIND = 10_000
"""A page that is this many changes behind is told to load anew."""
MOST_WAITING = 10_000


class Change(msgspec.Struct, kw_only=True):
    """Something a page may have to redraw; `message` and `detail` as the kind needs them."""

    number: int
    kind: str
    chat: str = ""
    message_id: int = 0
    detail: JsonObject = {}


class Wanted(msgspec.Struct, kw_only=True):
    """Which message a wait is for: all that is given must hold.

    `after`: newer than this change. `edited`: an edit counts as news too. `button`: an inline button with this in
    its text. `author`: "bot", "person" or "" for anybody but the one who waits.
    """

    after: int = 0
    contains: str = ""
    equals: str | None = None
    pattern: str = ""
    button: str = ""
    kind: str = ""
    author: str = ""
    edited: bool = False
    deleted: bool = False

    def test(self, viewer_id: int) -> Callable[[Message], bool]:
        """Return the predicate; ControlError when `pattern` is no regular expression."""
        try:
            pattern = re.compile(self.pattern) if self.pattern else None
        except re.error as error:
            raise ControlError(400, f"pattern: {error}") from error

        def matches(message: Message) -> bool:
            news = message.changed if self.edited or self.deleted else message.number
            if news <= self.after or message.deleted != self.deleted or message.author_id == viewer_id:
                return False
            words = message.words
            return (
                self.contains in words
                and self.equals in (None, words)
                and (pattern is None or pattern.search(words) is not None)
                and (not self.kind or self.kind in message.data)
                and (not self.author or (self.author == "bot") == message.data["from"]["is_bot"])
                and (not self.button or _has_button(message, self.button))
            )

        return matches


def _has_button(message: Message, text: str) -> bool:
    rows = message.data.get("reply_markup", {}).get("inline_keyboard", [])
    return any(text in button["text"] for row in rows for button in row)


@dataclass(slots=True, eq=False)
class Feed:
    """A page that follows; `lost` says that it fell behind and something was dropped."""

    queue: asyncio.Queue[Change] = field(default_factory=lambda: asyncio.Queue(MOST_BEHIND))
    lost: bool = False

    def put(self, change: Change) -> None:
        """Hand a change over; one that does not fit is dropped and noted."""
        if self.queue.full():
            self.lost = True
        else:
            self.queue.put_nowait(change)

    async def next(self) -> Change:
        """Return the next change; ConnectionError when the server goes."""
        change = await self.queue.get()
        if change.kind == "end":
            raise ConnectionError
        return change

    def end(self) -> None:
        """Let `next` raise, whatever still waits."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.put(Change(number=0, kind="end"))


class Changes:
    """Numbers every change and tells those who follow."""

    def __init__(self) -> None:
        self.number = 0
        self.feeds: set[Feed] = set()
        self._waiting: dict[str, list[tuple[Callable[[Message], bool], asyncio.Future[Message]]]] = {}
        self._count = 0

    def next(self) -> int:
        """Return the number of the change about to be made."""
        self.number += 1
        return self.number

    def tell(self, kind: str, chat: str, message: Message | None = None, **detail: object) -> None:
        """Tell the pages, and those who wait for such a message."""
        if message is not None:
            for matches, future in self._waiting.get(chat, ()):
                if not future.done() and matches(message):
                    future.set_result(message)
        if self.feeds:
            message_id = 0 if message is None else message.id
            change = Change(number=self.number, kind=kind, chat=chat, message_id=message_id, detail=detail)
            for feed in self.feeds:
                feed.put(change)

    async def wait(self, chat: str, matches: Callable[[Message], bool], seconds: float) -> Message | None:
        """Return the next message of the chat that matches; None after `seconds`."""
        if self._count >= MOST_WAITING:
            raise ControlError(503, f"more than {MOST_WAITING} waits at once")
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        entry = (matches, future)
        self._waiting.setdefault(chat, []).append(entry)
        self._count += 1
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            return None
        finally:
            self._count -= 1
            self._waiting[chat].remove(entry)
            if not self._waiting[chat]:
                del self._waiting[chat]
