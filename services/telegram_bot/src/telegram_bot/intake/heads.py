"""What has to be known of an update before it is understood: its number and its chat."""

import zlib

import msgspec

from contracts.events import INTAKE_PARTITIONS
from telegram_bot.intake.opening import Written


class _Id(msgspec.Struct):
    id: int


class _Author(_Id):
    language_code: str | None = None


class _Place(msgspec.Struct):
    chat: _Id | None = None


class _Event(msgspec.Struct, rename={"author": "from"}):
    id: str | int = ""
    message_id: int | None = None
    chat: _Id | None = None
    message: _Place | None = None
    author: _Author | None = None
    media_group_id: str = ""
    date: int = 0
    edit_date: int | None = None


class Head(msgspec.Struct, frozen=True):
    """The part of an update that says where it belongs."""

    update_id: int
    message: _Event | None = None
    edited_message: _Event | None = None
    callback_query: _Event | None = None
    my_chat_member: _Event | None = None
    message_reaction: _Event | None = None
    inline_query: _Event | None = None

    @property
    def is_known(self) -> bool:
        """Whether it is of a kind the bot asks for; another may come from before it asked, or from a newer version."""
        return self.event is not None

    @property
    def album(self) -> str:
        """The album a message belongs to; empty when it belongs to none."""
        return self.message.media_group_id if self.message is not None else ""

    @property
    def event(self) -> _Event | None:
        """What happened, whatever kind it is of."""
        found = (
            self.message, self.callback_query, self.edited_message, self.message_reaction, self.my_chat_member,
            self.inline_query,
        )  # fmt: skip
        return next((event for event in found if event is not None), None)

    def written(self, now: float) -> Written | None:
        """Whose words or press it is and since when, `now` for a press; None for what nobody is to be slowed down by.

        Only private chats count: in a group one person's pace would hold up the others.
        """
        event = self.event
        if event is None or event.author is None or self.chat <= 0 or self.my_chat_member or self.inline_query:
            return None
        return Written(event.author.id, now if self.callback_query else float(event.edit_date or event.date))

    @property
    def chat(self) -> int:
        """The chat whose order it belongs to; a press of a button belongs to the chat of its message, 0 when there is none.

        What somebody types to the bot in another chat belongs to their own with it.
        """
        event = self.event
        if event is None:
            return 0
        if event.chat is not None:
            return event.chat.id
        if event.message is not None and event.message.chat is not None:
            return event.message.chat.id
        return event.author.id if event.author is not None else 0


KINDS = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member", "inline_query")
"""The updates the bot asks Telegram for; each is a field of `Head`."""


class _Number(msgspec.Struct):
    update_id: int


_decoder = msgspec.json.Decoder(Head)
_numbers = msgspec.json.Decoder(_Number)


def head_of(update: bytes | msgspec.Raw) -> Head:
    """The head of an update as JSON; raises `msgspec.DecodeError` when it is none."""
    return _decoder.decode(update)


def number_of(update: bytes | msgspec.Raw) -> int | None:
    """The id alone of what is no update else, so that Telegram can be told that it came; None where even that is missing."""
    try:
        return _numbers.decode(update).update_id
    except msgspec.DecodeError:
        return None


def partition_of(chat: int) -> int:
    """Which part of the intake stream a chat belongs to, the same in every process."""
    return zlib.crc32(str(chat).encode()) % INTAKE_PARTITIONS
