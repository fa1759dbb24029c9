"""When an album is whole: Telegram sends each of its messages alone and marks no last one.

Only the last message of an album sends it, and is not handled before that is done: whoever dies in between finds the
earlier ones in the step and this one in the stream. What comes later still is an album of its own.
"""

import asyncio
import contextlib
import time
from typing import Final

import msgspec

from telegram_bot.intake.heads import head_of
from telegram_bot.intake.lane import Held, Lane
from telegram_bot.intake.steps import Steps

COMPANY_WITHIN: Final = 0.7
"""Seconds the message of an album waits for the next one; phones send them in one breath."""

ENDED: Final = "album.ended"


async def goes_on(steps: Steps, lane: Lane, held: Held) -> bool:
    """Whether the next update of the chat belongs to the same album; waits for it up to `COMPANY_WITHIN`.

    An answer of no is noted first: handled again, the same message ends the same album, whatever has come since.
    """
    if not held.album or await steps.noted(held.update_id, ENDED):
        return False
    until = time.monotonic() + COMPANY_WITHIN
    while True:
        lane.changed.clear()
        following = await steps.following(held.chat, held.update_id)
        if following is not None:
            if album_of(following) == held.album:
                return True
            break
        left = until - time.monotonic()
        if left <= 0:
            break
        # What another process took in is noticed at the end of the wait, what this one did at once.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                await lane.changed.wait()
    await steps.answers(held.update_id, ENDED)
    return False


def album_of(update: bytes) -> str:
    """The album an update belongs to; empty when it is none, or cannot be read."""
    try:
        return head_of(update).album
    except msgspec.DecodeError:
        return ""
