"""A demand's card in a staff chat: sent once, edited with every change, made anew where somebody deleted it."""

import msgspec
from aiogram import Bot

from contracts.chats import Card
from contracts.deliveries import Delivery, Result
from contracts.kinds import DemandStatus
from telegram_bot import keyboards
from telegram_bot.deliver.card import is_edited, sent
from telegram_bot.deliver.compose import CannotBeShown
from telegram_bot.deliver.part import send_part
from telegram_bot.deliver.parts import Part
from telegram_bot.deliver.renaming import Renaming
from telegram_bot.staff_keyboards import under_card
from telegram_bot.when import moment
from telegram_bot.words import Words


async def show_staff_card(bot: Bot, words: Words, renaming: Renaming, delivery: Delivery) -> Result:
    """Make the card say what is so now; raises what Telegram says beyond the expected, `CannotBeShown` for another shape."""
    card = compose_card(words, delivery)
    for target in delivery.targets[:1]:
        if await is_edited(bot, delivery, target.channel_message_id, card):
            return sent(delivery)
    return sent(delivery, *await send_part(bot, int(delivery.address), card, renaming, reply_to=None))


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
        return Part(say("group-card-moved", number=card.number))
    heading = say("group-card-heading", number=card.number, place=card.place, resource=card.resource)
    if delivery.repeat and not delivery.targets:
        heading = f"{heading} · {say('repeat', reference=delivery.reference)}"
    is_over = card.status is DemandStatus.CLOSED
    lines = [
        heading,
        *([] if is_over or card.urgency == "normal" else [say(f"group-card-{card.urgency}")]),
        _state(say, card),
    ]
    asked_at = moment(card.submitted_at)
    if not is_over:
        lines.append(say("group-card-since", since=asked_at))
    if card.reports:
        lines.append(say("group-card-reports", count=card.reports))
    board = under_card(say, delivery.demand.id, card.status, card.version)
    return Part("\n".join(lines), keyboard=board or keyboards.rows(), dated=((asked_at, card.submitted_at),))


def _state(say: keyboards.Say, card: Card) -> str:
    match card.status:
        case DemandStatus.HELD:
            return say("group-card-held", alias=card.provider or "")
        case DemandStatus.CLOSED:
            return say("group-card-closed", reason=card.close_reason or "inactive")
        case _:
            return say("group-card-waiting")
