"""Changing what the bot said."""

import time

from telegram_simulator.access import find_chat, find_message
from telegram_simulator.call import Call
from telegram_simulator.chats import Chat
from telegram_simulator.content import MEDIA_KINDS, input_media
from telegram_simulator.keyboards import read_markup
from telegram_simulator.messages import CONTENT_FIELDS, Message
from telegram_simulator.methods.places import live_location
from telegram_simulator.refusals import JsonObject, bad_request
from telegram_simulator.sending import admit
from telegram_simulator.words import caption, message_text

_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
_WORDS = ("text", "entities", "link_preview_options")
_CAPTION = ("caption", "caption_entities", "show_caption_above_media")


def edit_text(call: Call) -> JsonObject | bool:
    """Change a text."""
    content = message_text(call)
    options = call.object("link_preview_options", "link preview options")
    if options:
        content["link_preview_options"] = options
    inline, chat, message = _target(call)
    if "text" not in message.data:
        raise bad_request("there is no text in the message to edit")
    return _change(call, chat, message, _without(message, _WORDS) | content, inline)


def edit_caption(call: Call) -> JsonObject | bool:
    """Change or remove a caption."""
    content = caption(call)
    if content and call.flag("show_caption_above_media"):
        content["show_caption_above_media"] = True
    inline, chat, message = _target(call)
    if not any(kind in message.data for kind in MEDIA_KINDS):
        raise bad_request("there is no caption in the message to edit")
    return _change(call, chat, message, _without(message, _CAPTION) | content, inline)


def edit_media(call: Call) -> JsonObject | bool:
    """Put another photo, video, audio, document or animation in place of the old one."""
    asked = call.object("media", "input media")
    if not asked:
        raise bad_request("media not found")
    content = input_media(call, asked)
    inline, chat, message = _target(call)
    album = "media_group_id" in message.data
    kinds = [kind for kind in MEDIA_KINDS if kind in message.data]
    if "text" not in message.data and not kinds:
        raise bad_request("message can't be edited")
    if album and not any(kind in content for kind in ("photo", "video", *kinds)):
        raise bad_request("Can't use the media of the specified type in the album")
    return _change(call, chat, message, content, inline)


def edit_markup(call: Call) -> JsonObject | bool:
    """Change or remove the buttons."""
    inline, chat, message = _target(call)
    return _change(call, chat, message, message.content(), inline)


def edit_live_location(call: Call) -> JsonObject | bool:
    """Move a live location."""
    location = live_location(call)
    inline, chat, message = _target(call)
    before = message.data.get("location", {})
    if "live_period" not in before:
        raise bad_request("message can't be edited")
    return _change(call, chat, message, {"location": before | location}, inline)


def stop_live_location(call: Call) -> JsonObject | bool:
    """End a live location."""
    inline, chat, message = _target(call)
    before = dict(message.data.get("location", {}))
    if before.pop("live_period", None) is None:
        raise bad_request("message can't be edited")
    return _change(call, chat, message, {"location": before}, inline)


def _target(call: Call) -> tuple[JsonObject | None, Chat, Message]:
    """Return (new inline keyboard, chat, message) of an edit; only the bot's own messages without reply keyboard."""
    inline, other = read_markup(call)
    if other is not None:
        raise bad_request("inline keyboard expected")
    inline_id = call.text("inline_message_id")
    if inline_id:
        key, message_id = call.world.inline_messages.get(inline_id, ("", 0))
        message = call.world.chats[key].message(message_id) if key else None
        if message is None or message.data.get("via_bot", {}).get("id") != call.bot.id:
            raise bad_request("MESSAGE_ID_INVALID")
        return inline, call.world.chats[key], message
    chat = find_chat(call)
    message = find_message(call, chat, "message to edit")
    if message.author_id != call.bot.id or message.is_service or "forward_origin" in message.data:
        raise bad_request("message can't be edited")
    if message.keyboard is not None:
        raise bad_request("message can't be edited")
    return inline, chat, message


def _without(message: Message, fields: tuple[str, ...]) -> JsonObject:
    return {name: value for name, value in message.content().items() if name not in fields}


def _change(
    call: Call, chat: Chat, message: Message, content: JsonObject, inline: JsonObject | None
) -> JsonObject | bool:
    """Apply an edit."""
    data = message.data
    if content == message.content() and inline == data.get("reply_markup"):
        raise bad_request(_SAME)
    admit(call, chat)
    if message.words != content.get("text", content.get("caption", "")):
        message.versions.append(message.words)
    replace(data, content, inline)
    call.world.changed("edit", chat, message)
    return True if call.text("inline_message_id") else data


def replace(data: JsonObject, content: JsonObject, inline: JsonObject | None) -> None:
    """Put other content and buttons into a Message object."""
    for field in (*CONTENT_FIELDS, "reply_markup"):
        data.pop(field, None)
    data |= content
    if inline is not None:
        data["reply_markup"] = inline
    data["edit_date"] = max(data["date"], int(time.time()))


METHODS = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageMedia": edit_media,
    "editMessageReplyMarkup": edit_markup,
    "editMessageLiveLocation": edit_live_location,
    "stopMessageLiveLocation": stop_live_location,
}
