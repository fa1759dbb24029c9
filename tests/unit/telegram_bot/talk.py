"""A talk with one person in which only the bot is real: what Telegram says goes in, what the bot does comes out.

    talk = Talk(demands=["4F7K"])
    await talk.hears({"text": "hello"})
    assert talk.calls("messages.send")[0].text == "hello"       # what the api was asked
    assert talk.said == []                                      # what the person was told

The update goes through the bot's own dispatcher, with every filter and middleware in their places. The api is played by
`answers`, which gives each operation its reply; Redis by a dictionary. Tests with all of them real are under tests/e2e.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import GetMe, SendMessage, TelegramMethod

from contracts import wire
from contracts.deliveries import Located
from contracts.kinds import ActorRule
from contracts.messages import Edited, Reacted, Sent, TakenBack
from contracts.operations import Operation
from contracts.users import Me
from telegram_bot.emergency import Emergency
from telegram_bot.intake.handle import Dispatchers, Handling
from telegram_bot.intake.step import Step
from telegram_bot.routers.assembly import dispatcher
from telegram_bot.routers.staff.assembly import group_dispatcher
from telegram_bot.words import Words

SAMPLES = Path(__file__).resolve().parents[2] / "contract" / "samples"
PERSON = {"id": 77, "is_bot": False, "first_name": "Olga", "language_code": "en"}
BOT = {"id": 42, "is_bot": True, "first_name": "Bot", "username": "help_bot"}
CHAT = {"id": 77, "type": "private", "first_name": "Olga"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Coordinators", "is_forum": True}
NOW = 1_790_000_000


def sample(operation: str, reply: type[Any], **changes: object) -> Any:
    """The golden sample of a reply, with some fields changed."""
    replies = json.loads((SAMPLES / f"{operation}.json").read_text())["replies"]
    return msgspec.convert(replies[reply.__name__] | changes, reply)


class Telegram(BaseSession):
    """Takes every request of the bot down and answers as Telegram does."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[TelegramMethod[Any]] = []
        self.sent: list[tuple[int, SendMessage]] = []
        self._ids = count(1000)
        self.spoke = asyncio.Event()

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        """Answer one request: with the message it made, or with yes."""
        del timeout
        self.requests.append(method)
        if isinstance(method, GetMe):
            return self.check_response(bot, method, 200, json.dumps({"ok": True, "result": BOT})).result
        if not isinstance(method, SendMessage):
            return True
        made = {"message_id": next(self._ids), "date": NOW, "chat": CHAT, "from": BOT, "text": method.text}
        self.sent.append((made["message_id"], method))
        self.spoke.set()
        return self.check_response(bot, method, 200, json.dumps({"ok": True, "result": made})).result

    async def close(self) -> None:
        """Nothing is open."""

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        """No handler fetches a file."""
        raise NotImplementedError
        yield b""


class Api:
    """Takes every call down and gives each operation the reply a test names."""

    def __init__(self) -> None:
        self.asked: dict[str, list[Any]] = defaultdict(list)
        self.keys: list[str] = []
        self.replies: dict[str, Callable[[Any], Any]] = {}

    async def call(
        self, operation: Operation[Any, Any], request: Any, *, actor: str | None = None, key: str | None = None
    ) -> Any:
        """Answer one call; a reply that is an exception is raised."""
        assert actor is not None or operation.actor is not ActorRule.REQUIRED
        # What crosses the wire in life has to here: a request the contract does not take is a fault of the handler.
        request = wire.decode_request(operation, wire.encode(request))
        self.asked[operation.name].append(request)
        if key:
            self.keys.append(key)
        reply = self.replies[operation.name](request)
        if asyncio.iscoroutine(reply):
            reply = await reply
        if isinstance(reply, Exception):
            raise reply
        return reply


class Noted:
    """What `Steps` keeps beside the step, without Redis."""

    def __init__(self) -> None:
        self.answered: set[tuple[int, str]] = set()
        self.heard_from: str | None = None
        self._decided: dict[tuple[int, str], str] = {}
        self._once: dict[tuple[int, str], str] = {}

    async def answers(self, update_id: int, answer: str) -> bool:
        """Whether an answer is given for the first time."""
        is_new = (update_id, answer) not in self.answered
        self.answered.add((update_id, answer))
        return is_new

    async def noted(self, update_id: int, answer: str) -> bool:
        """Whether an answer was given before."""
        return (update_id, answer) in self.answered

    async def once(self, update_id: int, about: str, value: str) -> str:
        """A value about an update as it was the first time."""
        return self._once.setdefault((update_id, about), value)

    async def decided(self, update_id: int, chat: int, about: str, found: str, *undoubted: str) -> str:
        """Where something of an update goes, decided once."""
        del chat
        is_doubted = self.heard_from is not None and self.heard_from.partition("@")[0] not in {found, *undoubted}
        return self._decided.setdefault((update_id, about), "" if is_doubted else found)

    async def hear(self, chat: int, demand: str) -> None:
        """Remember whom the chat heard last."""
        del chat
        self.heard_from = demand

    async def heard(self, chat: int) -> str:
        """A mark of what the chat heard last."""
        del chat
        return self.heard_from or ""


