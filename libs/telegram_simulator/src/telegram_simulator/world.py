"""Everything there is: people, bots, chats, and what they do to each other. Kept in memory."""

import asyncio
import secrets
import time
from collections.abc import Iterable

from telegram_simulator.callbacks import Queries
from telegram_simulator.changes import Changes
from telegram_simulator.chats import Chat, Topic
from telegram_simulator.faults import Faults
from telegram_simulator.files import Files
from telegram_simulator.journal import Journal
from telegram_simulator.limits import Limits
from telegram_simulator.messages import Message
from telegram_simulator.people import Bot, Person
from telegram_simulator.refusals import ControlError, JsonObject
from telegram_simulator.updates import Updates

MOST_KEPT_IN_CHAT = 20_000
"""Older messages of a chat are forgotten above this."""


class World:
    """The simulated Telegram. `first_message_id` lets a restarted server go on above ids it gave before."""

    def __init__(self, bots: Iterable[Bot], *, limits: bool = True, first_message_id: int = 1) -> None:
        self.bots: dict[str, Bot] = {}
        self.bots_by_id: dict[int, Bot] = {}
        self.updates: dict[int, Updates] = {}
        self.people: dict[int, Person] = {}
        self.chats: dict[str, Chat] = {}
        self.inline_messages: dict[str, tuple[str, int]] = {}
        self.polls: dict[str, tuple[str, int]] = {}
        self.first_message_id = first_message_id
        self.changes = Changes()
        self.faults = Faults()
        self.journal = Journal()
        self.limits = Limits(on=limits)
        self.files = Files()
        self.queries = Queries()
        self.bot_added = asyncio.Event()
        for bot in bots:
            self.add_bot(bot)

    def add_bot(self, bot: Bot) -> None:
        """Make a bot's token known."""
        if bot.next_update_id == 1:
            # Like Telegram after an idle week: a random start, so that nobody relies on small or repeated numbers.
            bot.next_update_id = 100_000_000 + secrets.randbelow(800_000_000)
        self.bots[bot.token] = bot
        self.bots_by_id[bot.id] = bot
        self.updates[bot.id] = Updates(bot)
        self.bot_added.set()

    def user(self, user_id: int) -> JsonObject | None:
        """Return the User object of a person or bot."""
        person = self.people.get(user_id)
        if person is not None:
            return person.user()
        bot = self.bots_by_id.get(user_id)
        return None if bot is None else bot.user()

    def person(self, person_id: int) -> Person:
        """Return a person, or refuse the control call."""
        person = self.people.get(person_id)
        if person is None:
            raise ControlError(404, f"nobody has the id {person_id}")
        return person

    def private_chat(self, bot: Bot, person: Person) -> Chat:
        """Return the chat between the two, new if they never met."""
        key = f"{bot.id}:{person.id}"
        chat = self.chats.get(key)
        if chat is None:
            chat = Chat(
                key=key,
                id=person.id,
                type="private",
                bot_id=bot.id,
                person_id=person.id,
                next_message_id=self.first_message_id,
            )
            self.chats[key] = chat
        return chat

    def chat_object(self, chat: Chat) -> JsonObject:
        """Return the Chat object messages carry."""
        if chat.type == "private":
            user = self.people[chat.person_id].user()
            shown: JsonObject = {name: user[name] for name in ("first_name", "last_name", "username") if name in user}
            return {"id": chat.id, "type": "private", **shown}
        group: JsonObject = {"id": chat.id, "type": chat.type, "title": chat.title}
        if chat.username:
            group["username"] = chat.username
        if chat.is_forum:
            group["is_forum"] = True
        return group

    def bots_in(self, chat: Chat) -> list[Bot]:
        """Return the bots that are in the chat."""
        if chat.type == "private":
            return [self.bots_by_id[chat.bot_id]] if chat.bot_id in self.bots_by_id else []
        return [bot for bot in self.bots_by_id.values() if chat.member(bot.id).present]

    def post(
        self,
        chat: Chat,
        author: JsonObject,
        content: JsonObject,
        *,
        reply: Message | None = None,
        keyboard: JsonObject | None = None,
        **extra: object,
    ) -> Message:
        """Put a message into a chat. `extra` are further fields of the Message object; None values are left out."""
        message_id = chat.next_message_id
        chat.next_message_id += 1
        data: JsonObject = {
            "message_id": message_id,
            "from": author,
            "chat": self.chat_object(chat),
            "date": int(time.time()),
        }
        if reply is not None:
            data["reply_to_message"] = reply.as_reply()
            thread = reply.data.get("message_thread_id")
            if chat.is_forum and thread:
                data |= {"message_thread_id": thread, "is_topic_message": True}
        data |= {name: value for name, value in extra.items() if value is not None}
        if chat.has_protected_content:
            data["has_protected_content"] = True
        data |= content
        number = self.changes.next()
        message = Message(data=data, number=number, changed=number, author_id=author["id"], keyboard=keyboard)
        chat.messages[message_id] = message
        if len(chat.messages) > MOST_KEPT_IN_CHAT:
            del chat.messages[next(iter(chat.messages))]
        if author["is_bot"]:
            chat.last_bot_id = author["id"]
        self.changes.tell("message", chat.key, message)
        return message

    def changed(self, kind: str, chat: Chat, message: Message) -> None:
        """Say that a message is not as it was."""
        message.changed = self.changes.next()
        self.changes.tell(kind, chat.key, message)

    def tell_bots(self, chat: Chat, kind: str, message: Message) -> None:
        """Give the bots that may see this message an update with it."""
        for bot in self.bots_in(chat):
            if bot.id != message.author_id and self.may_see(bot, chat, message):
                self.updates[bot.id].add(kind, message.data, chat.id)

    def may_see(self, bot: Bot, chat: Chat, message: Message) -> bool:
        """Whether privacy mode lets the bot see it: in groups, only what is for the bot, unless it is an administrator."""
        if chat.type == "private" or bot.can_read_all_group_messages or message.is_service:
            return True
        if chat.member(bot.id).status in {"administrator", "creator"}:
            return True
        data = message.data
        if data.get("reply_to_message", {}).get("from", {}).get("id") == bot.id:
            return True
        if data.get("via_bot", {}).get("id") == bot.id:
            return True
        name = f"@{bot.username}".lower()
        words = message.words.lower()
        if words.startswith("/"):
            command = words.split(maxsplit=1)[0]
            return command.endswith(name) if "@" in command else chat.last_bot_id in (0, bot.id)
        return name in words

    def topic(self, chat: Chat, thread_id: int) -> Topic | None:
        """Return a topic which still exists."""
        return chat.topics.get(thread_id)
