"""Groups: made, joined, upgraded."""

import secrets

import msgspec

from telegram_simulator.chats import ADMINISTRATOR_RIGHTS, Chat, ChatType, Member, MemberStatus, Topic
from telegram_simulator.places import pick_bot, pick_group
from telegram_simulator.refusals import ControlError, JsonObject
from telegram_simulator.service import set_status
from telegram_simulator.world import World

ANONYMOUS: JsonObject = {
    "id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot",
}  # fmt: skip
"""Whom Telegram names in place of an administrator who writes and acts in the name of the group."""

_SUPERGROUPS = -1_000_000_000_000


class CreateGroup(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A group with its first member as creator. `bots` join by username or id, as administrators if asked."""

    title: str
    members: list[int]
    id: int = 0
    type: ChatType = "supergroup"
    username: str = ""
    is_forum: bool = False
    has_protected_content: bool = False
    bots: list[str] = []
    bots_are_administrators: bool = True


class SetMember(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A user's new standing; `rights` None means all rights for an administrator. `by`: who does it, a user or `ANONYMOUS`."""

    chat: int
    user: int = 0
    bot: str = ""
    status: MemberStatus = "member"
    rights: dict[str, bool] | None = None
    by: int = 0


class OneGroup(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A group."""

    chat: int


class OneTopic(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A topic of a forum, by id or (new) by name."""

    chat: int
    thread_id: int = 0
    name: str = ""
    person: int = 0


def create_group(world: World, asked: CreateGroup) -> JsonObject:
    """Make a group and let the bots join it."""
    if not asked.members or asked.type == "private":
        raise ControlError(400, "a group needs members and a group's type")
    people = [world.person(person_id) for person_id in asked.members]
    number = asked.id or (-secrets.randbelow(10**9) - 10**6)
    if not asked.id and asked.type != "group":
        number += _SUPERGROUPS
    if number >= 0 or str(number) in world.chats:
        raise ControlError(409, "the id is taken, or not negative")
    chat = Chat(
        key=str(number),
        id=number,
        type=asked.type,
        title=asked.title,
        username=asked.username,
        is_forum=asked.is_forum,
        has_protected_content=asked.has_protected_content,
        next_message_id=world.first_message_id,
        members={person.id: Member("creator" if index == 0 else "member") for index, person in enumerate(people)},
    )
    world.chats[chat.key] = chat
    status: MemberStatus = "administrator" if asked.bots_are_administrators else "member"
    for name in asked.bots:
        bot = pick_bot(world, name)
        set_status(world, chat, bot.id, _member(status, None), by=people[0].user())
    world.changes.next()
    world.changes.tell("people", "")
    return world.chat_object(chat)


def set_member(world: World, asked: SetMember) -> JsonObject:
    """Add, promote, restrict, remove or ban somebody."""
    chat = pick_group(world, asked.chat)
    user_id = asked.user or pick_bot(world, asked.bot).id
    user = world.user(user_id)
    if user is None:
        raise ControlError(404, f"nobody has the id {user_id}")
    by = ANONYMOUS if asked.by == ANONYMOUS["id"] else world.user(asked.by or next(iter(chat.members), user_id)) or user
    set_status(world, chat, user_id, _member(asked.status, asked.rights), by=by)
    return chat.member(user_id).view(user)


def _member(status: MemberStatus, rights: dict[str, bool] | None) -> Member:
    if status == "administrator" and rights is None:
        rights = dict.fromkeys(ADMINISTRATOR_RIGHTS, True)
    return Member(status, dict(rights or {}))


def migrate_group(world: World, asked: OneGroup) -> JsonObject:
    """Upgrade a basic group to a supergroup with a new id; both say so, and the old one answers migrate_to_chat_id."""
    old = pick_group(world, asked.chat)
    if old.type != "group" or old.migrated_to:
        raise ControlError(409, "only a basic group can be upgraded, once")
    new_id = _SUPERGROUPS + old.id
    new = Chat(
        key=str(new_id),
        id=new_id,
        type="supergroup",
        title=old.title,
        members=dict(old.members),
        next_message_id=world.first_message_id,
    )
    world.chats[new.key] = new
    creator = world.user(next(iter(old.members))) or {}
    said = world.post(old, creator, {"migrate_to_chat_id": new_id})
    world.tell_bots(old, "message", said)
    old.migrated_to = new_id
    said = world.post(new, creator, {"migrate_from_chat_id": old.id})
    world.tell_bots(new, "message", said)
    world.changes.tell("people", "")
    return world.chat_object(new)


def delete_group(world: World, asked: OneGroup) -> bool:
    """Delete a group: bots get "the group chat was deleted"."""
    pick_group(world, asked.chat).deleted = True
    world.changes.tell("people", "")
    return True


def create_topic(world: World, asked: OneTopic) -> JsonObject:
    """Open a topic in a forum as a person."""
    chat = pick_group(world, asked.chat)
    if not chat.is_forum or not asked.name:
        raise ControlError(409, "a topic needs a forum and a name")
    topic = Topic(chat.next_message_id, asked.name)
    chat.topics[topic.id] = topic
    content = {"forum_topic_created": {"name": topic.name, "icon_color": topic.icon_color}}
    author = world.person(asked.person).user()
    message = world.post(chat, author, content, message_thread_id=topic.id, is_topic_message=True)
    world.tell_bots(chat, "message", message)
    return topic.view()


def delete_topic(world: World, asked: OneTopic) -> bool:
    """Delete a topic with its messages; bots are not told, as in life."""
    chat = pick_group(world, asked.chat)
    if chat.topics.pop(asked.thread_id, None) is None:
        raise ControlError(404, f"no topic {asked.thread_id}")
    for message in chat.messages.values():
        if message.data.get("message_thread_id") == asked.thread_id and not message.deleted:
            message.deleted = True
            world.changed("delete", chat, message)
    return True


ACTIONS = {
    "create_group": (CreateGroup, create_group),
    "set_member": (SetMember, set_member),
    "migrate_group": (OneGroup, migrate_group),
    "delete_group": (OneGroup, delete_group),
    "create_topic": (OneTopic, create_topic),
    "delete_topic": (OneTopic, delete_topic),
}
