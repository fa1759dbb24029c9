"""What whoever asked for help may answer to a notice by a button."""

from aiogram.types import InlineKeyboardMarkup

from contracts.deliveries import Delivery, DemandTag
from contracts.kinds import CloseReason, Notice
from telegram_bot import keyboards
from telegram_bot.keyboards import Say
from telegram_bot.pinned import card_board

FINAL = frozenset({CloseReason.MODERATED, CloseReason.DUPLICATE})
"""Ends that are not the requester's to undo."""


def for_requester(say: Say, delivery: Delivery, tag: DemandTag) -> InlineKeyboardMarkup | None:
    """The buttons under a notice about a demand of one's own; each says the version it was made for."""
    match delivery.notice:
        case Notice.RECEIVED if tag.is_active:
            return card_board(say, tag)
        case Notice.CLOSED if not tag.is_active and delivery.data.get("reason") not in FINAL:
            return keyboards.after_the_end(
                say, tag.id, tag.version, was_helped=delivery.data.get("reason") == "fulfilled"
            )
        case _:
            return None
