"""getUpdates: long polling with confirmation by offset."""

import asyncio

from telegram_simulator.call import Call
from telegram_simulator.refusals import BotApiError
from telegram_simulator.updates import UPDATE_TYPES, Update, Updates

LONGEST_SECONDS = 50
MOST_UPDATES = 100
_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def get_updates(call: Call) -> list[Update]:
    """Return unconfirmed updates, waiting up to `timeout` seconds for the first."""
    if call.bot.webhook is not None:
        raise BotApiError(409, _WEBHOOK)
    updates = call.world.updates[call.bot.id]
    updates.conflict(_OTHER)
    set_allowed(call)
    offset = call.integer("offset")
    limit = min(max(call.integer("limit", MOST_UPDATES), 1), MOST_UPDATES)
    seconds = min(max(call.integer("timeout"), 0), LONGEST_SECONDS)
    found = updates.take(offset, limit)
    if found or seconds == 0:
        return found
    try:
        async with asyncio.timeout(seconds):
            await updates.next_arrival()
    except TimeoutError:
        return []
    return updates.take(offset, limit)


def set_allowed(call: Call) -> None:
    """Remember which kinds of updates the bot wants from now on; absent means as before, empty means the default."""
    if "allowed_updates" not in call.values:
        return
    asked = call.items("allowed_updates", "allowed updates", "String")
    call.bot.allowed_updates = [kind for kind in asked if kind in UPDATE_TYPES] or None


def end_polls(updates: Updates) -> None:
    """End a waiting getUpdates because a webhook was set."""
    updates.conflict("Conflict: terminated by setWebhook request")
