"""Messages: what participants write, and the conversation they and the notices form."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from contracts.attachments import (
    Attachment,
    Contact,
    Location,
    Venue,
    WrittenAttachment,
    WrittenContact,
    WrittenLocation,
    WrittenVenue,
)
from contracts.kinds import Audience, EntryKind, Notice, Order, Role
from contracts.shapes import DemandId, ExternalId, LongText, MessageId, Payload, Reply, Request, Words

Offset16 = Annotated[int, Meta(ge=0, le=32_768)]
Length16 = Annotated[int, Meta(ge=1, le=32_768)]
Style = Literal[
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "expandable_blockquote",
    "text_link",
]  # fmt: skip

# Signs only: letters and digits would make a reaction a way to pass on what a message may not hold.
Emoji = Annotated[str, Meta(pattern=r"^[^\w\s]{1,16}$(?!\n)")]


class Entity(Reply):
    """A styled stretch of a text; offset and length in UTF-16 units, as Telegram counts."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None


class WrittenEntity(Request):
    """A styled stretch somebody wrote. Mentions are not among the styles: they would name a person."""

    type: Style
    offset: Offset16
    length: Length16
    url: Annotated[str, Meta(max_length=2048)] | None = None
    language: Annotated[str, Meta(max_length=64)] | None = None


class Origin(Request):
    """Where a message came from in its channel, so that replies to it and its edits find their way."""

    address: ExternalId
    channel_message_id: ExternalId


class SendMessage(Request):
    """Write to everybody else in a demand: words, up to ten files (an album), a place, a phone of one's own.

    Something of it has to be there. Nothing that says who wrote it is part of it: no forwarded header, no name.
    """

    demand: DemandId
    text: LongText = ""
    entities: Annotated[list[WrittenEntity], Meta(max_length=100)] = []
    attachments: Annotated[list[WrittenAttachment], Meta(max_length=10)] = []
    location: WrittenLocation | None = None
    venue: WrittenVenue | None = None
    contact: WrittenContact | None = None
    reply_to: MessageId | None = None
    origin: Origin | None = None


class Sent(Reply):
    """The message is kept; `recipients` people are owed it now, later participants get it with the history."""

    id: MessageId
    seq: int
    at: datetime
    recipients: int


class EditMessage(Request):
    """Change the words of a message of one's own; who got it sees the new ones."""

    demand: DemandId
    message: MessageId
    text: LongText
    entities: Annotated[list[WrittenEntity], Meta(max_length=100)] = []


class Edited(Reply):
    """The words are changed; `relayed` says whether readers are shown them, which after the end they are not."""

    id: MessageId
    version: int
    relayed: bool
    recipients: int


class TakeBackMessage(Request):
    """Take back a message of one's own: nobody reads it any more, staff keep what it said."""

    demand: DemandId
    message: MessageId


class TakenBack(Reply):
    """It is gone for readers; `recipients` people's chats are owed its removal."""

    id: MessageId
    at: datetime
    recipients: int


class ReactToMessage(Request):
    """React to a message with one emoji, in place of an earlier one; without an emoji the reaction goes."""

    demand: DemandId
    message: MessageId
    emoji: Emoji | None = None


class Reacted(Reply):
    """The actor's reaction as it is now; `recipients` people are owed it."""

    id: MessageId
    emoji: str | None
    recipients: int


class ReadMessages(Request):
    """Note that the actor has read a conversation up to this line; a mark only moves forward."""

    demand: DemandId
    seq: Annotated[int, Meta(ge=0, le=2**31 - 1)]


class ReadUpTo(Reply):
    """Where the actor's mark stands now, never beyond the last line."""

    seq: int


class NoteMessage(Request):
    """Write a note: for the moderators, or as a whisper for the provider who is seated now.

    By its `origin` what answers it is known to answer a note, and its author takes it back.
    """

    demand: DemandId
    text: Words
    entities: Annotated[list[WrittenEntity], Meta(max_length=100)] = []
    audience: Audience = Audience.MODERATORS
    origin: Origin | None = None


class Noted(Reply):
    """The note is kept; `recipients` people are owed it."""

    id: MessageId
    at: datetime
    recipients: int


class Reaction(Reply):
    """Somebody's reaction, and what counterparts may know of them."""

    emoji: str
    is_mine: bool
    role: Role
    alias: str


class ReadMark(Reply):
    """How far a live participant has read."""

    role: Role
    alias: str
    is_me: bool
    seq: int


class Message(Reply):
    """A line of a conversation; `author_role` and `alias` are what counterparts may know of its author.

    A note has no number of its own: its `seq` is that of the line it was written after. `revision` is where the
    conversation stood when the line last changed. What was taken back has no words left.
    """

    id: MessageId
    demand: DemandId
    seq: int
    kind: EntryKind
    is_mine: bool
    author_role: Role | None
    alias: str | None
    text: str
    entities: list[Entity]
    notice: Notice | None
    data: Payload
    reply_to: MessageId | None
    at: datetime
    version: int = 1
    revision: int = 0
    edited_at: datetime | None = None
    taken_back_at: datetime | None = None
    audience: Audience | None = None
    attachments: list[Attachment] = []
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    reactions: list[Reaction] = []


class MessagePage(Reply):
    """Lines of a conversation; `more` says that another page follows.

    `revision` is what to ask `since` next: it covers this page, whatever was written meanwhile.
    """

    items: list[Message]
    more: bool
    revision: int
    read: list[ReadMark] = []


class SearchMessages(Request):
    """Read a conversation from after or before one of its lines; a line of another demand is not found.

    `since` a revision, and nothing beside it, gives what is new or changed after it, in the order of the changes.
    `versions_of` a message gives staff what it said before, oldest first; `since` a version goes on from there.
    """

    demand: DemandId
    after: MessageId | None = None
    before: MessageId | None = None
    since: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    versions_of: MessageId | None = None
    order: Order = Order.OLDEST_FIRST
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
