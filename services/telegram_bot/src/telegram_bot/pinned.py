"""The card of a demand in its requester's chat: one message, pinned while the demand goes on, changed as it changes.

It is the message that says that the request came in. What the card shows is never trusted: its buttons carry the demand's
version, and the api refuses what was pressed on an older one.
"""

from typing import Final

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from contracts.deliveries import Delivery, DemandTag, Result
from contracts.demands import Demand
from contracts.kinds import DeliveryKind, DemandStatus, Notice, Role, SendOutcome
from telegram_bot import keyboards
from telegram_bot.callbacks import Verb
from telegram_bot.intake.steps import Steps
from telegram_bot.keyboards import Say
from telegram_bot.shown import NO_PREVIEW
from telegram_bot.words import Words

log = structlog.get_logger(__name__)

ENDED: Final = "closed"


def card_text(say: Say, of: Demand | DemandTag) -> str:
    """What the card says of a demand."""
    status = of.status or DemandStatus.WAITING
    return f"№{of.number} · {of.place} · {of.resource}\n{say(f'pinned-{status}')}"


def card_board(say: Say, of: Demand | DemandTag) -> InlineKeyboardMarkup | None:
    """What its requester may do with a demand from its card."""
    if of.status == ENDED:
        return None

    def about(key: str, verb: Verb) -> list[InlineKeyboardButton]:
        return [keyboards.button(say(key), verb, of.id, of.version)]

    return keyboards.rows(
        about("button-help-received", Verb.CLOSE),
        about("button-someone-else", Verb.RELEASE) if of.status == DemandStatus.HELD else [],
        [*about("button-share-contact", Verb.SHARE), *about("button-report", Verb.REPORT)],
        [keyboards.button(say("button-hide"), Verb.HIDE)],
    )


async def show_card(bot: Bot, steps: Steps, say: Say, chat: int, of: Demand | DemandTag, *, anew: bool = False) -> None:
    """Bring the card up to date, if we know where it is, and take it down at the end; `anew` puts it up again.

    No harm is done where Telegram does not let us. Raises what Redis does.
    """
    message_id = await steps.pinned(chat, str(of.id))
    if message_id is None:
        return
    try:
        await bot.edit_message_text(
            card_text(say, of),
            chat_id=chat,
            message_id=message_id,
            parse_mode=None,
            link_preview_options=NO_PREVIEW,
            reply_markup=card_board(say, of),
        )
    except TelegramAPIError as refused:
        log.info("card.unchanged", reason=type(refused).__name__)
    if anew or of.status == ENDED:
        await _pin(bot, chat, message_id, pinned=of.status != ENDED)


async def after_delivery(bot: Bot, words: Words, steps: Steps, delivery: Delivery, result: Result) -> None:
    """Pin the card that was just delivered, or bring it up to date after word of a change. Raises what Redis does."""
    tag = delivery.demand
    if tag is None or result.outcome is not SendOutcome.SENT or delivery.kind != DeliveryKind.SEND:
        return
    if delivery.notice is None or tag.viewer_role != Role.REQUESTER:
        return
    chat = int(delivery.address)
    if delivery.notice == Notice.RECEIVED and result.parts:
        await steps.pin(chat, str(tag.id), int(result.parts[0]))
        await _pin(bot, chat, int(result.parts[0]), pinned=tag.status != ENDED)
        return
    if delivery.notice in CHANGING:

        def say(key: str, /, **values: object) -> str:
            return words.say(delivery.locale, key, **values)

        await show_card(bot, steps, say, chat, tag, anew=delivery.notice == Notice.REOPENED)


CHANGING: Final = frozenset(
    {
        Notice.PROVIDER_JOINED, Notice.LOOKING_FOR_ANOTHER, Notice.CLOSED, Notice.REOPENED, Notice.DEMAND_UPDATED,
        Notice.URGENCY_CHANGED, Notice.LEFT_WAITING,
    }
)  # fmt: skip
"""Notices after which the card may say something else, or its buttons have another version to carry."""


async def _pin(bot: Bot, chat: int, message_id: int, *, pinned: bool) -> None:
    try:
        if pinned:
            await bot.pin_chat_message(chat, message_id, disable_notification=True)
        else:
            await bot.unpin_chat_message(chat, message_id=message_id)
    except TelegramAPIError as refused:
        log.info("card.unpinned", reason=type(refused).__name__)
