"""A message as the server keeps it."""

import msgspec

from telegram_simulator.refusals import JsonObject

CONTENT_FIELDS = (
    "text",
    "entities",
    "link_preview_options",
    "animation",
    "audio",
    "document",
    "photo",
    "sticker",
    "video",
    "video_note",
    "voice",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "contact",
    "dice",
    "poll",
    "venue",
    "location",
)
"""The fields that say what a message is, in contrast to where it stands."""

SERVICE_FIELDS = (
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "pinned_message",
    "group_chat_created",
    "supergroup_chat_created",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
)
"""A message with one of these is the chat speaking: it cannot be copied, forwarded, edited or reacted to."""


class Message(msgspec.Struct, kw_only=True):
    """`data` is the Bot API's Message object; the rest is what no Message object says.

    `number` and `changed` are the numbers of the changes that made and last altered it, over all chats.
    `keyboard` is the reply keyboard, removal or forced reply it came with. `reactions` are by user id.
    `versions` holds the texts it had before edits.
    """

    data: JsonObject
    number: int
    changed: int
    author_id: int
    keyboard: JsonObject | None = None
    reactions: dict[int, list[JsonObject]] = {}
    versions: list[str] = []
    deleted: bool = False

    @property
    def id(self) -> int:
        """Its number in its chat."""
        return int(self.data["message_id"])

    @property
    def words(self) -> str:
        """Its text, or the caption of its media."""
        return str(self.data.get("text") or self.data.get("caption") or "")

    @property
    def is_service(self) -> bool:
        """Whether the chat itself says it."""
        return any(field in self.data for field in SERVICE_FIELDS)

    def content(self) -> JsonObject:
        """Return only what it says, fit for a copy."""
        return {field: self.data[field] for field in CONTENT_FIELDS if field in self.data}

    def as_reply(self) -> JsonObject:
        """Return the object a reply carries: without the message it replied to itself."""
        return {name: value for name, value in self.data.items() if name != "reply_to_message"}
