"""What a person sees."""

from itertools import islice

import msgspec

from telegram_simulator.chats import Chat
from telegram_simulator.messages import Message
from telegram_simulator.people import Person
from telegram_simulator.refusals import JsonObject
from telegram_simulator.world import World


class Seen(msgspec.Struct, kw_only=True):
    """A message on somebody's screen. `message` is the Bot API's object; `keyboard` a reply keyboard it brought.

    `number` and `changed` order it among all changes: give one as `after` to a wait. `mine`: the viewer wrote it.
    """

    message_id: int
    number: int
    changed: int
    mine: bool
    deleted: bool
    edited: bool
    text: str
    message: JsonObject
    keyboard: JsonObject | None = None
    reactions: dict[int, list[JsonObject]] = {}

    @property
    def buttons(self) -> list[list[JsonObject]]:
        """The rows of inline buttons."""
        rows: list[list[JsonObject]] = self.message.get("reply_markup", {}).get("inline_keyboard", [])
        return rows

    @property
    def button_texts(self) -> list[str]:
        """What the inline buttons say, row after row."""
        return [str(button["text"]) for row in self.buttons for button in row]

    @property
    def key_texts(self) -> list[str]:
        """What the keys of the reply keyboard say, row after row."""
        return [str(key["text"]) for row in (self.keyboard or {}).get("keyboard", []) for key in row]


def see(message: Message, viewer_id: int) -> Seen:
    """Return a message as the viewer sees it."""
    return Seen(
        message_id=message.id,
        number=message.number,
        changed=message.changed,
        mine=message.author_id == viewer_id,
        deleted=message.deleted,
        edited="edit_date" in message.data,
        text=message.words,
        message=message.data,
        keyboard=message.keyboard,
        reactions=message.reactions,
    )


def history(chat: Chat, viewer_id: int, *, after: int = 0, limit: int = 100, deleted: bool = False) -> list[Seen]:
    """Return the last `limit` messages with a `number` above `after`, oldest first."""
    newest = (
        message
        for message in reversed(chat.messages.values())
        if message.number > after and (deleted or not message.deleted)
    )
    return [see(message, viewer_id) for message in reversed(list(islice(newest, limit)))]


def standing_keyboard(chat: Chat) -> JsonObject | None:
    """Return the reply keyboard that stands under the chat now."""
    for message in reversed(chat.messages.values()):
        if message.keyboard is not None and not message.deleted:
            return None if "remove_keyboard" in message.keyboard else message.keyboard
    return None


def chats_of(world: World, person: Person) -> list[Chat]:
    """Return the private chats a person has and the groups they are in."""
    return [
        chat
        for chat in world.chats.values()
        if chat.person_id == person.id or (chat.type != "private" and chat.member(person.id).present)
    ]
