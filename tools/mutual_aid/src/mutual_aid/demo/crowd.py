"""People in the simulated Telegram, and one reader of all that the bot writes to them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from mutual_aid.demo.count import Sent
from telegram_simulator import Person, Simulator
from telegram_simulator.journal import Entry

PAUSE = 0.02  # s between two looks at the journal: many messages come with each
WAIT = 20.0  # s one look waits for the first
ASK_AGAIN = 12.0  # s after which somebody who got no answer asks again, as people do

Wanted = Callable[[Entry], bool]


@dataclass
class Chat:
    """The chat of one person with the bot: `unread` is what came and nobody looked at yet."""

    person: Person
    unread: list[Entry] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    asked_again: int = 0

    @property
    def id(self) -> int:
        """The person's id, which is the chat's."""
        return self.person.id

    async def until(self, wanted: Wanted, within: float) -> Entry | None:
        """The first unread message that is wanted; what came before it counts as read. None after so many seconds."""
        give_up = time.monotonic() + within
        while True:
            for at, entry in enumerate(self.unread):
                if wanted(entry):
                    del self.unread[: at + 1]
                    return entry
            self.news.clear()
            try:
                async with asyncio.timeout(give_up - time.monotonic()):
                    await self.news.wait()
            except TimeoutError:
                return None

    async def ask(self, say: str | Callable[[], Any], wanted: Wanted, within: float) -> Entry:
        """Say or do something until an answer comes that is wanted; raises TimeoutError when none does."""
        give_up = time.monotonic() + within
        while (left := give_up - time.monotonic()) > 0:
            await (self.person.say(say) if isinstance(say, str) else say())
            answer = await self.until(wanted, min(left, ASK_AGAIN))
            if answer is not None:
                return answer
            self.asked_again += 1
        raise TimeoutError


class Crowd:
    """Everybody who plays. `sent` is every message Telegram accepted from the bot since the crowd came together."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.sent: list[Sent] = []
        self.accepted = 0
        self.refused = 0
        self.chats: dict[int, Chat] = {}
        self._read = 0

    async def add(self, number: int, name: str) -> Chat:
        """Somebody new with this Telegram id, who presses Start."""
        person = await self.simulator.person(name, id=number, language_code="en")
        self.chats[number] = chat = Chat(person)
        await person.start()
        return chat

    async def begin(self) -> None:
        """Read from here on: what was written before the crowd came is none of its business."""
        status = await self.simulator.status()
        self._read = int(status["journal"]["number"])

    async def follow(self) -> None:
        """Read what the bot writes, for ever; a simulator that is restarting is waited for."""
        while True:
            try:
                entries = await self.simulator.journal(self._read, method="sendMessage", seconds=WAIT)
            except aiohttp.ClientError:
                await asyncio.sleep(1)
                continue
            for entry in entries:
                self._read = entry.number
                self._hear(entry)
            await asyncio.sleep(PAUSE)

    def _hear(self, entry: Entry) -> None:
        if not isinstance(entry.result, dict):
            self.refused += 1
            return
        number = int(entry.result["chat"]["id"])
        chat = self.chats.get(number)
        if chat is None:
            return
        self.accepted += 1
        self.sent.append(Sent(entry.number, number, text(entry)))
        chat.unread.append(entry)
        chat.news.set()


def text(entry: Entry) -> str:
    """What a message says."""
    return str(entry.result.get("text", "")) if isinstance(entry.result, dict) else ""


def buttons(entry: Entry) -> list[dict[str, Any]]:
    """The buttons under a message, row after row."""
    markup = entry.result.get("reply_markup", {}) if isinstance(entry.result, dict) else {}
    return [button for row in markup.get("inline_keyboard", []) for button in row]


def button(entry: Entry, says: str) -> str | None:
    """The data of the button with this text, None when there is none."""
    return next((str(one["callback_data"]) for one in buttons(entry) if one.get("text") == says), None)


def message_id(entry: Entry) -> int:
    """Its number in its chat."""
    return int(entry.result["message_id"])


def replies_to(entry: Entry) -> int | None:
    """The number of the message it answers, None when it answers none."""
    answered = entry.result.get("reply_to_message") if isinstance(entry.result, dict) else None
    return int(answered["message_id"]) if answered else None
