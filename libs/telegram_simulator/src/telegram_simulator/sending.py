"""The part all send methods share: where to, as a reply to what, with which keyboard."""

from telegram_simulator.access import find_chat, find_reply, find_thread
from telegram_simulator.call import Call
from telegram_simulator.chats import Chat
from telegram_simulator.keyboards import read_markup
from telegram_simulator.messages import Message
from telegram_simulator.refusals import JsonObject, bad_request


def send(call: Call, content: JsonObject, **extra: object) -> JsonObject:
    """Post what a call says into the chat it names, and return the Message object."""
    inline, keyboard = read_markup(call)
    chat = find_chat(call)
    admit(call, chat)
    return post(call, chat, content, inline=inline, keyboard=keyboard, **extra).data


def post(
    call: Call,
    chat: Chat,
    content: JsonObject,
    *,
    inline: JsonObject | None = None,
    keyboard: JsonObject | None = None,
    **extra: object,
) -> Message:
    """Post as `send`, to a chat already found."""
    thread_id = find_thread(call, chat)
    reply, quote = find_reply(call, chat)
    if thread_id is not None:
        extra |= {"message_thread_id": thread_id, "is_topic_message": True}
    return call.world.post(
        chat,
        call.bot.user(),
        content,
        reply=reply,
        keyboard=keyboard,
        reply_markup=inline,
        has_protected_content=True if call.flag("protect_content") else None,
        effect_id=call.text("message_effect_id") or None,
        **quote,
        **extra,
    )


def admit(call: Call, chat: Chat, count: int = 1) -> None:
    """Refuse a bot that may not write in this chat, and count its messages against the limits."""
    member = chat.member(call.bot.id)
    if member.status == "restricted" and not member.rights.get("can_send_messages", False):
        raise bad_request("not enough rights to send text messages to the chat")
    call.world.limits.spend(call.bot.id, chat.id, count)
