"""The files of a message, as they are kept: Telegram's id of each, and a name that says nothing about anybody."""

import mimetypes
import re
from pathlib import PurePosixPath
from typing import Any, Final

from aiogram.types import Animation, Audio, Document, Message, PhotoSize, Sticker, Video, VideoNote, Voice

from contracts.kinds import AttachmentKind

File = Animation | Audio | Document | PhotoSize | Sticker | Video | VideoNote | Voice

RENAMED_UP_TO: Final = 20 * 2**20
"""Bytes of the largest file a bot can fetch, and so give another name; Bot API, getFile."""

LONGEST_MIME: Final = 127
"""Characters of a media type that the contract takes; the sender's program may write anything there."""

EXTENSION: Final = re.compile(r"\.[a-z0-9]{1,8}")


def files(message: Message) -> list[dict[str, Any]]:
    """The file of a message, if it has one."""
    found = file_of(message)
    if found is None:
        return []
    kind, file = found
    kept: dict[str, Any] = {"kind": kind.value, "file_id": file.file_id, "unique_id": file.file_unique_id}
    mime = getattr(file, "mime_type", None) or ""
    told = {
        "name": neutral_name(kind, file) if bears_a_name(file) and can_be_renamed(file) else None,
        "mime": mime if 0 < len(mime) <= LONGEST_MIME else None,
        "size": file.file_size,
        "width": getattr(file, "width", getattr(file, "length", None)),
        "height": getattr(file, "height", getattr(file, "length", None)),
        "duration": getattr(file, "duration", None),
    }
    return [kept | {key: value for key, value in told.items() if value is not None}]


def file_of(message: Message) -> tuple[AttachmentKind, File] | None:
    """The file of a message and what kind it is; of a photo the largest size."""
    if message.photo:
        return AttachmentKind.PHOTO, message.photo[-1]
    # An animation carries a document too, for clients that know none.
    for kind in AttachmentKind:
        file = getattr(message, kind.value)
        if kind is not AttachmentKind.DOCUMENT and file:
            return kind, file
    return (AttachmentKind.DOCUMENT, message.document) if message.document else None


def bears_a_name(file: File) -> bool:
    """Whether whoever gets the file by its id would read a name on it: of the file, of a song, of a set of stickers.

    A set of one's own stickers also leads to whoever made it.
    """
    return any(getattr(file, field, None) for field in ("file_name", "title", "performer", "set_name"))


def can_be_renamed(file: File) -> bool:
    """Whether the bot can fetch the file, and so send it under another name."""
    return file.file_size is not None and file.file_size <= RENAMED_UP_TO


def neutral_name(kind: AttachmentKind, file: File) -> str:
    """A name that keeps what opens the file and nothing else: `document.pdf`."""
    if isinstance(file, Sticker):
        # Telegram takes for a sticker only what is named like one.
        return "sticker.tgs" if file.is_animated else "sticker.webm" if file.is_video else "sticker.webp"
    mime = getattr(file, "mime_type", None) or ""
    suffix = PurePosixPath(getattr(file, "file_name", None) or "").suffix.lower()
    # What stands behind the last dot may be a name as well: only what is known to open something is kept.
    if not EXTENSION.fullmatch(suffix) or not any(mimetypes.guess_type(f"x{suffix}")):
        suffix = mimetypes.guess_extension(mime) or ""
    return f"{kind.value}{suffix}"
