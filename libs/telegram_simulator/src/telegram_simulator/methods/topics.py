"""Topics of a forum."""

from telegram_simulator.access import find_chat
from telegram_simulator.call import Call
from telegram_simulator.chats import Chat, Topic
from telegram_simulator.refusals import JsonObject, bad_request
from telegram_simulator.sending import admit

_MOST_NAME = 128
_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def _forum(call: Call) -> Chat:
    chat = find_chat(call)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if not chat.member(call.bot.id).may("can_manage_topics"):
        raise bad_request("not enough rights to manage topics")
    return chat


def _topic(call: Call, chat: Chat) -> Topic:
    topic = chat.topics.get(call.integer("message_thread_id"))
    if topic is None:
        raise bad_request("message thread not found")
    return topic


def _say(call: Call, chat: Chat, topic: Topic, content: JsonObject) -> None:
    call.world.post(chat, call.bot.user(), content, message_thread_id=topic.id, is_topic_message=True)


def create(call: Call) -> JsonObject:
    """Open a topic."""
    name = call.text("name").strip()
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    if len(name) > _MOST_NAME:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    chat = _forum(call)
    color = call.integer("icon_color", _COLORS[0])
    if color not in _COLORS:
        raise bad_request("wrong icon color specified")
    admit(call, chat)
    thread_id = chat.next_message_id
    topic = Topic(thread_id, name, color, call.text("icon_custom_emoji_id"))
    chat.topics[thread_id] = topic
    _say(call, chat, topic, {"forum_topic_created": {"name": name, "icon_color": color}})
    return topic.view()


def edit(call: Call) -> bool:
    """Rename a topic or change its icon."""
    chat = _forum(call)
    topic = _topic(call, chat)
    name = call.text("name").strip()
    icon = call.text("icon_custom_emoji_id")
    if name in ("", topic.name) and icon in ("", topic.icon_custom_emoji_id):
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name or topic.name
    topic.icon_custom_emoji_id = icon or topic.icon_custom_emoji_id
    _say(call, chat, topic, {"forum_topic_edited": {"name": topic.name}})
    return True


def close(call: Call) -> bool:
    """Close a topic to everybody but administrators."""
    chat = _forum(call)
    topic = _topic(call, chat)
    if topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = True
    _say(call, chat, topic, {"forum_topic_closed": {}})
    return True


def reopen(call: Call) -> bool:
    """Open a closed topic again."""
    chat = _forum(call)
    topic = _topic(call, chat)
    if not topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = False
    _say(call, chat, topic, {"forum_topic_reopened": {}})
    return True


def delete(call: Call) -> bool:
    """Delete a topic with all its messages."""
    chat = _forum(call)
    topic = _topic(call, chat)
    if not chat.member(call.bot.id).may("can_delete_messages"):
        raise bad_request("not enough rights to delete the topic")
    drop_topic(call, chat, topic)
    return True


def drop_topic(call: Call, chat: Chat, topic: Topic) -> None:
    """Remove a topic and its messages."""
    del chat.topics[topic.id]
    for message in chat.messages.values():
        if message.data.get("message_thread_id") == topic.id and not message.deleted:
            message.deleted = True
            call.world.changed("delete", chat, message)


METHODS = {
    "createForumTopic": create,
    "editForumTopic": edit,
    "closeForumTopic": close,
    "reopenForumTopic": reopen,
    "deleteForumTopic": delete,
}
