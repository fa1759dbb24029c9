"""What a message carries besides text: photos, voices, documents and the like."""

import mimetypes

from telegram_simulator.call import Call, Upload
from telegram_simulator.files import File, Files
from telegram_simulator.refusals import JsonObject, bad_request
from telegram_simulator.words import caption

MEDIA_KINDS = ("photo", "video", "animation", "audio", "document", "voice", "video_note", "sticker")
CAPTIONED = frozenset({"photo", "video", "animation", "audio", "document", "voice"})
INPUT_KINDS = frozenset({"photo", "video", "animation", "audio", "document"})
_NAMES = {
    "photo": "Photo",
    "video": "Video",
    "animation": "Animation",
    "audio": "Audio",
    "document": "Document",
    "voice": "VoiceNote",
    "video_note": "VideoNote",
    "sticker": "Sticker",
}
_SHAPES: dict[str, JsonObject] = {
    "photo": {"width": 1280, "height": 853},
    "video": {"width": 1280, "height": 720, "duration": 5},
    "animation": {"width": 480, "height": 270, "duration": 2},
    "audio": {"duration": 60},
    "document": {},
    "voice": {"duration": 3},
    "video_note": {"length": 240, "duration": 5},
    "sticker": {
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "emoji": "👍",
    },
}
"""What Telegram measures in a file; the simulator does not look inside, and gives everybody the same."""
_DEFAULT_MIME = {
    "photo": "image/jpeg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "sticker": "image/webp",
}


def store(files: Files, kind: str, upload: Upload, told: JsonObject) -> JsonObject:
    """Store an upload and return the fields a message gets; `told` may hold duration, width, title and so on."""
    if not upload.content:
        raise bad_request("file must be non-empty")
    mime = upload.mime
    if mime in ("", "application/octet-stream"):
        mime = _DEFAULT_MIME.get(kind) or mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
    file = files.add(kind, upload.name, mime, upload.content)
    media: JsonObject = {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size}
    media |= _SHAPES[kind]
    media |= {name: told[name] for name in ("duration", "width", "height", "length") if told.get(name)}
    if kind == "audio":
        media |= {name: told[name] for name in ("title", "performer") if told.get(name)}
    if kind == "sticker" and told.get("set_name"):
        media["set_name"] = told["set_name"]
    if kind not in ("photo", "video_note", "sticker"):
        media["mime_type"] = mime
    if kind in ("document", "animation", "audio", "video") and upload.name:
        media["file_name"] = upload.name
    file.media = media
    return fields(file, kind)


def fields(file: File, kind: str) -> JsonObject:
    """Return the fields of a message that carries this file."""
    if kind == "photo":
        return {"photo": [file.media]}
    if kind == "animation":
        plain = {name: value for name, value in file.media.items() if name not in ("width", "height", "duration")}
        return {"animation": file.media, "document": plain}
    return {kind: file.media}


def named_media(call: Call, kind: str, asked: str, upload: Upload | None, told: JsonObject) -> JsonObject:
    """Return the fields for a file given by upload, attach:// name or file_id."""
    if asked.startswith("attach://"):
        upload = call.uploads.get(asked.removeprefix("attach://"))
    if upload is not None:
        return store(call.world.files, kind, upload, told)
    if not asked or asked.startswith("attach://"):
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if asked.startswith(("http://", "https://")):
        # The simulator reaches nowhere: to the bot this is a page Telegram could not fetch.
        raise bad_request("failed to get HTTP URL content")
    file = call.world.files.get(asked)
    if file.kind != kind:
        raise bad_request(f"can't use file of type {_NAMES[file.kind]} as {_NAMES[kind]}")
    return fields(file, kind)


def input_media(call: Call, asked: JsonObject) -> JsonObject:
    """Return the fields for one InputMedia, its caption included."""
    kind = str(asked.get("type", ""))
    if kind not in INPUT_KINDS:
        raise bad_request(
            f"unsupported input media type {kind}" if kind else "Can't parse InputMedia: type is not specified"
        )
    content = named_media(call, kind, str(asked.get("media") or ""), None, asked) | caption(call, asked)
    if asked.get("has_spoiler"):
        content["has_media_spoiler"] = True
    if asked.get("show_caption_above_media") and "caption" in content:
        content["show_caption_above_media"] = True
    return content
