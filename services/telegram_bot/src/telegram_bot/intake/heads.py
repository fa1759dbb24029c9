"""What has to be known of an update before it is understood: its number and its chat."""

import zlib

import msgspec

from contracts.events import INTAKE_PARTITIONS


class _Id(msgspec.Struct):
    id: int


class _Place(msgspec.Struct):
    chat: _Id | None = None


class _Event(msgspec.Struct, rename={"author": "from"}):
    chat: _Id | None = None
    message: _Place | None = None
    author: _Id | None = None
    media_group_id: str = ""


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
        return self._event is not None

    @property
    def album(self) -> str:
        """The album a message belongs to; empty when it belongs to none."""
        return self.message.media_group_id if self.message is not None else ""

    @property
    def chat(self) -> int:
        """The chat whose order it belongs to; a press of a button belongs to the chat of its message, 0 when there is none.

        What somebody types to the bot in another chat belongs to their own with it.
        """
        event = self._event
        if event is None:
            return 0
        if event.chat is not None:
            return event.chat.id
        if event.message is not None and event.message.chat is not None:
            return event.message.chat.id
        return event.author.id if event.author is not None else 0

    @property
    def _event(self) -> _Event | None:
        found = (
            self.message, self.callback_query, self.edited_message, self.message_reaction, self.my_chat_member,
            self.inline_query,
        )  # fmt: skip
        return next((event for event in found if event is not None), None)


KINDS = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member", "inline_query")
"""The updates the bot asks Telegram for; each is a field of `Head`."""

_decoder = msgspec.json.Decoder(Head)


def head_of(update: bytes | msgspec.Raw) -> Head:
    """The head of an update as JSON; raises `msgspec.DecodeError` when it is none."""
    return _decoder.decode(update)


def partition_of(chat: int) -> int:
    """Which part of the intake stream a chat belongs to, the same in every process."""
    return zlib.crc32(str(chat).encode()) % INTAKE_PARTITIONS