class Talk:
    """One person and the bot; `demands` are the numbers of what they are in, `step` is what the bot keeps of the chat."""

    def __init__(self, demands: list[str], chat: dict[str, Any] = CHAT, *, reassured: bool = True) -> None:
        self._reassured = reassured
        self.chat = chat
        self.telegram, self.api, self.noted = Telegram(), Api(), Noted()
        self.step = Step(chat["id"], None, {})
        bot = Bot(f"{BOT['id']}:{'t' * 35}", session=self.telegram)
        both = Dispatchers(dispatcher(Emergency("112")), group_dispatcher())
        self._handling = Handling(bot, both, self.api, Words(), self.noted)  # type: ignore[arg-type]
        self.next_update, self._messages = 1, count(1)
        line = json.loads((SAMPLES / "users.me.json").read_text())["replies"]["Me"]["demands"][0]
        me = sample("users.me", Me, demands=[])
        lines = [
            line | {"number": number, "id": f"01920000-dffc-7177-8fd0-0000000000{at:02}"}
            for at, number in enumerate(demands)
        ]
        self.demands = [one["id"] for one in lines]
        me = sample("users.me", Me, demands=lines, user=msgspec.to_builtins(me.user) | {"locale": "en"})
        self.answers("users.me", me)
        self.answers("deliveries.locate", Located())
        self.answers("messages.send", sample("messages.send", Sent))
        self.answers("messages.edit", sample("messages.edit", Edited, relayed=True))
        self.answers("messages.react", sample("messages.react", Reacted))
        self.answers("messages.take_back", sample("messages.take_back", TakenBack))

    def answers(self, operation: str, reply: Any) -> None:
        """Let the api answer an operation so: a reply, a failure, or a function of the request."""
        self.api.replies[operation] = reply if callable(reply) else lambda _: reply

    def calls(self, operation: str) -> list[Any]:
        """What the api was asked."""
        return self.api.asked[operation]

    @property
    def last(self) -> int:
        """The id of the last message the person was sent."""
        return self.telegram.sent[-1][0]

    @property
    def said(self) -> list[str]:
        """The sentences the person was sent."""
        return [one.text for one in self.telegram.requests if isinstance(one, SendMessage)]

    @property
    def buttons(self) -> dict[str, str]:
        """What the buttons of the last message with some carry, by what they say."""
        boards = [
            one.reply_markup for one in self.telegram.requests if isinstance(one, SendMessage) and one.reply_markup
        ]
        return {one.text: one.callback_data for row in boards[-1].inline_keyboard for one in row}  # type: ignore[union-attr]

    async def hears(self, content: dict[str, Any], *, more_of_album: bool = False, kind: str = "message") -> int:
        """The person says something; the id of their message."""
        written = {"message_id": next(self._messages), "date": NOW, "chat": self.chat, "from": PERSON} | content
        await self._update({kind: written}, more_of_album=more_of_album)
        return int(written["message_id"])

    async def presses(self, button: str = "", *, data: str = "", on: int = 0) -> None:
        """The person presses a button of the last message with some; or, by its `data`, one of the message `on`."""
        with_board = [number for number, one in self.telegram.sent if one.reply_markup]
        shown = {"message_id": on or with_board[-1], "date": NOW, "chat": self.chat, "from": BOT, "text": "?"}
        press = {"id": "1", "from": PERSON, "chat_instance": "1", "message": shown}
        await self._update({"callback_query": press | {"data": data or self.buttons[button]}})

    def repeat_from(self, update: int) -> None:
        """Let the next update come under a number that was there before: it is handled again."""
        self.next_update = update

    async def reacts(self, message: int, *signs: dict[str, str]) -> None:
        """The person reacts to a message."""
        reaction = {"chat": self.chat, "user": PERSON, "message_id": message, "date": NOW, "old_reaction": []}
        await self._update({"message_reaction": reaction | {"new_reaction": list(signs)}})

    async def _update(self, update: dict[str, Any], *, more_of_album: bool = False) -> None:
        # As between two updates in life: what is kept is JSON in Redis.
        self.step.data = json.loads(json.dumps(self.step.data))
        raw = json.dumps({"update_id": self.next_update} | update).encode()
        self.next_update += 1
        await self._handling.handle(raw, self.step, reassured=self._reassured, more_of_album=more_of_album)
