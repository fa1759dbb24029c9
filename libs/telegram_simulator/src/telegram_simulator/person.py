"""Somebody in the simulator, acting through its control side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from telegram_simulator.answers import PersonFacts, PressAnswer, Screen
from telegram_simulator.changes import Wanted
from telegram_simulator.refusals import JsonObject
from telegram_simulator.views import Seen

if TYPE_CHECKING:
    from telegram_simulator.client import Simulator

T = TypeVar("T")


class Person:
    """Somebody in the simulator. `chat=0` everywhere means the private chat with the bot.

    `wait_for` never returns a message twice: each person remembers for each chat how far they have read.
    """

    def __init__(self, simulator: "Simulator", facts: PersonFacts, *, bot: str = "") -> None:
        self.simulator = simulator
        self.facts = facts
        self.bot = bot
        self._read: dict[int, int] = {}

    @property
    def id(self) -> int:
        """The Telegram id."""
        return self.facts.id

    async def _do(self, action: str, reply: type[T], **asked: object) -> T:
        return await self.simulator.do(action, reply, person=self.id, bot=self.bot, **asked)

    async def say(
        self,
        text: str = "",
        *,
        chat: int = 0,
        kind: str = "text",
        reply_to: int = 0,
        quote: str = "",
        thread_id: int = 0,
        content: JsonObject | None = None,
        entities: Sequence[JsonObject] = (),
        file: str = "",
        file_name: str = "",
        extra: JsonObject | None = None,
    ) -> Seen:
        """Write a text, or send media (`text` is the caption), a location, a contact and so on."""
        return await self._do(
            "say",
            Seen,
            chat=chat,
            kind=kind,
            text=text,
            reply_to=reply_to,
            quote=quote,
            thread_id=thread_id,
            content=content or {},
            entities=list(entities),
            file=file,
            file_name=file_name,
            extra=extra or {},
        )

    async def start(self, payload: str = "") -> Seen:
        """Press Start: unblock the bot if need be, and send /start with the payload of a deep link."""
        await self._do("unblock", bool)
        return await self.say(f"/start {payload}".strip())

    async def share_contact(self, *, reply_to: int = 0) -> Seen:
        """Share one's own phone number."""
        phone = self.facts.phone or "+10000000000"
        contact = {"phone_number": phone, "first_name": self.facts.first_name, "user_id": self.id}
        return await self.say(kind="contact", content=contact, reply_to=reply_to)

    async def album(
        self, kinds: Sequence[str], text: str = "", *, chat: int = 0, reply_to: int = 0, captions: Sequence[str] = ()
    ) -> list[Seen]:
        """Send an album; `text` stands under its first file, or `captions` under each of them."""
        return await self._do(
            "say_album", list[Seen], chat=chat, kinds=list(kinds), text=text, reply_to=reply_to, captions=list(captions)
        )

    async def edit(self, message_id: int, text: str = "", *, chat: int = 0, content: JsonObject | None = None) -> Seen:
        """Edit an own message (`content`: the new point of a live location)."""
        return await self._do("rewrite", Seen, chat=chat, message_id=message_id, text=text, content=content or {})

    async def delete(self, message_id: int, *, chat: int = 0) -> None:
        """Delete a message; no bot hears of it."""
        await self._do("take_back", bool, chat=chat, message_id=message_id)

    async def forward(self, message_id: int, *, chat: int = 0, to_chat: int = 0) -> Seen:
        """Forward a message to the bot or to a group."""
        return await self._do("pass_on", Seen, chat=chat, message_id=message_id, to_chat=to_chat)

    async def react(self, message_id: int, *emoji: str, chat: int = 0, custom_emoji: str = "") -> Seen:
        """React with an emoji or with a sign of one's own set by its id; with neither the reaction goes."""
        return await self._do(
            "react", Seen, chat=chat, message_id=message_id, emoji=list(emoji), custom_emoji=custom_emoji
        )

    async def press(
        self, message: Seen | int, text: str = "", *, data: str = "", chat: int = 0, seconds: float = 30.0
    ) -> PressAnswer:
        """Press the inline button with this text or data, and wait up to `seconds` for the bot's answer."""
        message_id = message if isinstance(message, int) else message.message_id
        return await self._do(
            "press", PressAnswer, chat=chat, message_id=message_id, text=text, data=data, seconds=seconds
        )

    async def vote(self, message_id: int, *options: int, chat: int = 0) -> Seen:
        """Vote in a poll."""
        return await self._do("vote", Seen, chat=chat, message_id=message_id, options=list(options))

    async def ask_inline(self, query: str, *, chat: int = 0, seconds: float = 30.0) -> JsonObject:
        """Type `@bot query`; returns query_id and results."""
        return await self._do("ask_inline", dict[str, Any], chat=chat, query=query, seconds=seconds)

    async def choose_inline(self, query_id: str, result_id: str, *, chat: int = 0) -> Seen:
        """Send one of the results."""
        return await self._do("choose_inline", Seen, chat=chat, query_id=query_id, result_id=result_id)

    async def block(self) -> None:
        """Block the bot."""
        await self._do("block", bool)

    async def unblock(self) -> None:
        """Unblock the bot."""
        await self._do("unblock", bool)

    async def deactivate(self) -> None:
        """Delete the account."""
        await self._do("deactivate", bool)

    async def create_topic(self, chat: int, name: str) -> int:
        """Open a topic in a forum and return its id."""
        asked = {"person": self.id, "chat": chat, "name": name}
        return int((await self.simulator.do("create_topic", dict[str, Any], **asked))["message_thread_id"])

    async def look(self, *, chat: int = 0, after: int = 0, limit: int = 100, deleted: bool = False) -> Screen:
        """Return the chat as it looks now."""
        return await self._do("look", Screen, chat=chat, after=after, limit=limit, deleted=deleted)

    async def wait_for(
        self,
        contains: str = "",
        *,
        chat: int = 0,
        seconds: float = 30.0,
        after: int | None = None,
        equals: str | None = None,
        pattern: str = "",
        button: str = "",
        kind: str = "",
        author: str = "",
        edited: bool = False,
        deleted: bool = False,
    ) -> Seen:
        """Return the first message of others not read yet that matches, waiting for it; TimeoutError says what is there.

        What came before it counts as read. `edited=True` also finds edits, `deleted=True` finds deletions.
        """
        since = self._read.get(chat, 0) if after is None else after
        wanted = Wanted(
            after=since,
            contains=contains,
            equals=equals,
            pattern=pattern,
            button=button,
            kind=kind,
            author=author,
            edited=edited,
            deleted=deleted,
        )
        found = await self._do("wait_for", list[Seen], chat=chat, seconds=seconds, wanted=wanted)
        if not found:
            unread = (await self.look(chat=chat, after=since)).texts
            what = {name: getattr(wanted, name) for name in wanted.__struct_fields__ if getattr(wanted, name)}
            raise TimeoutError(f"{self.facts.first_name} waited {seconds} s for {what}; unread are {unread}")
        self._read[chat] = max(since, found[0].changed if edited or deleted else found[0].number)
        return found[0]

    async def read_all(self, *, chat: int = 0) -> None:
        """Take everything up to now for read."""
        self._read[chat] = (await self.look(chat=chat, limit=1)).number
