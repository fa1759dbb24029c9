"""What does not travel on, and which sentence says so."""

from pathlib import PurePosixPath
from typing import Final

from aiogram.types import Message

from telegram_bot.routers.relay.card import phone_on

PASSED_ON: Final = (
    "text", "photo", "video", "video_note", "voice", "audio", "document", "animation", "sticker", "location", "venue",
    "contact",
)  # fmt: skip
"""What people can send each other, by Telegram's names."""

PICTURES: Final = frozenset(
    {".heic", ".heif", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".dng", ".mov", ".mp4", ".3gp"}
)


def refusal(message: Message) -> str | None:
    """The sentence to answer a message with that cannot be passed on; None for one that can be."""
    if message.paid_media is not None or not any(getattr(message, kind) for kind in PASSED_ON):
        return "cannot-pass-on"
    if message.document is not None and message.animation is None and is_picture(message):
        return "picture-as-file"
    if message.contact is not None and not phone_on(message.contact):
        return "card-without-phone"
    return None


def is_picture(message: Message) -> bool:
    """Whether a file is a photo or film as the camera wrote it.

    Such a file says when and where it was taken, and by whose phone. Telegram takes that away from what is sent as a photo.
    """
    document = message.document
    if document is None:
        return False
    suffix = PurePosixPath(document.file_name or "").suffix.lower()
    return (document.mime_type or "").startswith(("image/", "video/")) or suffix in PICTURES
