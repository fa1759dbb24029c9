"""A card: one message that says how something stands now, changed in place for as long as it is there."""

from typing import Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from contracts.deliveries import Delivery, Result
from contracts.kinds import Notice, OfferState, SendOutcome
from telegram_bot.deliver.compose import compose
from telegram_bot.deliver.part import UNCHANGED, edit_part, send_part
from telegram_bot.deliver.parts import Part
from telegram_bot.deliver.renaming import Renaming
from telegram_bot.words import Words

LOST: Final = (
    "message to edit not found",
    "message_id_invalid",
    "message can't be edited",
    "there is no text in the message to edit",
)
"""What a 400 says, in lower case, of a message that is not there to be changed, or not any more."""


async def show_card(bot: Bot, words: Words, renaming: Renaming, delivery: Delivery) -> Result:
    """Edit the newest message the card became; where there is none any more, send it again, if it still asks for something."""
    [card] = compose(words, delivery)
    for target in reversed(delivery.targets):
        if await is_edited(bot, delivery, target.channel_message_id, card):
            return sent(delivery)
    if delivery.notice == Notice.OFFERED and delivery.data.get("state") != OfferState.OPEN:
        return sent(delivery)
    return sent(delivery, *await send_part(bot, int(delivery.address), card, renaming, reply_to=None))


async def is_edited(bot: Bot, delivery: Delivery, message: str, card: Part) -> bool:
    """Whether a message says what the card says now; not one that is not there to be changed any more."""
    try:
        await edit_part(bot, int(delivery.address), message, card)
    except TelegramBadRequest as error:
        said = error.message.lower()
        if UNCHANGED in said:
            return True
        if any(sign in said for sign in LOST):
            return False
        raise
    return True


def sent(delivery: Delivery, *parts: str) -> Result:
    """It was made, as these new messages if it was not an edit."""
    return Result(delivery=delivery.id, attempt=delivery.attempt, outcome=SendOutcome.SENT, parts=list(parts))
