"""One message of a chat: sent, and changed in place. Always plain text with entities, never through a parse mode."""

from typing import Final

from aiogram import Bot
from aiogram.types import MessageEntity, ReplyParameters

from telegram_bot.deliver.compose import Part
from telegram_bot.turn import NO_PREVIEW

ANSWERED_WITHIN: Final = 15
"""Seconds for one message; with `HELD_WITHIN` inside the 30 s after which the ledger takes a delivery for lost."""


async def send_part(bot: Bot, chat: int, part: Part, *, reply_to: str | None) -> str:
    """Send it; the id Telegram gave it."""
    answer = ReplyParameters(message_id=int(reply_to), allow_sending_without_reply=True) if reply_to else None
    message = await bot.send_message(
        chat,
        part.text,
        parse_mode=None,
        entities=_entities(part),
        link_preview_options=NO_PREVIEW,
        reply_markup=part.keyboard,
        reply_parameters=answer,
        request_timeout=ANSWERED_WITHIN,
    )
    return str(message.message_id)


async def edit_part(bot: Bot, chat: int, message: str, part: Part) -> None:
    """Put it in place of a message the bot sent before."""
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


def _entities(part: Part) -> list[MessageEntity] | None:
    return [
        MessageEntity(type=one.type, offset=one.offset, length=one.length, url=one.url, language=one.language)
        for one in part.entities
    ] or None
