"""Photos, voices, albums: sending them and getting their bytes."""

import secrets
from collections.abc import Callable

from telegram_simulator.access import find_chat, find_reply, find_thread
from telegram_simulator.call import Call
from telegram_simulator.content import CAPTIONED, input_media, named_media
from telegram_simulator.files import MOST_DOWNLOAD_BYTES
from telegram_simulator.refusals import JsonObject, bad_request
from telegram_simulator.sending import admit, send
from telegram_simulator.words import caption

_MOST_IN_ALBUM = 10
_ALONE = frozenset({"document", "audio"})


def _sender(kind: str) -> Callable[[Call], JsonObject]:
    """Return the method that sends one kind of file."""

    def send_media(call: Call) -> JsonObject:
        told: JsonObject = {name: call.integer(name) for name in ("duration", "width", "height", "length")}
        told |= {"title": call.text("title"), "performer": call.text("performer")}
        content = named_media(call, kind, call.text(kind), call.uploads.get(kind), told)
        if kind in CAPTIONED:
            content |= caption(call)
        if call.flag("has_spoiler") and kind in ("photo", "video", "animation"):
            content["has_media_spoiler"] = True
        if call.flag("show_caption_above_media") and "caption" in content:
            content["show_caption_above_media"] = True
        return send(call, content)

    return send_media


def send_media_group(call: Call) -> list[JsonObject]:
    """Send an album of 2 to 10; documents and audio only among themselves, no animations."""
    asked = call.items("media", "media", "InputMedia")
    if not asked or not all(isinstance(one, dict) for one in asked):
        raise bad_request("media not found" if not asked else "Expected an Array of InputMedia")
    kinds = {str(one.get("type")) for one in asked}
    if "animation" in kinds or (kinds & _ALONE and len(kinds) > 1):
        raise bad_request("Can't use the media of the specified type in the album")
    contents = [input_media(call, one) for one in asked]
    if len(contents) > _MOST_IN_ALBUM:
        raise bad_request("too many messages to send as an album")
    chat = find_chat(call)
    thread_id = find_thread(call, chat)
    reply, quote = find_reply(call, chat)
    admit(call, chat, len(contents))
    more: JsonObject = {"media_group_id": new_group_id() if len(contents) > 1 else None} | quote
    if thread_id is not None:
        more |= {"message_thread_id": thread_id, "is_topic_message": True}
    if call.flag("protect_content"):
        more["has_protected_content"] = True
    return [call.world.post(chat, call.bot.user(), content, reply=reply, **more).data for content in contents]


def new_group_id() -> str:
    """Return a fresh media_group_id."""
    return str(10**16 + secrets.randbelow(10**16))


def get_file(call: Call) -> JsonObject:
    """Return the path of a file of up to 20 MB, to be fetched at /file/bot<token>/<path>."""
    file_id = call.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = call.world.files.known.get(file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > MOST_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    if call.world.files.content(file_id) is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    return {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size, "file_path": file.path}


METHODS = {
    "sendPhoto": _sender("photo"),
    "sendVideo": _sender("video"),
    "sendVideoNote": _sender("video_note"),
    "sendVoice": _sender("voice"),
    "sendAudio": _sender("audio"),
    "sendDocument": _sender("document"),
    "sendAnimation": _sender("animation"),
    "sendSticker": _sender("sticker"),
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
}
