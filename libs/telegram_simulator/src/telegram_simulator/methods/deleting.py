"""Taking messages away, and pinning them."""

import time

from telegram_simulator.access import find_chat, find_message
from telegram_simulator.call import Call
from telegram_simulator.chats import Chat
from telegram_simulator.messages import Message
from telegram_simulator.refusals import bad_request

_HOURS_48 = 48 * 3600
_MOST_AT_ONCE = 100


def delete_message(call: Call) -> bool:
    """Delete a message younger than 48 hours: the bot's own, any in a private chat, or with the right any."""
    chat = find_chat(call)
    message = find_message(call, chat, "message to delete")
    if not _deletable(call, chat, message):
        raise bad_request("message can't be deleted")
    _delete(call, chat, message)
    return True


def delete_messages(call: Call) -> bool:
    """Delete up to 100 messages; those that are gone are skipped."""
    asked = call.items("message_ids", "message identifiers", "message identifiers")
    if not asked:
        raise bad_request("Message identifiers are not specified")
    if len(asked) > _MOST_AT_ONCE:
        raise bad_request("Too many message identifiers specified")
    chat = find_chat(call)
    found = [message for one in asked if (message := chat.message(int(one))) is not None]
    if any(not _deletable(call, chat, message) for message in found):
        raise bad_request("message can't be deleted")
    for message in found:
        _delete(call, chat, message)
    return True


def _deletable(call: Call, chat: Chat, message: Message) -> bool:
    if time.time() - message.data["date"] > _HOURS_48:
        return False
    if message.author_id == call.bot.id or chat.type == "private":
        return True
    return chat.member(call.bot.id).may("can_delete_messages")


def _delete(call: Call, chat: Chat, message: Message) -> None:
    message.deleted = True
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    call.world.changed("delete", chat, message)


def pin(call: Call) -> bool:
    """Pin a message; the chat says so in a service message."""
    chat = _pinnable(call)
    message = find_message(call, chat, "message to pin")
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    chat.pinned.append(message.id)
    call.world.changed("pin", chat, message)
    call.world.post(chat, call.bot.user(), {"pinned_message": message.as_reply()})
    return True


def unpin(call: Call) -> bool:
    """Unpin a message, by default the last pinned."""
    chat = _pinnable(call)
    message_id = call.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    message = chat.message(message_id)
    if message is None or message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    call.world.changed("pin", chat, message)
    return True


def unpin_all(call: Call) -> bool:
    """Unpin everything."""
    chat = _pinnable(call)
    chat.pinned.clear()
    call.world.changes.tell("chat", chat.key)
    return True


def _pinnable(call: Call) -> Chat:
    chat = find_chat(call)
    if chat.type != "private" and not chat.member(call.bot.id).may("can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


METHODS = {
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin,
    "unpinChatMessage": unpin,
    "unpinAllChatMessages": unpin_all,
}
