"""Which conversation a message belongs to, and which line of it."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from aiogram.types import Message

from contracts.deliveries import Located, LocateDelivery
from contracts.demands import DemandLine
from contracts.kinds import Audience, EntryKind
from contracts.operations.messages import DELIVERIES_LOCATE
from contracts.shapes import DemandId
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.relay.apart import AGAIN, OF_NOTICE, answers_apart
from telegram_bot.routers.relay.headings import headed
from telegram_bot.routers.relay.recent import album_with
from telegram_bot.turn import Turn

FRESH: Final = timedelta(seconds=10)
"""How long a message of ours may be on its way into the ledger."""

ASKED_AGAIN: Final = (0.05, 0.15, 0.4)
"""Seconds between questions for a message that may be on its way into the ledger."""


async def answered(message: Message, turn: Turn) -> dict[str, str]:
    """Where a reply belongs, as `demand` and `reply_to`; nothing for what is no reply to anything of ours.

    Of a reply to a `note` there is its audience in place of `reply_to`: the others must not read what answers it. What
    answers something of which there is no conversation has the sentence to say to it as `apart`. What answers a message of
    ours that is nobody's words is `unsure`: whom it is for has to be asked (docs/decisions/0015).
    """
    found = message.reply_to_message
    if found is None:
        return {}
    if known := answers_apart(turn, found):
        return known
    located = await locate(turn, found, message.date)
    if located.demand is not None:
        return of_line(located.demand, located)
    if located.notice in OF_NOTICE:
        return {"apart": OF_NOTICE[located.notice]}
    if not is_of(found, turn.bot.id):
        return {}
    return headed(found.text or found.caption or "", (await turn.me()).demands) or {"unsure": "answers"}


def of_line(demand: DemandId, located: Located) -> dict[str, str]:
    """Where a reply to a line belongs."""
    if located.kind is EntryKind.NOTE:
        if located.is_own and located.audience is Audience.PROVIDER:
            return {"apart": AGAIN["whisper"]}
        return {"demand": str(demand), "note": (located.audience or Audience.MODERATORS).value}
    line = {"reply_to": str(located.message)} if located.message is not None else {}
    return {"demand": str(demand)} | line


async def locate(turn: Turn, found: Message, at: datetime) -> Located:
    """Which line of which conversation a message is.

    Who answers within a moment may be faster than the ledger hears of the delivery: then it is asked again.
    """
    is_fresh = is_of(found, turn.bot.id) and at - found.date < FRESH
    return await locate_by_id(turn, found.message_id, again=is_fresh)


async def locate_by_id(turn: Turn, message_id: int, *, again: bool) -> Located:
    """Which line of which conversation the message of this id is; `again`: the ledger may be about to hear of it."""
    # An album is known in the ledger by its first message.
    album = album_with(turn, message_id)
    first = message_id if album is None else album["message"]
    asked = LocateDelivery(address=str(turn.chat), channel_message_id=str(first))
    for pause in ASKED_AGAIN if again else ():
        located = await turn.channel_call(DELIVERIES_LOCATE, asked)
        if located.demand is not None:
            return located
        await asyncio.sleep(pause)
    return await turn.channel_call(DELIVERIES_LOCATE, asked)


def is_of(message: Message, user: int) -> bool:
    """Whether somebody wrote a message."""
    return message.from_user is not None and message.from_user.id == user


def waits(turn: Turn) -> bool:
    """Whether words are kept whose writer was asked whom they are for: what follows them must not overtake them."""
    return any("left" not in one for one in turn.step.data.get("held", []))


async def meant(
    turn: Turn, steps: Steps, active: list[DemandLine], about: str = "words", undoubted: Iterable[DemandId] = ()
) -> DemandId | None:
    """The conversation words without an address are for; None when their writer has to be asked (docs/decisions/0015).

    It is the only one of `active`, or the chosen one, and neither once the chat has heard from any other than that and the
    `undoubted`. An update that is handled again gets the same answer for what it is `about`.
    """
    chosen = turn.step.data.get("demand")
    found = active if len(active) == 1 else [one for one in active if str(one.id) == chosen]
    likely = str(found[0].id) if found else ""
    decided = await steps.decided(turn.update_id, turn.chat, about, likely, *map(str, undoubted))
    return DemandId(UUID(decided)) if decided else None
