"""A demand's card in a staff chat: sent once, edited with every change, made anew where somebody deleted it."""

from typing import Final

import msgspec
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from contracts.chats import Card
from contracts.deliveries import Delivery, Result
from contracts.kinds import DemandStatus, SendOutcome
from telegram_bot import keyboards
from telegram_bot.deliver.compose import CannotBeShown, Part
from telegram_bot.deliver.part import edit_part, send_part
from telegram_bot.staff_keyboards import under_card
from telegram_bot.words import Words

UNCHANGED: Final = "message is not modified"
ANEW: Final = ("message to edit not found", "message_id_invalid", "message can't be edited")
"""What a 400 says, in lower case, when the card is not there any more, or cannot be changed."""


async def show_card(bot: Bot, words: Words, delivery: Delivery) -> Result:
    """Make the card say what is so now; raises what Telegram says beyond the expected, `CannotBeShown` for another shape."""
    part, chat = compose_card(words, delivery), int(delivery.address)
    for target in delivery.targets[:1]:
        try:
            await edit_part(bot, chat, target.channel_message_id, part)
        except TelegramBadRequest as error:
            said = error.message.lower()
            if UNCHANGED in said:
                break
            if not any(sign in said for sign in ANEW):
                raise
        else:
            break
    else:
        return _sent(delivery, [await send_part(bot, chat, part, reply_to=None)])
    return _sent(delivery, [])


def compose_card(words: Words, delivery: Delivery) -> Part:
    """The card as it reads now, with its first buttons."""
    if delivery.demand is None:
        raise CannotBeShown
    try:
        card = msgspec.convert(delivery.data, Card)
    except msgspec.ValidationError:
        raise CannotBeShown from None

    def say(key: str, /, **values: object) -> str:
        return words.say(delivery.locale, key, **values)

    if card.is_moved:
        return Part(say("card-moved", number=card.number))
    heading = say("card-heading", number=card.number, place=card.place, resource=card.resource)
    if delivery.repeat and not delivery.targets:
        heading = f"{heading} · {say('repeat', reference=delivery.reference)}"
    is_over = card.status is DemandStatus.CLOSED
    lines = [
        heading,
        *([] if is_over or card.urgency == "normal" else [say(f"card-{card.urgency}")]),
        _state(say, card),
    ]
    if not is_over:
        lines.append(say("card-since", since=f"{card.submitted_at:%d.%m %H:%M} UTC"))
    if card.reports:
        lines.append(say("card-reports", count=card.reports))
    board = under_card(say, delivery.demand.id, card.status, card.version)
    return Part("\n".join(lines), keyboard=board or keyboards.rows())


def _state(say: keyboards.Say, card: Card) -> str:
    match card.status:
        case DemandStatus.HELD:
            return say("card-held", alias=card.provider or "")
        case DemandStatus.CLOSED:
            return say("card-closed", reason=card.close_reason or "inactive")
        case _:
            return say("card-waiting")


def _sent(delivery: Delivery, parts: list[str]) -> Result:
    return Result(delivery=delivery.id, attempt=delivery.attempt, outcome=SendOutcome.SENT, parts=parts)
