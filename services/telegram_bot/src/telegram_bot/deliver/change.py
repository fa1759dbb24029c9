"""Changing what a chat shows already: an edit, a removal, a reaction. Trying one of them again does no harm."""

from collections.abc import AsyncIterator
from typing import Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import ReactionTypeEmoji, ReactionTypeUnion

from contracts.deliveries import Delivery, Result
from contracts.kinds import DeliveryKind, SendOutcome
from telegram_bot.deliver.card import show_card
from telegram_bot.deliver.compose import compose_changed
from telegram_bot.deliver.held import Held
from telegram_bot.deliver.pace import Pace, is_group
from telegram_bot.deliver.part import ANSWERED_WITHIN, UNCHANGED, edit_part, send_part
from telegram_bot.deliver.parts import Part, numbered
from telegram_bot.deliver.renaming import Renaming
from telegram_bot.deliver.staff_card import show_staff_card
from telegram_bot.words import Words

NOTHING: Final = "·"
"""What stands in a part the words do not reach any more: a message cannot be empty."""

GONE: Final = ("message to edit not found", "message to delete not found", "message_id_invalid")
"""What a 400 says, in lower case, when the reader has removed the message themselves: nothing is left to change."""

NO_TEXT: Final = ("there is no text in the message to edit",)
NO_CAPTION: Final = "there is no caption in the message to edit"
STAYS: Final = ("message can't be edited", "message can't be deleted", *NO_TEXT, NO_CAPTION)
"""What a 400 says, in lower case, of a message that cannot be changed, or not any more."""


async def change(bot: Bot, words: Words, pace: Pace, renaming: Renaming, delivery: Delivery) -> Result:
    """Make the change a delivery asks for and say what became of it; raises what Telegram says beyond the expected."""
    held = Held(pace, delivery.address)
    match delivery.kind:
        case DeliveryKind.EDIT:
            return await _edit(bot, words, held, renaming, delivery)
        case DeliveryKind.DELETE:
            return await _delete(bot, words, held, delivery)
        case DeliveryKind.REACT:
            return await _react(bot, delivery)
        case DeliveryKind.CARD if is_group(delivery.address):
            return await show_staff_card(bot, words, renaming, delivery)
        case DeliveryKind.CARD:
            return await show_card(bot, words, renaming, delivery)
        case _:
            return _result(delivery, SendOutcome.REFUSED, reason="kind_unknown")


async def _edit(bot: Bot, words: Words, held: Held, renaming: Renaming, delivery: Delivery) -> Result:
    """New words into every copy; what no longer fits follows, and what cannot be edited is sent anew, marked as changed."""
    parts = [part for part in compose_changed(words, delivery) if not part.is_empty]
    messages = list(numbered(parts))
    shown = False
    async for number, message in _in_pace(held, delivery):
        part, file = messages[number - 1] if number <= len(messages) else (Part(NOTHING), 0)
        if file or not part.text:
            shown = True  # a further file of an album, a sticker, a place: nothing of it can change
            continue
        try:
            await edit_part(bot, int(delivery.address), message, part)
        except TelegramBadRequest as error:
            if _says(error, STAYS):
                return await _send_anew(bot, words, held, renaming, delivery)
            if _says(error, GONE):
                continue
            if not _says(error, (UNCHANGED,)):
                raise
        shown = True
    if not shown:
        return _result(delivery, SendOutcome.REFUSED, reason="gone")
    # One id of each part there is, in order: what follows is found again under the numbers after them.
    known = list({target.part: target.channel_message_id for target in delivery.targets}.values())
    rest = [part for part, file in messages[len(known) :] if not file]
    more = await _follow(bot, held, renaming, delivery, rest, after=known[-1])
    return _result(delivery, SendOutcome.SENT, parts=[*known, *more] if more else [])


async def _send_anew(bot: Bot, words: Words, held: Held, renaming: Renaming, delivery: Delivery) -> Result:
    first = delivery.targets[0].channel_message_id
    # The words alone: files and places do not change, and are there.
    changed = compose_changed(words, delivery, mark=True)
    marked = [Part(part.text, part.entities) for part in changed if part.text.strip()]
    anew = await _follow(bot, held, renaming, delivery, marked, after=first)
    return _result(delivery, SendOutcome.SENT, parts=anew)


async def _follow(
    bot: Bot, held: Held, renaming: Renaming, delivery: Delivery, parts: list[Part], *, after: str
) -> list[str]:
    sent: list[str] = []
    for at, part in enumerate(parts):
        await held.further(len(parts) - at)
        sent += await send_part(bot, int(delivery.address), part, renaming, reply_to=after)
    return sent


async def _delete(bot: Bot, words: Words, held: Held, delivery: Delivery) -> Result:
    """Every copy out of the chat; one that is too old for that loses its words; whether one keeps them is told."""
    gone = Part(words.say(delivery.locale, "message-gone"))
    outcome, reason = SendOutcome.SENT, ""
    async for _, message in _in_pace(held, delivery):
        try:
            await bot.delete_message(int(delivery.address), int(message), request_timeout=ANSWERED_WITHIN)
        except TelegramBadRequest as error:
            if _says(error, GONE):
                continue
            if not _says(error, STAYS):
                raise
            if not await _is_emptied(bot, delivery, message, gone):
                outcome, reason = SendOutcome.REFUSED, "cannot_delete"
    return _result(delivery, outcome, reason=reason)


async def _is_emptied(bot: Bot, delivery: Delivery, message: str, gone: Part) -> bool:
    try:
        await edit_part(bot, int(delivery.address), message, gone)
    except TelegramBadRequest as error:
        if not _says(error, (*STAYS, *GONE, UNCHANGED)):
            raise
        if _says(error, NO_TEXT):
            await _empty_caption(bot, delivery, message, gone)
        return not _says(error, STAYS)
    return True


async def _empty_caption(bot: Bot, delivery: Delivery, message: str, gone: Part) -> None:
    """A file that stays in the chat loses at least the words under it."""
    try:
        await bot.edit_message_caption(
            chat_id=int(delivery.address),
            message_id=int(message),
            caption=gone.text,
            parse_mode=None,
            request_timeout=ANSWERED_WITHIN,
        )
    except TelegramBadRequest as error:
        if not _says(error, (*STAYS, *GONE, UNCHANGED)):
            raise


async def _react(bot: Bot, delivery: Delivery) -> Result:
    """One emoji, or none, on the newest copy of the last part; a sign Telegram does not take is refused like any request."""
    emoji: list[ReactionTypeUnion] = [ReactionTypeEmoji(emoji=delivery.emoji)] if delivery.emoji else []
    message = int(delivery.targets[-1].channel_message_id)
    await bot.set_message_reaction(int(delivery.address), message, reaction=emoji, request_timeout=ANSWERED_WITHIN)
    return _result(delivery, SendOutcome.SENT)


async def _in_pace(held: Held, delivery: Delivery) -> AsyncIterator[tuple[int, str]]:
    """Every message to change with the number of its part; the turn of the first was waited for with the delivery."""
    for at, target in enumerate(delivery.targets):
        if at:
            await held.further(len(delivery.targets) - at)
        yield target.part, target.channel_message_id


def _says(error: TelegramBadRequest, signs: tuple[str, ...]) -> bool:
    said = error.message.lower()
    return any(sign in said for sign in signs)


def _result(delivery: Delivery, outcome: SendOutcome, *, reason: str = "", parts: list[str] | None = None) -> Result:
    return Result(delivery=delivery.id, attempt=delivery.attempt, outcome=outcome, reason=reason, parts=parts or [])
