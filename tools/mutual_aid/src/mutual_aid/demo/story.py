"""One call for help from /new to its end, as two or three people live it."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import Any

from mutual_aid.demo.count import Due, Hold, mark, marked
from mutual_aid.demo.crowd import Chat, Wanted, button, buttons, message_id, replies_to, text
from mutual_aid.demo.rows import Row
from telegram_simulator.journal import Entry

DECLINES = 5  # one demand in so many is handed back by its first volunteer
MANY = 5  # buttons of a list of places that does not show them all
WITHIN = 240.0  # s one step may take; a killed bot's last letter comes again after a minute

# Said by the volunteer and the requester in turn; more than one script, and what markup would break on.
HELLO = ("Hello, I have read it and I can come.", "Where exactly are you? <b>A street</b> & a house number helps.")
ANSWER = ("Thank you! Спасибо, дякую 🙏", "Second entrance, the bell is broken, call out 👋")
ON_MY_WAY = "On my way: 15–20 minutes."


class Unfinished(Exception):
    """A step got no answer in time; the text says which."""


@dataclass
class Written:
    """A message somebody wrote: its text as Telegram kept it, its number in the writer's chat, what it answers."""

    message: int
    author: Chat
    text: str
    at: int
    reply_to: int | None = None


@dataclass
class Story:
    """A demand on its way. `arrived` is what each reader got, by reader and message; `torn` of `threads` lost their thread."""

    row: Row
    requester: Chat
    written: list[Written] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    arrived: dict[tuple[int, int], Entry] = field(default_factory=dict)
    threads: int = 0
    torn: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def declines(self) -> bool:
        """Whether the first volunteer hands it back; the same rows every time."""
        chosen = hashlib.sha256(f"{self.row.number} {self.row.words}".encode()).digest()[0] % DECLINES == 0
        return chosen and not self.holds

    async def ask_for_help(self) -> None:
        """The requester's side of /new."""
        place, resource, number = self.row.place, self.row.resource, self.row.number
        asked = await self.requester.ask(
            "/new", lambda entry: button(entry, place) is not None or len(buttons(entry)) > MANY, WITHIN
        )
        asked = await self._choose(
            asked,
            place,
            lambda entry: (
                button(entry, resource) is not None or len(buttons(entry)) == 1 or any(map(finds, buttons(entry)))
            ),
        )
        if len(buttons(asked)) > 1:
            await self._choose(asked, resource, lambda entry: len(buttons(entry)) == 1)
        said = await self.requester.person.say(f"{mark(number)} {self.row.words}")
        self.written.append(Written(0, self.requester, said.text, said.message_id))
        await self._send()
        # That it was received follows, with a killed bot perhaps late: nobody waits for it here.

    async def helped_by(self, volunteer: Chat, shown: Entry) -> bool:
        """The volunteer holds it: they talk, and it ends (True), or is handed back (False)."""
        declines = self.declines
        self.arrived[volunteer.id, 0] = shown
        for earlier in self.written:
            self._owe(volunteer, earlier)
        await self._read(volunteer, [one.message for one in self.written])
        if declines:
            hello = await self._write(volunteer, self.requester, HELLO[0])
            await self._read(self.requester, [hello])
            self.holds.append(Hold(self.row.number, volunteer.id, self.arrived[self.requester.id, hello].number))
            await self._decline(volunteer)
            return False
        self.holds.append(Hold(self.row.number, volunteer.id))
        await self._talk(volunteer)
        await self._close(volunteer)
        self.over.set()
        return True

    async def _decline(self, volunteer: Chat) -> None:
        """Hand it back, and be sure of it."""
        sure = await volunteer.ask("/decline", lambda entry: any(map(hands_back, buttons(entry))), WITHIN)
        at, data = message_id(sure), next(str(one["callback_data"]) for one in buttons(sure) if hands_back(one))

        async def press() -> None:
            await volunteer.person.press(at, data=data, seconds=0)

        await volunteer.ask(press, lambda entry: marked(text(entry)) is None, WITHIN)

    async def _send(self) -> None:
        """Press Send under the card that shows what was written; said once, lest it be written twice."""
        card = await self.requester.until(lambda entry: any(map(sends, buttons(entry))), WITHIN)
        if card is None:
            raise Unfinished(f"{mark(self.row.number)}: nothing could be sent")
        at, data = message_id(card), next(str(one["callback_data"]) for one in buttons(card) if sends(one))
        await self.requester.person.press(at, data=data, seconds=0)

    async def _choose(self, asked: Entry, name: str, wanted: Wanted) -> Entry:
        """Press the button with this name; where there are too many to be shown, type it. Returns what follows."""
        if button(asked, name) is None:
            return await self.requester.ask(name, wanted, WITHIN)
        at, data = message_id(asked), button(asked, name) or ""

        async def press() -> None:
            await self.requester.person.press(at, data=data, seconds=0)

        return await self.requester.ask(press, wanted, WITHIN)

    async def _talk(self, volunteer: Chat) -> None:
        """Two messages at once, two answers at once, and one more: order and threads in both directions."""
        requester = self.requester
        hello = [await self._write(volunteer, requester, words) for words in HELLO]
        await self._read(requester, hello)
        answers = [await self._write(requester, volunteer, words, reply_to=hello[0]) for words in ANSWER]
        await self._read(volunteer, answers)
        last = await self._write(volunteer, requester, ON_MY_WAY, reply_to=answers[0])
        await self._read(requester, [last])

    async def _close(self, volunteer: Chat) -> None:
        asked = await self.requester.ask("/close", lambda entry: any(map(ends, buttons(entry))), WITHIN)
        at, data = message_id(asked), str(buttons(asked)[0]["callback_data"])

        async def press() -> None:
            await self.requester.person.press(at, data=data, seconds=0)

        volunteer.unread.clear()
        await self.requester.ask(press, lambda _: True, WITHIN)
        if await volunteer.until(lambda entry: marked(text(entry)) is None, WITHIN) is None:
            raise Unfinished(f"{mark(self.row.number)}: the volunteer was not told that it is over")

    async def _write(self, author: Chat, reader: Chat, words: str, *, reply_to: int | None = None) -> int:
        """Write through the relay, as an answer to a message one got if it says so; returns the message's number."""
        number = self.written[-1].message + 1
        answered = message_id(self.arrived[author.id, reply_to]) if reply_to is not None else 0
        said = await author.person.say(f"{mark(self.row.number, number)} {words}", reply_to=answered)
        self.written.append(Written(number, author, said.text, said.message_id, reply_to))
        self._owe(reader, self.written[-1])
        return number

    def _owe(self, reader: Chat, one: Written) -> None:
        self.due.append(Due(reader.id, self.row.number, one.message, one.author.id, one.text))

    async def _read(self, reader: Chat, messages: list[int]) -> None:
        """Wait until the reader has all of these; what is marked is remembered wherever it comes in between."""
        while missing := [number for number in messages if (reader.id, number) not in self.arrived]:
            entry = await reader.until(lambda entry: (marked(text(entry)) or (0, 0))[0] == self.row.number, WITHIN)
            found = marked(text(entry)) if entry is not None else None
            if entry is None or found is None:
                raise Unfinished(f"{mark(self.row.number, missing[0])} did not come to {reader.id}")
            self.arrived.setdefault((reader.id, found[1]), entry)
        for number in messages:
            self._check_thread(reader, number)

    def _check_thread(self, reader: Chat, number: int) -> None:
        """An answer to somebody's message hangs on that very message in their own chat."""
        one = next(one for one in self.written if one.message == number)
        original = next((other for other in self.written if other.message == one.reply_to), None)
        if original is not None and original.author is reader:
            self.threads += 1
            if replies_to(self.arrived[reader.id, number]) != original.at:
                self.torn += 1


def hands_back(one: dict[str, Any]) -> bool:
    """Whether a button says that one is sure to hand a request back."""
    return str(one.get("callback_data", "")).startswith("ds:")


def ends(one: dict[str, Any]) -> bool:
    """Whether a button ends a request because help came."""
    return str(one.get("callback_data", "")).startswith("cf:")


def finds(one: dict[str, Any]) -> bool:
    """Whether a button looks among more than is shown."""
    return "switch_inline_query_current_chat" in one


def sends(one: dict[str, Any]) -> bool:
    """Whether a button sends what was written."""
    return str(one.get("callback_data", "")).startswith("se:")
