"""One part of a delivery: sent, and changed in place. Always plain text with entities, never through a parse mode."""

from typing import Any, Final

from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    MediaUnion,
    Message,
    MessageEntity,
    MessageId,
    ReplyParameters,
)

from contracts.attachments import SentAttachment, Venue
from contracts.kinds import AttachmentKind
from telegram_bot.deliver.parts import BARE, Part
from telegram_bot.deliver.renaming import Renaming
from telegram_bot.session import Saying
from telegram_bot.shown import NO_PREVIEW
from telegram_bot.when import by_their_clock

ANSWERED_WITHIN: Final = 15
"""Seconds for one request; with `held.HELD_WITHIN` inside the 30 s after which the ledger takes a delivery for lost."""

UNCHANGED: Final = "message is not modified"
"""What a 400 says, in lower case, of an edit that changes nothing: it is done."""

NOT_PASSED_FURTHER: Final = frozenset(
    {AttachmentKind.PHOTO, AttachmentKind.VIDEO, AttachmentKind.VIDEO_NOTE, AttachmentKind.VOICE}
)
"""What shows a face or a home, or lets a voice be heard, Telegram lets nobody forward or save.

Words stay free to be copied into a map, documents to be opened at a pharmacy.
"""

MOST_ACCURACY: Final = 1500.0
"""Metres; Bot API, sendLocation."""

IN_ALBUM: Final[dict[str, Any]] = {
    AttachmentKind.PHOTO: InputMediaPhoto, AttachmentKind.VIDEO: InputMediaVideo,
    AttachmentKind.DOCUMENT: InputMediaDocument, AttachmentKind.AUDIO: InputMediaAudio,
}  # fmt: skip


async def send_part(bot: Bot, chat: int, part: Part, renaming: Renaming, *, reply_to: str | None) -> list[str]:
    """Send it; the ids Telegram gave its messages. Raises `NotFetched` when it was not sent for want of a file."""
    answer = ReplyParameters(message_id=int(reply_to), allow_sending_without_reply=True) if reply_to else None
    if part.files:
        async with renaming.media(bot, part.files) as media:
            sent = await _send_files(bot, chat, part, media, answer)
        renaming.learn(part.files, sent)
    elif part.place is not None:
        sent = [await _send_place(bot, chat, part, answer)]
    else:
        # Not looked through again: it is made of what is typed already.
        words = Saying.model_construct(
            chat_id=chat,
            text=part.text,
            entities=_entities(part),
            link_preview_options=NO_PREVIEW,
            reply_markup=part.keyboard,
            reply_parameters=answer,
        )
        said: MessageId = await bot(words, request_timeout=ANSWERED_WITHIN)  # type: ignore[arg-type] # see Saying
        return [str(said.message_id)]
    return [str(message.message_id) for message in sent]


async def edit_part(bot: Bot, chat: int, message: str, part: Part) -> None:
    """Put it in place of a message the bot sent before; of one with a file, in place of the words under it."""
    if part.files:
        await bot.edit_message_caption(
            chat_id=chat,
            message_id=int(message),
            caption=part.text,
            parse_mode=None,
            caption_entities=_entities(part),
            reply_markup=part.keyboard,
            request_timeout=ANSWERED_WITHIN,
        )
        return
    await bot.edit_message_text(
        part.text,
        chat_id=chat,
        message_id=int(message),
        parse_mode=None,
        entities=_entities(part),
        link_preview_options=NO_PREVIEW,
        reply_markup=part.keyboard,
        request_timeout=ANSWERED_WITHIN,
    )


async def _send_files(
    bot: Bot, chat: int, part: Part, media: list[str | BufferedInputFile], answer: ReplyParameters | None
) -> list[Message]:
    around: dict[str, Any] = {
        "reply_parameters": answer,
        "protect_content": any(file.kind in NOT_PASSED_FURTHER for file in part.files) or None,
        "request_timeout": ANSWERED_WITHIN,
    }
    if len(part.files) > 1:
        return await bot.send_media_group(chat, _album(part, media), **around)
    [file], [medium] = part.files, media
    words = (
        {}
        if file.kind in BARE
        else {"caption": part.text or None, "caption_entities": _entities(part), "parse_mode": None}
    )
    send = getattr(bot, f"send_{file.kind}")
    message: Message = await send(chat, medium, reply_markup=part.keyboard, **words, **_told(file), **around)
    return [message]


def _album(part: Part, media: list[str | BufferedInputFile]) -> list[MediaUnion]:
    words = {"caption": part.text or None, "caption_entities": _entities(part)}
    return [
        IN_ALBUM[file.kind](media=medium, parse_mode=None, **_told(file), **(words if at == 0 else {}))
        for at, (file, medium) in enumerate(zip(part.files, media, strict=True))
    ]


def _told(file: SentAttachment) -> dict[str, Any]:
    """What Telegram cannot see in bytes that are sent anew, or would take for something else."""
    if not file.name:
        return {}
    match file.kind:
        case AttachmentKind.VIDEO:
            return _measures(file, "width", "height", "duration") | {"supports_streaming": True}
        case AttachmentKind.ANIMATION:
            return _measures(file, "width", "height", "duration")
        case AttachmentKind.AUDIO:
            return _measures(file, "duration")
        case AttachmentKind.DOCUMENT:
            return {"disable_content_type_detection": True}
        case _:
            return {}


def _measures(file: SentAttachment, *names: str) -> dict[str, int]:
    return {name: value for name in names if (value := getattr(file, name))}


async def _send_place(bot: Bot, chat: int, part: Part, answer: ReplyParameters | None) -> Message:
    place = part.place
    if isinstance(place, Venue):
        return await bot.send_venue(
            chat,
            latitude=place.latitude,
            longitude=place.longitude,
            title=place.title,
            address=place.address,
            reply_markup=part.keyboard,
            reply_parameters=answer,
            request_timeout=ANSWERED_WITHIN,
        )
    if place is None:
        raise ValueError("a part without a place")
    return await bot.send_location(
        chat,
        latitude=place.latitude,
        longitude=place.longitude,
        horizontal_accuracy=min(place.accuracy, MOST_ACCURACY) if place.accuracy else None,
        reply_markup=part.keyboard,
        reply_parameters=answer,
        request_timeout=ANSWERED_WITHIN,
    )


def _entities(part: Part) -> list[MessageEntity] | None:
    styled = [
        MessageEntity(type=one.type, offset=one.offset, length=one.length, url=one.url, language=one.language)
        for one in part.entities
    ]
    return [*styled, *by_their_clock(part.text, part.dated)] or None
