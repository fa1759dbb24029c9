"""What whoever asked for help may answer to a notice by a button."""

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from contracts.deliveries import Delivery, DemandTag
from contracts.kinds import CloseReason, Notice
from telegram_bot import keyboards
from telegram_bot.callbacks import Verb
from telegram_bot.keyboards import Say
from telegram_bot.pinned import card_board

FINAL = frozenset({CloseReason.MODERATED, CloseReason.DUPLICATE})
"""Ends that are not the requester's to undo."""


def for_requester(say: Say, delivery: Delivery, tag: DemandTag) -> InlineKeyboardMarkup | None:
    """The buttons under a notice about a demand of one's own; each says the version it was made for."""

    def about(key: str, verb: Verb) -> InlineKeyboardButton:
        return keyboards.button(say(key), verb, tag.id, tag.version)

    rows: list[list[InlineKeyboardButton]] = []
    match delivery.notice:
        case Notice.RECEIVED if tag.is_active:
            return card_board(say, tag)
        case Notice.PROVIDER_JOINED if tag.is_active:
            # Who waits for help with several requests answers here by one tap, and is not asked which one they mean.
            rows = [[about("button-write", Verb.WRITE)]]
        case Notice.DONE_ASKED if tag.is_active:
            rows = [[about("button-arrived", Verb.ARRIVED), about("button-not-yet", Verb.NOT_YET)]]
        case Notice.STILL_NEEDED if tag.is_active:
            rows = [[about("button-still-needed", Verb.STILL_NEEDED)], [about("button-no-longer", Verb.NO_LONGER)]]
        case Notice.STILL_WAITING if tag.is_active:
            rows = [[about("button-no-longer", Verb.NO_LONGER)]]
        case Notice.CLOSED if not tag.is_active and delivery.data.get("reason") not in FINAL:
            return keyboards.after_the_end(
                say, tag.id, tag.version, was_helped=delivery.data.get("reason") == "fulfilled"
            )
    return keyboards.rows(*rows) if rows else None
