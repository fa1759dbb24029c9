"""One delivery to Telegram, and what can honestly be said of it afterwards."""

from functools import partial
from typing import Any, Final, cast

import msgspec
import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from contracts.deliveries import Delivery, Result
from contracts.kinds import DeliveryKind, SendOutcome
from telegram_bot.deliver.change import change
from telegram_bot.deliver.compose import CannotBeShown, compose
from telegram_bot.deliver.held import Held
from telegram_bot.deliver.judge import TOO_MANY, doubt, judged, keeps_out_voices
from telegram_bot.deliver.pace import CHAT_BURST, Pace
from telegram_bot.deliver.part import send_part
from telegram_bot.deliver.parts import Part
from telegram_bot.deliver.renaming import Renaming
from telegram_bot.deliver.topic import is_topic, send_in_topic
from telegram_bot.words import Words

log = structlog.get_logger(__name__)

KNOWN_KINDS: Final = frozenset(map(str, DeliveryKind))


async def send(bot: Bot, words: Words, pace: Pace, renaming: Renaming, delivery: Delivery) -> Result:
    """Make a delivery and say what became of it; never raises for anything Telegram or the network does."""
    if delivery.kind not in KNOWN_KINDS:
        return Result(
            delivery=delivery.id, attempt=delivery.attempt, outcome=SendOutcome.REFUSED, reason="kind_unknown"
        )
    if is_topic(delivery.address):
        return await send_in_topic(bot, delivery, partial(send, bot, words, pace, renaming))
    try:
        if delivery.kind != DeliveryKind.SEND:
            return await change(bot, words, pace, renaming, delivery)
        return await _send(bot, words, pace, renaming, delivery)
    except (CannotBeShown, ValueError):
        log.exception("delivery.unshowable", delivery_id=delivery.id)
        return Result(
            delivery=delivery.id, attempt=delivery.attempt, outcome=SendOutcome.REFUSED, reason="cannot_be_shown"
        )
    except Exception as error:  # noqa: BLE001 - whatever it was, the ledger has to hear of this attempt
        return judged(delivery, error)


async def _send(bot: Bot, words: Words, pace: Pace, renaming: Renaming, delivery: Delivery) -> Result:
    parts = [part for part in compose(words, delivery) if not part.is_empty]
    held = Held(pace, delivery.address)
    sent: list[str] = []
    for at, part in enumerate(parts):
        if sent:
            if held.is_over:
                return broken_off(delivery, sent)
            await held.further(len(parts) - at)
        elif part.messages > 1:
            await pace.to(delivery.address, min(part.messages, CHAT_BURST) - 1)
        try:
            sent += await _send_shown(
                bot, words, delivery, part, renaming, reply_to=None if sent else delivery.reply_to
            )
            # An album waits for as many turns as a chat has at once, and no longer: the ledger counts the seconds.
            await pace.went(delivery.address, part.messages - min(part.messages, CHAT_BURST))
        except Exception as error:  # noqa: BLE001 - whatever it was, the ledger has to hear of this attempt
            result = judged(delivery, error)
            if not sent or result.outcome is not SendOutcome.LATER:
                # What has arrived of it is there all the same, to be answered and taken back.
                told: Result = msgspec.structs.replace(cast("Any", result), parts=sent)  # checkers see no struct in it
                return told
            if result.reason == TOO_MANY:
                # The account says that it was broken off, so that whoever reads it there does not hear of this wait.
                await pace.told_to_wait(delivery.address, result.retry_after)
            return broken_off(delivery, sent, result.retry_after)
    return Result(delivery=delivery.id, attempt=delivery.attempt, outcome=SendOutcome.SENT, parts=sent)


async def _send_shown(
    bot: Bot, words: Words, delivery: Delivery, part: Part, renaming: Renaming, *, reply_to: str | None
) -> list[str]:
    """Send a part; in place of a voice that its reader's settings keep out, word that there is one."""
    chat = int(delivery.address)
    try:
        return await send_part(bot, chat, part, renaming, reply_to=reply_to)
    except TelegramBadRequest as error:
        if not keeps_out_voices(error):
            raise
        told = "\n".join(filter(None, (part.text, words.say(delivery.locale, "voice-kept-out"))))
        return await send_part(bot, chat, Part(told, part.entities, part.keyboard), renaming, reply_to=reply_to)


def broken_off(delivery: Delivery, sent: list[str], told: float = 0.0) -> Result:
    """A part of it has arrived: trying the whole again is a repeat, and has to be marked as one.

    `told`: the seconds Telegram wants us to wait.
    """
    return Result(
        delivery=delivery.id,
        attempt=delivery.attempt,
        outcome=SendOutcome.UNKNOWN,
        parts=sent,
        reason="broken_off",
        retry_after=max(doubt(delivery.attempt), told),
    )
