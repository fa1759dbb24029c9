"""Chats, who is in them with which rights, and their topics."""

from typing import Literal

import msgspec

from telegram_simulator.messages import Message
from telegram_simulator.refusals import JsonObject

ChatType = Literal["private", "group", "supergroup", "channel"]
MemberStatus = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]
PRESENT = ("creator", "administrator", "member", "restricted")
ADMINISTRATOR_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_send_welcome_messages",
)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
"""What a restricted member may still be allowed."""


class Member(msgspec.Struct):
    """A user's standing in a chat; `rights` are those of an administrator, or what a restricted member still may."""

    status: MemberStatus = "member"
    rights: dict[str, bool] = {}

    @property
    def present(self) -> bool:
        """Whether the user is in the chat now."""
        return self.status in PRESENT

    def may(self, right: str) -> bool:
        """Whether the user may do what only administrators with `right` may."""
        return self.status == "creator" or (self.status == "administrator" and self.rights.get(right, False))

    def view(self, user: JsonObject) -> JsonObject:
        """Return the ChatMember object of its status."""
        member: JsonObject = {"user": user, "status": self.status}
        if self.status == "creator":
            member["is_anonymous"] = False
        elif self.status == "administrator":
            member |= {"can_be_edited": False, "is_anonymous": False}
            member |= {right: self.rights.get(right, False) for right in ADMINISTRATOR_RIGHTS}
        elif self.status == "restricted":
            member |= {"is_member": True, "until_date": 0}
            member |= {right: self.rights.get(right, False) for right in PERMISSIONS}
        elif self.status == "kicked":
            member["until_date"] = 0
        return member


class Topic(msgspec.Struct):
    """A forum topic; its id is the id of the message that opened it."""

    id: int
    name: str
    icon_color: int = 7322096
    icon_custom_emoji_id: str = ""
    closed: bool = False

    def view(self) -> JsonObject:
        """Return the ForumTopic object."""
        topic: JsonObject = {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}
        if self.icon_custom_emoji_id:
            topic["icon_custom_emoji_id"] = self.icon_custom_emoji_id
        return topic


class Chat(msgspec.Struct, kw_only=True):
    """One conversation. A private chat is between `bot_id` and `person_id`, and `id` is the person's.

    `key` names it among all chats; for groups it is the id. `messages` is in the order of posting.
    """

    key: str
    id: int
    type: ChatType
    title: str = ""
    username: str = ""
    bot_id: int = 0
    person_id: int = 0
    is_forum: bool = False
    has_protected_content: bool = False
    members: dict[int, Member] = {}
    messages: dict[int, Message] = {}
    topics: dict[int, Topic] = {}
    pinned: list[int] = []
    next_message_id: int = 1
    started: bool = False
    blocked: bool = False
    deleted: bool = False
    migrated_to: int = 0
    last_bot_id: int = 0

    def member(self, user_id: int) -> Member:
        """Return the user's standing; somebody who never was here has left."""
        return self.members.get(user_id) or Member("left")

    def present(self) -> list[int]:
        """Return the ids of everybody in the chat."""
        if self.type == "private":
            return [self.person_id, self.bot_id]
        return [user_id for user_id, member in self.members.items() if member.present]

    def message(self, message_id: int) -> Message | None:
        """Return a message which still exists."""
        found = self.messages.get(message_id)
        return None if found is None or found.deleted else found
