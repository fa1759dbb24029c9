"""Passing messages on: as a copy without a trace, or forwarded with their origin."""

from itertools import pairwise

from telegram_simulator.access import find_chat, find_message, find_reply, find_thread
from telegram_simulator.call import Call
from telegram_simulator.chats import Chat
from telegram_simulator.content import CAPTIONED
from telegram_simulator.keyboards import read_markup
from telegram_simulator.messages import Message
from telegram_simulator.methods.media import new_group_id
from telegram_simulator.refusals import JsonObject, bad_request
from telegram_simulator.sending import admit, post
from telegram_simulator.words import caption

_MOST_AT_ONCE = 100


def copy_message(call: Call) -> JsonObject:
    """Send a message's content anew; returns the new message_id only."""
    inline, keyboard = read_markup(call)
    words = caption(call)
    chat = find_chat(call)
    source = find_message(call, find_chat(call, "from_chat_id", write=False), "message to copy")
    if not copyable(source):
        raise bad_request("message can't be copied")
    content = source.content()
    if "caption" in call.values and any(kind in content for kind in CAPTIONED):
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content |= words
    admit(call, chat)
    return {"message_id": post(call, chat, content, inline=inline, keyboard=keyboard).id}


def copy_messages(call: Call) -> list[JsonObject]:
    """Copy up to 100 messages in order, albums kept together; those that cannot be copied are skipped."""
    chat, sources = _several(call, "message to copy")
    return [{"message_id": message.id} for message in _repeat(call, chat, sources, origin=False)]


def forward_message(call: Call) -> JsonObject:
    """Send a message on, showing who wrote it."""
    chat = find_chat(call)
    source = find_message(call, find_chat(call, "from_chat_id", write=False), "message to forward")
    if not copyable(source):
        raise bad_request("message can't be forwarded")
    admit(call, chat)
    find_reply(call, chat)
    return _repeat(call, chat, [source], origin=True)[0].data


def forward_messages(call: Call) -> list[JsonObject]:
    """Forward up to 100 messages in order; those that cannot be forwarded are skipped."""
    chat, sources = _several(call, "message to forward")
    return [{"message_id": message.id} for message in _repeat(call, chat, sources, origin=True)]


def copyable(message: Message) -> bool:
    """Whether a message may leave its chat."""
    return not message.is_service and not message.data.get("has_protected_content")


def origin_of(message: Message) -> JsonObject:
    """Return who wrote a message first."""
    known = message.data.get("forward_origin")
    return known or {"type": "user", "sender_user": message.data["from"], "date": message.data["date"]}


def _several(call: Call, what: str) -> tuple[Chat, list[Message]]:
    asked = call.items("message_ids", "message identifiers", "message identifiers")
    if not asked:
        raise bad_request("Message identifiers are not specified")
    if len(asked) > _MOST_AT_ONCE:
        raise bad_request("Too many message identifiers specified")
    numbers = [int(one) if isinstance(one, int) or str(one).isdigit() else 0 for one in asked]
    if any(number <= 0 for number in numbers):
        raise bad_request("Invalid message identifier specified")
    if any(second <= first for first, second in pairwise(numbers)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    chat = find_chat(call)
    source = find_chat(call, "from_chat_id", write=False)
    found = [message for number in numbers if (message := source.message(number)) is not None and copyable(message)]
    if not found:
        raise bad_request("there are no messages to copy" if "copy" in what else "there are no messages to forward")
    admit(call, chat, len(found))
    return chat, found


def _repeat(call: Call, chat: Chat, sources: list[Message], *, origin: bool) -> list[Message]:
    """Post messages again in order, giving each album a new id."""
    thread_id = find_thread(call, chat)
    place: JsonObject = {} if thread_id is None else {"message_thread_id": thread_id, "is_topic_message": True}
    albums: dict[str, str] = {}
    posted = []
    for source in sources:
        content = source.content()
        if call.flag("remove_caption"):
            content = {name: value for name, value in content.items() if not name.startswith("caption")}
        more = dict(place)
        group = source.data.get("media_group_id")
        if group:
            more["media_group_id"] = albums.setdefault(group, new_group_id())
        if origin:
            more["forward_origin"] = origin_of(source)
        if call.flag("protect_content"):
            more["has_protected_content"] = True
        posted.append(call.world.post(chat, call.bot.user(), content, **more))
    return posted


METHODS = {
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
}
