"""Texts and the "typing" line."""

from telegram_simulator.access import find_chat, find_thread
from telegram_simulator.call import Call
from telegram_simulator.refusals import JsonObject, bad_request
from telegram_simulator.sending import send
from telegram_simulator.words import message_text

_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def send_message(call: Call) -> JsonObject:
    """Send a text of 1 to 4096 UTF-16 units."""
    content = message_text(call)
    options = call.object("link_preview_options", "link preview options")
    if options:
        content["link_preview_options"] = options
    return send(call, content)


def send_chat_action(call: Call) -> bool:
    """Show that the bot is busy; it lasts five seconds or until its next message."""
    if call.text("action") not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat = find_chat(call)
    find_thread(call, chat)
    call.world.changes.tell("action", chat.key, action=call.text("action"), by=call.bot.id)
    return True


METHODS = {"sendMessage": send_message, "sendChatAction": send_chat_action}
